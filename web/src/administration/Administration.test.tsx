import { fireEvent, screen, waitFor } from '@testing-library/react';
import { expect, test } from 'vitest';
import { choose } from '../i18n';
import { SessionProvider } from '../lib/session';
import { answer, eachOnItsOwnStage, serve, show } from '../lib/stage';
import type { Account, AuditEntry, Profile } from '../wire';
import { Administration } from './Administration';

eachOnItsOwnStage();

const root = {
  login: 'root',
  role: 'admin',
  queues: [{ queue: 'consult', title: { en: 'Consultation', zh: '咨询' } }],
  agents: [{ agent: 'li', name: '李娜', names: { en: 'Li Na', zh: '李娜' } }],
  not_ready: [],
  centre: { name: { en: 'Hotline', zh: '热线' } },
} as unknown as Profile;

/** A server with two accounts; what is asked of it is written down. */
function server(password = 200) {
  const created = '2026-11-01T08:00:00Z';
  const li: Account = {
    login: 'li',
    name: '李娜',
    names: { en: 'Li Na', zh: '李娜' },
    role: 'agent',
    agent: 'li',
    queues: ['consult'],
    skills: { english: 60 },
    sessions: 1,
    last_in: created,
    created,
  };
  const entries: AuditEntry[] = [
    { id: 2, at: created, login: 'root', addr: '192.0.2.7', act: 'password-set', about: 'li' },
    {
      id: 1,
      at: created,
      login: 'li',
      addr: '192.0.2.8',
      act: 'recording-played',
      about: 'r-1',
      text: 'call c-1',
    },
  ];
  return serve((asked) => {
    if (asked === 'GET /api/accounts')
      return answer({ accounts: [li, { login: 'root', name: '', role: 'admin', sessions: 1, created }] });
    if (asked.startsWith('GET /api/audit')) return answer({ entries });
    if (asked === 'POST /api/accounts/li/password')
      return password === 200
        ? answer({ password: 'abcd-efgh-jkmn' })
        : answer({ code: 'unavailable', message: 'The archive is away.' }, password);
    return asked === 'DELETE /api/accounts/li/sessions'
      ? new Response(null, { status: 204 })
      : answer({ code: 'not-found', message: asked }, 404);
  });
}

function open(search = '') {
  history.replaceState(null, '', `/administration${search}`);
  show(
    <SessionProvider profile={root}>
      <Administration />
    </SessionProvider>,
  );
}

test('nobody is signed out by one click', async () => {
  const asked = server();
  open();
  fireEvent.click(await screen.findByTestId('account-li-out'));
  expect(asked.filter((a) => a.startsWith('DELETE'))).toEqual([]);
  fireEvent.click(screen.getByTestId('account-li-sure'));
  await waitFor(() => expect(asked).toContain('DELETE /api/accounts/li/sessions'));
  expect(screen.queryByTestId('account-root-out')).toBeNull();
});

test('a new password is shown until it is closed', async () => {
  server();
  open();
  fireEvent.click(await screen.findByTestId('account-li-password'));
  fireEvent.click(screen.getByTestId('account-li-sure'));
  expect((await screen.findByTestId('new-password')).textContent).toBe('abcd-efgh-jkmn');
  fireEvent.click(screen.getByText('Close'));
  await waitFor(() => expect(screen.queryByTestId('new-password')).toBeNull());
});

test('what did not work is said', async () => {
  server(503);
  open();
  fireEvent.click(await screen.findByTestId('account-li-password'));
  fireEvent.click(screen.getByTestId('account-li-sure'));
  expect((await screen.findByRole('alert')).textContent).toContain('The archive is away.');
});

test("the server's own English is not shown to a Chinese reader", async () => {
  choose('zh');
  server(503);
  open();
  fireEvent.click(await screen.findByTestId('account-li-password'));
  fireEvent.click(screen.getByTestId('account-li-sure'));
  expect((await screen.findByRole('alert')).textContent).not.toMatch(/[a-z]{3}/i);
});

test('a person is found among many', async () => {
  server();
  open();
  await screen.findByTestId('account-root');
  fireEvent.change(screen.getByTestId('accounts-find'), { target: { value: '李' } });
  expect(screen.queryByTestId('account-root')).toBeNull();
  expect(screen.getByTestId('account-li')).toBeTruthy();
  fireEvent.change(screen.getByTestId('accounts-find'), { target: { value: 'nobody' } });
  expect(screen.getByText('Nobody by that name.')).toBeTruthy();
});

test('the audit is read in the reader’s language, and opens the call', async () => {
  const asked = server();
  choose('zh');
  open('?person=li&day=2026-11-01');
  const line = await screen.findByTestId('audit-recording-played');
  expect(line.textContent).toContain('收听录音');
  expect(line.querySelector('a')?.getAttribute('href')).toBe('/calls/c-1');
  await waitFor(() => expect(line.textContent).toContain('李娜'));
  const query = new URLSearchParams(asked.find((a) => a.includes('/api/audit'))?.split('?')[1]);
  expect(query.get('login')).toBe('li');
  expect(query.get('from')).toBe(new Date(2026, 10, 1).toISOString());
});
