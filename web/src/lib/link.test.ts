import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { Envelope } from '../wire';
import { CommandError, Link, type Socket } from './link';

class FakeSocket implements Socket {
  readyState = 0;
  onopen: ((e: unknown) => void) | null = null;
  onmessage: ((e: { data: unknown }) => void) | null = null;
  onclose: ((e: { code: number; reason: string }) => void) | null = null;
  sent: Envelope[] = [];
  closed = false;
  send(text: string) {
    this.sent.push(JSON.parse(text));
  }
  close() {
    this.closed = true;
    this.readyState = 3;
  }
  open() {
    this.readyState = 1;
    this.onopen?.({});
  }
  say(m: Partial<Envelope>) {
    this.onmessage?.({ data: JSON.stringify({ v: 1, ...m }) });
  }
  fall(reason = '') {
    this.readyState = 3;
    this.onclose?.({ code: 1006, reason });
  }
  of(type: string) {
    return this.sent.filter((m) => m.type === type);
  }
}

let sockets: FakeSocket[] = [];
const last = () => sockets[sockets.length - 1] as FakeSocket;

function newLink() {
  return new Link({
    url: 'ws://here/api/ws',
    random: () => 1,
    open: () => {
      const s = new FakeSocket();
      sockets.push(s);
      return s;
    },
  });
}

