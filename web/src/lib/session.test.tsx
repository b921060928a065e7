import { fireEvent, screen } from '@testing-library/react';
import { expect, test } from 'vitest';
import type { Profile } from '../wire';
import { SessionProvider, useProfile, useSession } from './session';
import { answer, eachOnItsOwnStage, serve, show } from './stage';

eachOnItsOwnStage();

const boss = {
  login: 'boss',
  role: 'supervisor',
  queues: [],
  agents: [],
  not_ready: [],
} as unknown as Profile;

function Page() {
  const { signOut, trouble } = useSession();
  return (
    <button type="button" onClick={() => void signOut()}>
      {trouble || 'sign out'}
    </button>
  );
}

/** What stands around the pages, as in SignedIn. */
function Gate() {
  const { data: profile } = useProfile();
  if (!profile) return <p>door</p>;
  return (
    <SessionProvider profile={profile}>
      <Page />
    </SessionProvider>
  );
}

test('who could not be signed out is not told otherwise', async () => {
  serve(() => {
    throw new TypeError('no network');
  });
  const client = show(<Gate />, boss);
  fireEvent.click(screen.getByText('sign out'));
  expect(await screen.findByText(/still signed in/)).toBeTruthy();
  expect(client.getQueryData(['me'])).toEqual(boss);
});

test('a session that is over already is signed out', async () => {
  serve(() => answer({ code: 'unauthorized', message: '' }, 401));
  const client = show(<Gate />, boss);
  fireEvent.click(screen.getByText('sign out'));
  expect(await screen.findByText('door')).toBeTruthy();
  expect(client.getQueryData(['me'])).toBeNull();
});
