import { act, fireEvent, screen } from '@testing-library/react';
import { expect, test, vi } from 'vitest';
import { SessionProvider } from '../lib/session';
import { answer, eachOnItsOwnStage, serve, show } from '../lib/stage';
import type { Command, Me, Profile } from '../wire';
import { CallBar } from './CallBar';

eachOnItsOwnStage();

const li = {
  login: 'li',
  role: 'agent',
  agent: 'li',
  queues: [
    { queue: 'consult', title: { en: 'Questions', zh: '咨询' } },
    { queue: 'complaint', title: { en: 'Complaints', zh: '投诉' } },
  ],
  agents: [
    { agent: 'li', name: '李娜', names: { en: 'Li Na' }, queues: [], state: 'talking' },
    { agent: 'wang', name: '王强', names: { en: 'Wang Qiang' }, queues: [], state: 'ready' },
  ],
  not_ready: [],
  centre: { name: { en: 'Hotline', zh: '热线' } },
} as unknown as Profile;

const now = () => new Date().toISOString();
const call = () => ({
  call: 'c1',
  queue: 'consult',
  caller: { number: '+8613800138000' },
  lang: 'zh',
  path: [],
  ticket: 't1',
  connected: now(),
});

/** The bar of an agent, and the server's end of the websocket: what it tells, and the commands that it got. */
async function bar(first: Partial<Me>) {
  serve(() => answer(li));
  const got: Command[] = [];
  let seq = 0;
  let tell: (me: Partial<Me>) => void = () => {};
  vi.stubGlobal(
    'WebSocket',
    class {
      static readonly OPEN = 1;
      readyState = 0;
      onopen?: () => void;
      onmessage?: (e: { data: string }) => void;
      constructor() {
        queueMicrotask(() => {
          this.readyState = 1;
          this.onopen?.();
        });
      }
      close() {}
      say(m: object) {
        this.onmessage?.({ data: JSON.stringify({ v: 1, ...m }) });
      }
      send(text: string) {
        const m = JSON.parse(text);
        if (m.type === 'command') {
          got.push(m.data);
          this.say({ type: 'reply', id: m.id, data: { ok: true } });
        }
        if (m.type !== 'subscribe' || m.topic !== 'me') return;
        tell = (me) => {
          seq++;
          const data = { agent: 'li', since: now(), day: {}, ...me };
          this.say({ topic: 'me', epoch: 'e', seq, type: seq === 1 ? 'snapshot' : 'delta', data });
        };
        tell(first);
      }
    },
  );
  show(
    <SessionProvider profile={li}>
      <CallBar />
      <textarea aria-label="ticket" />
    </SessionProvider>,
  );
  await screen.findByTestId('call-bar');
  return { got, tell: (me: Partial<Me>) => act(() => tell(me)) };
}

test('an offer, the caller who is on, and the wrap-up are spoken', async () => {
  const { tell } = await bar({ state: 'ready' });
  const spoken = screen.getByTestId('spoken');
  await vi.waitFor(() => expect(spoken.textContent).toContain('The next call comes here'));
  expect(spoken.getAttribute('aria-live')).toBe('assertive');
  const offer = { offer: 'o1', ...call(), why: '', entered: now(), until: now() };
  tell({ state: 'offered', offer } as unknown as Me);
  expect(spoken.textContent).toMatch(/^Incoming call\. 138-0013-8000, Questions\. Enter accepts/);
  tell({ state: 'held', call: call() } as unknown as Me);
  expect(spoken.textContent).toContain('The caller hears music');
  tell({ state: 'wrap-up', wrap_up: { since: now(), until: now(), extensions: 0 } } as unknown as Me);
  expect(spoken.textContent).toMatch(/^Wrap-up/);
});

test('an offer names the key that accepts it where the focus is', async () => {
  const offer = { offer: 'o1', ...call(), why: '', entered: now(), until: now() };
  await bar({ state: 'offered', offer } as unknown as Me);
  const accept = await screen.findByTestId('accept');
  expect(accept.textContent).not.toContain('Ctrl');
  act(() => screen.getByLabelText('ticket').focus());
  await vi.waitFor(() => expect(accept.textContent).toContain('Ctrl + Enter'));
});

test('a call is passed on by keys alone', async () => {
  const { got } = await bar({ state: 'talking', call: call() } as unknown as Me);
  await screen.findByTestId('transfer');
  fireEvent.keyDown(document.body, { code: 'KeyT', key: 't', altKey: true });
  const search = await screen.findByTestId('transfer-search');
  act(() => search.focus());

  fireEvent.keyDown(search, { key: 'ArrowDown' });
  expect(document.activeElement).toBe(screen.getByTestId('transfer-queue-consult'));
  fireEvent.keyDown(document.activeElement as Element, { key: 'ArrowUp' });
  expect(document.activeElement).toBe(search);

  fireEvent.keyDown(search, { key: 'Enter' }); // three are left: nobody is chosen by chance
  expect(got).toEqual([]);
  fireEvent.change(search, { target: { value: 'wang' } });
  fireEvent.keyDown(search, { key: 'Enter', isComposing: true });
  expect(got).toEqual([]);
  fireEvent.keyDown(search, { key: 'Enter' });
  await vi.waitFor(() => expect(got).toMatchObject([{ do: 'transfer', call: 'c1', to_agent: 'wang' }]));
});

test('buttons of the bar tell their keys, and whether what they open is open', async () => {
  await bar({ state: 'held', call: { ...call(), held_since: now() } } as unknown as Me);
  const hold = await screen.findByTestId('retrieve');
  expect(hold.getAttribute('aria-keyshortcuts')).toBe('Alt+H');
  expect(hold.getAttribute('aria-pressed')).toBeNull(); // its word says it
  const transfer = screen.getByTestId('transfer');
  expect(transfer.getAttribute('aria-expanded')).toBe('false');
  fireEvent.click(transfer);
  expect(transfer.getAttribute('aria-expanded')).toBe('true');
});
