import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { Ticket, TicketDelayed, TicketEdit } from '../wire';
import { ApiError } from './api';
import { Draft, keptDrafts } from './draft';

const opened: Ticket = {
  id: '20261121-0042',
  version: 1,
  state: 'open',
  opened: '2026-11-21T02:00:00Z',
  channel: 'phone',
  call: 'c1',
  name: '',
  number: '+8613800138000',
  address: '',
  region: '',
  category: '',
  grade: '',
  happened: '',
  asked: '',
  edited: '2026-11-21T02:00:00Z',
};

/** A server with one ticket, that can be away or edited by somebody else. */
class Server {
  ticket = { ...opened };
  edits: TicketEdit[] = [];
  away = false;
  /** The archive is away: edits are kept, and filed by file(). */
  archiveAway = false;
  kept: TicketEdit[] = [];
  file() {
    this.archiveAway = false;
    for (const { version: _, do: op, ...typed } of this.kept) {
      const before = JSON.stringify(this.ticket);
      const next = { ...this.ticket, ...(typed as Partial<Ticket>) };
      if (op) next.state = op === 'close' ? 'closed' : 'open';
      if (JSON.stringify(next) !== before) this.ticket = { ...next, version: this.ticket.version + 1 };
    }
    this.kept = [];
  }
  save = async (edit: TicketEdit): Promise<Ticket | TicketDelayed> => {
    if (this.archiveAway) {
      this.kept.push(edit);
      return { id: this.ticket.id, version: edit.version, delayed: true };
    }
    if (this.away) throw new ApiError(0, 'unreachable', 'away');
    this.edits.push(edit);
    const { version, do: op, ...typed } = edit;
    const touched = this.changed.filter((c) => c.version > version).map((c) => c.field);
    const clash = Object.keys(typed).filter(
      (f) => touched.includes(f) && this.ticket[f as 'name'] !== typed[f as 'name'],
    );
    if (clash.length)
      throw new ApiError(409, 'conflict', 'conflict', {
        code: 'conflict',
        fields: clash,
        current: this.ticket,
      });
    this.ticket = { ...this.ticket, ...(typed as Partial<Ticket>), version: this.ticket.version + 1 };
    if (op) this.ticket.state = op === 'close' ? 'closed' : 'open';
    return this.ticket;
  };
  changed: { version: number; field: string }[] = [];
  somebody(field: 'name' | 'happened' | 'asked', value: string) {
    this.ticket = { ...this.ticket, [field]: value, version: this.ticket.version + 1, edited_by: 'wang' };
    this.changed.push({ version: this.ticket.version, field });
  }
}

let server: Server;
const make = (ticket = server.ticket) =>
  new Draft(ticket.id, ticket, { save: server.save, storage: localStorage });
const rest = () => vi.advanceTimersByTimeAsync(700);