beforeEach(() => {
  sockets = [];
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

describe('topics', () => {
  test('a subscription gets its snapshot and then deltas in order', () => {
    const link = newLink();
    const seen: unknown[] = [];
    link.subscribe('me', (kind, data) => seen.push([kind, data]));
    last().open();
    expect(last().of('subscribe')).toMatchObject([{ topic: 'me', data: {} }]);
    last().say({ type: 'snapshot', topic: 'me', epoch: 'a', seq: 4, data: 1 });
    last().say({ type: 'delta', topic: 'me', epoch: 'a', seq: 5, data: 2 });
    expect(seen).toEqual([
      ['snapshot', 1],
      ['delta', 2],
    ]);
    link.close();
  });

  test('after a lost connection it names the epoch and the last seq, and takes the missed deltas', () => {
    const link = newLink();
    const seen: unknown[] = [];
    link.subscribe('me', (_, data) => seen.push(data));
    last().open();
    last().say({ type: 'snapshot', topic: 'me', epoch: 'a', seq: 4, data: 1 });
    last().fall();
    expect(link.state).toBe('lost');
    vi.advanceTimersByTime(250);
    expect(sockets).toHaveLength(2);
    last().open();
    expect(link.state).toBe('open');
    expect(last().of('subscribe')).toMatchObject([{ topic: 'me', data: { epoch: 'a', seq: 4 } }]);
    last().say({ type: 'delta', topic: 'me', epoch: 'a', seq: 5, data: 2 });
    expect(seen).toEqual([1, 2]);
    link.close();
  });

  test('a delta seen twice is taken once', () => {
    const link = newLink();
    const seen: unknown[] = [];
    link.subscribe('me', (_, data) => seen.push(data));
    last().open();
    last().say({ type: 'snapshot', topic: 'me', epoch: 'a', seq: 4, data: 1 });
    last().say({ type: 'delta', topic: 'me', epoch: 'a', seq: 4, data: 'again' });
    expect(seen).toEqual([1]);
    expect(last().of('subscribe')).toHaveLength(1);
    link.close();
  });

  test('a hole in the numbers asks for a snapshot and shows nothing in between', () => {
    const link = newLink();
    const seen: unknown[] = [];
    link.subscribe('board', (_, data) => seen.push(data));
    last().open();
    last().say({ type: 'snapshot', topic: 'board', epoch: 'a', seq: 4, data: 1 });
    last().say({ type: 'delta', topic: 'board', epoch: 'a', seq: 6, data: 'late' });
    last().say({ type: 'delta', topic: 'board', epoch: 'a', seq: 7, data: 'later' });
    expect(seen).toEqual([1]);
    expect(last().of('subscribe')[1]?.data).toEqual({});
    last().say({ type: 'snapshot', topic: 'board', epoch: 'a', seq: 7, data: 2 });
    expect(seen).toEqual([1, 2]);
    link.close();
  });

  test('another epoch means a snapshot, whatever the number says', () => {
    const link = newLink();
    const seen: unknown[] = [];
    link.subscribe('board', (_, data) => seen.push(data));
    last().open();
    last().say({ type: 'snapshot', topic: 'board', epoch: 'a', seq: 4, data: 1 });
    last().say({ type: 'delta', topic: 'board', epoch: 'b', seq: 5, data: 'foreign' });
    expect(seen).toEqual([1]);
    expect(last().of('subscribe')).toHaveLength(2);
    link.close();
  });
});

describe('commands', () => {
  test('a reply settles its command, a refusal carries code and message', async () => {
    const link = newLink();
    last().open();
    const good = link.command({ do: 'ready' });
    const bad = link.command({ do: 'hold' });
    const [a, b] = last().of('command');
    last().say({ type: 'reply', id: a?.id, data: { ok: true } });
    last().say({
      type: 'reply',
      id: b?.id,
      data: { ok: false, error: { code: 'illegal', message: 'no call' } },
    });
    await expect(good).resolves.toBeUndefined();
    await expect(bad).rejects.toMatchObject({ code: 'illegal', message: 'no call' });
    link.close();
  });

  test('an unanswered command is repeated once after a reconnect, under the same id', async () => {
    const link = newLink();
    last().open();
    const accept = link.command({ do: 'accept', offer: 'o1' });
    const id = last().of('command')[0]?.id;
    last().fall();
    vi.advanceTimersByTime(250);
    last().open();
    expect(last().of('command')).toMatchObject([{ id, data: { do: 'accept', offer: 'o1' } }]);
    last().fall();
    vi.advanceTimersByTime(250);
    const refused = expect(accept).rejects.toBeInstanceOf(CommandError);
    last().open();
    expect(last().of('command')).toHaveLength(0);
    await refused;
    link.close();
  });

  test('a command given while the link is down goes out when it is back', () => {
    const link = newLink();
    last().open();
    last().fall();
    void link.command({ do: 'end' }).catch(() => {});
    vi.advanceTimersByTime(250);
    last().open();
    expect(last().of('command')).toHaveLength(1);
    link.close();
  });

  test('nobody waits for ever: an unreachable server refuses after the patience is over', async () => {
    const link = newLink();
    const lost = expect(link.command({ do: 'ready' })).rejects.toMatchObject({ code: 'unavailable' });
    await vi.advanceTimersByTimeAsync(15000);
    await lost;
    link.close();
  });
});

describe('the connection', () => {
  test('waits double up to eight seconds, and start over once it was open', () => {
    const link = newLink();
    const waits: number[] = [];
    for (let i = 0; i < 7; i++) {
      const before = sockets.length;
      last().fall();
      let waited = 0;
      while (sockets.length === before) {
        vi.advanceTimersByTime(250);
        waited += 250;
      }
      waits.push(waited);
    }
    expect(waits).toEqual([250, 500, 1000, 2000, 4000, 8000, 8000]);
    last().open();
    last().fall();
    vi.advanceTimersByTime(250);
    expect(sockets).toHaveLength(9);
    link.close();
  });

  test('a server that does not answer pings is given up', () => {
    const link = newLink();
    last().open();
    vi.advanceTimersByTime(1000);
    expect(last().of('ping')).toHaveLength(1);
    vi.advanceTimersByTime(5999);
    expect(link.state).toBe('open');
    vi.advanceTimersByTime(1);
    expect(link.state).toBe('lost');
    expect(sockets[0]?.closed).toBe(true);
    link.close();
  });

  test('pongs keep it', () => {
    const link = newLink();
    last().open();
    for (let i = 0; i < 30; i++) {
      vi.advanceTimersByTime(1000);
      last().say({ type: 'pong' });
    }
    expect(link.state).toBe('open');
    link.close();
  });

  test('closing is for good', () => {
    const link = newLink();
    last().open();
    link.close();
    vi.advanceTimersByTime(60000);
    expect(sockets).toHaveLength(1);
    expect(link.state).toBe('closed');
  });
});
