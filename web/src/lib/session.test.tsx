import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { cleanup, fireEvent, render, screen } from '@testing-library/react';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { choose, setUpLanguages } from '../i18n';
import type { Profile } from '../wire';
import { SessionProvider, useProfile, useSession } from './session';

const boss = {
  login: 'boss',
  role: 'supervisor',
  queues: [],
  agents: [],
  not_ready: [],
} as unknown as Profile;

class Silent {
  static readonly OPEN = 1;
  readyState = 0;
  close() {}
  send() {}
  addEventListener() {}
  removeEventListener() {}
}

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

function open() {
  const client = new QueryClient({
    defaultOptions: { queries: { staleTime: Number.POSITIVE_INFINITY, retry: false } },
  });
  client.setQueryData(['me'], boss);
  render(
    <QueryClientProvider client={client}>
      <Gate />
    </QueryClientProvider>,
  );
  return client;
}

beforeEach(() => {
  setUpLanguages();
  choose('en');
  vi.stubGlobal('WebSocket', Silent);
});

afterEach(() => {
  cleanup();
  vi.unstubAllGlobals();
  localStorage.clear();
});

test('who could not be signed out is not told otherwise', async () => {
  vi.stubGlobal('fetch', () => Promise.reject(new TypeError('no network')));
  const client = open();
  fireEvent.click(screen.getByText('sign out'));
  expect(await screen.findByText(/still signed in/)).toBeTruthy();
  expect(client.getQueryData(['me'])).toEqual(boss);
});

test('a session that is over already is signed out', async () => {
  vi.stubGlobal('fetch', () =>
    Promise.resolve(new Response('{"code":"unauthorized","message":""}', { status: 401 })),
  );
  const client = open();
  fireEvent.click(screen.getByText('sign out'));
  expect(await screen.findByText('door')).toBeTruthy();
  expect(client.getQueryData(['me'])).toBeNull();
});