beforeEach(() => {
  localStorage.clear();
  server = new Server();
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

test('what is typed is saved once, when the fingers rest, and only the fields that changed', async () => {
  const d = make();
  d.set('happened', 'n');
  d.set('happened', 'no');
  await vi.advanceTimersByTimeAsync(500);
  d.set('happened', 'noise');
  await vi.advanceTimersByTimeAsync(699);
  expect(server.edits).toEqual([]);
  await vi.advanceTimersByTimeAsync(1);
  expect(server.edits).toEqual([{ version: 1, happened: 'noise' }]);
  expect(d.state).toBe('clean');
  expect(d.values.happened).toBe('noise');
  expect(keptDrafts(localStorage)).toEqual([]);
});

test('somebody who never rests is saved every four seconds', async () => {
  const d = make();
  for (let i = 0; i < 20; i++) {
    d.set('happened', 'x'.repeat(i + 1));
    await vi.advanceTimersByTimeAsync(500);
  }
  expect(server.edits.length).toBeGreaterThanOrEqual(2);
});

test('what is typed while a save is on its way goes out with the next', async () => {
  const d = make();
  d.set('happened', 'noise');
  const saving = d.flush();
  d.set('happened', 'noise at night');
  await saving;
  expect(d.values.happened).toBe('noise at night');
  await rest();
  expect(server.ticket.happened).toBe('noise at night');
  expect(d.state).toBe('clean');
});

test('typing something and back again is no change', async () => {
  const d = make();
  d.set('name', 'Li');
  d.set('name', '');
  await rest();
  expect(server.edits).toEqual([]);
  expect(d.state).toBe('clean');
});

test('a server that is away costs nothing: kept here, tried again, saved when it is back', async () => {
  server.away = true;
  const d = make();
  d.set('happened', 'noise');
  await rest();
  expect(d.state).toBe('kept');
  d.set('happened', 'noise at night');
  expect(d.state).toBe('kept');
  expect(keptDrafts(localStorage)).toEqual(['20261121-0042']);
  server.away = false;
  await vi.advanceTimersByTimeAsync(2000);
  expect(server.ticket.happened).toBe('noise at night');
  expect(d.state).toBe('clean');
});

test('a reload in the middle of a word loses nothing', async () => {
  server.away = true;
  make().set('happened', 'noi'); // and the page is gone
  vi.clearAllTimers();
  server.away = false;
  const again = make();
  expect(again.values.happened).toBe('noi');
  await rest();
  expect(server.ticket.happened).toBe('noi');
});

test('a colleague in another field disturbs nobody', async () => {
  const d = make();
  d.set('happened', 'noise');
  server.somebody('name', 'Mrs Zhao');
  await rest();
  expect(d.state).toBe('clean');
  expect(d.values).toMatchObject({ happened: 'noise', name: 'Mrs Zhao' });
});

test('in the same field both versions are shown and neither is lost', async () => {
  const d = make();
  d.set('happened', 'mine');
  d.set('asked', 'quiet');
  server.somebody('happened', 'theirs');
  await rest();
  expect(d.state).toBe('conflict');
  expect(d.conflicts).toEqual({ happened: 'theirs' });
  expect(d.other).toBe('wang');
  expect(d.values.happened).toBe('mine');
  expect(server.ticket.happened).toBe('theirs');
  d.resolve('happened', true);
  await rest();
  expect(server.ticket).toMatchObject({ happened: 'mine', asked: 'quiet' });
  expect(d.state).toBe('clean');
});

test('a conflict that was not decided is still one after a reload', async () => {
  const d = make();
  d.set('happened', 'mine');
  server.somebody('happened', 'theirs');
  await rest();
  const again = make();
  await rest();
  expect(again.state).toBe('conflict');
  expect(again.conflicts).toEqual({ happened: 'theirs' });
  expect(server.ticket.happened).toBe('theirs');
});

test('taking theirs keeps the rest of mine', async () => {
  const d = make();
  d.set('happened', 'mine');
  d.set('asked', 'quiet');
  server.somebody('happened', 'theirs');
  await rest();
  d.resolve('happened', false);
  await rest();
  expect(server.ticket).toMatchObject({ happened: 'theirs', asked: 'quiet' });
  expect(d.values.happened).toBe('theirs');
});

test('a draft older than the server meets the newer version after a reload', async () => {
  server.away = true;
  make().set('happened', 'mine');
  vi.clearAllTimers();
  server.away = false;
  server.somebody('happened', 'theirs');
  const again = make();
  expect(again.state).toBe('conflict');
  expect(again.values.happened).toBe('mine');
});

test('closing is saved at once, with what was typed', async () => {
  const d = make();
  d.set('happened', 'a question');
  d.decide(true);
  expect(d.closed).toBe(true);
  await vi.advanceTimersByTimeAsync(0);
  expect(server.edits).toEqual([{ version: 1, happened: 'a question', do: 'close' }]);
  d.decide(false);
  await vi.advanceTimersByTimeAsync(0);
  expect(server.ticket.state).toBe('open');
});

test('changing one’s mind about closing before it went out sends nothing', async () => {
  const d = make();
  d.decide(true);
  d.decide(false);
  await rest();
  expect(server.edits).toEqual([]);
});

test('a refusal is told and the words stay', async () => {
  const d = new Draft(opened.id, opened, {
    storage: localStorage,
    save: () => Promise.reject(new ApiError(400, 'bad-request', 'too long')),
  });
  d.set('name', 'x'.repeat(300));
  await rest();
  expect(d.state).toBe('refused');
  expect(d.why).toBe('too long');
  expect(d.values.name).toHaveLength(300);
});

test('a newer version from elsewhere is taken in quietly', () => {
  const d = make();
  d.set('asked', 'quiet');
  server.somebody('name', 'Mrs Zhao');
  d.adopt(server.ticket);
  expect(d.values).toMatchObject({ name: 'Mrs Zhao', asked: 'quiet' });
  expect(d.state).toBe('dirty');
});

test('what is typed while the archive is away is kept by the server, and the form says so until it is filed', async () => {
  server.archiveAway = true;
  const d = make();
  d.set('happened', 'water');
  await rest();
  expect(d.state).toBe('delayed');
  d.adopt(server.ticket); // read again: not filed yet
  expect([d.state, d.values.happened]).toEqual(['delayed', 'water']);
  d.set('happened', 'water since Monday');
  d.decide(true);
  await rest();
  expect(server.kept).toHaveLength(2);
  expect([d.state, d.closed]).toEqual(['delayed', true]);

  server.file();
  d.adopt(server.ticket);
  expect([d.state, d.values.happened, d.closed]).toEqual(['clean', 'water since Monday', true]);
  expect(keptDrafts(localStorage)).toEqual([]);
});

test('a page that is loaded again while the archive is away shows what was typed', async () => {
  server.archiveAway = true;
  const d = make();
  d.set('happened', 'water');
  await rest();
  d.leave();
  const again = make();
  expect(again.values.happened).toBe('water');
  await rest();
  expect(again.state).toBe('delayed');
  server.file();
  again.adopt(server.ticket);
  expect([again.state, server.ticket.version]).toEqual(['clean', 2]);
});

test('typing on while the first words are being filed is no conflict with oneself', async () => {
  server.archiveAway = true;
  const d = make();
  d.set('happened', 'water');
  await rest();
  d.set('happened', 'water since Monday');
  server.file();
  d.adopt(server.ticket);
  expect(d.state).not.toBe('conflict');
  await rest();
  expect([d.state, server.ticket.happened]).toEqual(['clean', 'water since Monday']);
});
