import type { Ticket, TicketDelayed, TicketEdit, TicketOp } from '../wire';
import { ApiError, conflictOf } from './api';

/** The fields a form edits. */
export const fields = [
  'name',
  'number',
  'address',
  'region',
  'category',
  'grade',
  'happened',
  'asked',
] as const;
export type Field = (typeof fields)[number];
export type Values = Record<Field, string>;

export type DraftState =
  /** Nothing typed that the server does not have. */
  | 'clean'
  /** Typed; goes out when the fingers rest. */
  | 'dirty'
  | 'saving'
  /** The server has it safe and files it when the archive is back. */
  | 'delayed'
  /** The server could not take it; it is in this browser and will be tried again. */
  | 'kept'
  /** The server will not take it as it is: `why` says so. */
  | 'refused'
  /** Somebody else changed the same fields: `conflicts` must be decided. */
  | 'conflict';

export interface DraftOptions {
  /** Saves now, or is told that the server keeps it for the archive. */
  save: (edit: TicketEdit) => Promise<Ticket | TicketDelayed>;
  storage: Pick<Storage, 'getItem' | 'setItem' | 'removeItem'>;
  /** Rest after the last key before it is saved. */
  rest?: number;
  /** Longest wait of a steady typist. */
  longest?: number;
  now?: () => number;
}

interface Stored {
  version: number;
  base: Values;
  typed: Partial<Values>;
  conflicts?: Partial<Values>;
  other?: string;
}

const key = (id: string) => `hotline.draft.${id}`;

/** The tickets with unsaved words in this browser. */
export function keptDrafts(storage: Storage): string[] {
  return Object.keys(storage)
    .filter((k) => k.startsWith('hotline.draft.'))
    .map((k) => k.slice('hotline.draft.'.length));
}

/**
 * Draft is a ticket's form while somebody types: what stands on the server (base), what was typed on top of it, and
 * the way from one to the other. Each key goes to the browser's storage at once and to the server when the fingers
 * rest, so that neither a reload nor a server that is away costs a word. Two people in different fields do not disturb
 * each other; in the same field both versions are shown, and one of them is chosen.
 */
export class Draft {
  state: DraftState = 'clean';
  why = '';
  /** Fields that both sides changed, with the other side's value. */
  conflicts: Partial<Values> = {};
  /** Who changed them. */
  other = '';
  /** When the server last took something, ms. */
  savedAt: number | undefined;

  private version: number;
  private base: Values;
  private typed: Partial<Values> = {};
  private op: TicketOp | undefined;
  /** What the server keeps for the archive. It stays in the browser's storage until a newer version shows it filed. */
  private filed: Partial<Values> = {};
  private filedOp: TicketOp | undefined;
  private ticketState: Ticket['state'];
  private timer: ReturnType<typeof setTimeout> | undefined;
  private firstKey = 0;
  private failures = 0;
  private left = false;
  private running: Promise<void> | null = null;
  private readonly watchers = new Set<() => void>();
  private readonly opts: Required<DraftOptions>;
  private snapshotNo = 0;

  constructor(
    readonly id: string,
    ticket: Ticket,
    options: DraftOptions,
  ) {
    this.opts = { rest: 700, longest: 4000, now: () => Date.now(), ...options };
    this.version = ticket.version;
    this.base = valuesOf(ticket);
    this.ticketState = ticket.state;
    const stored = this.read();
    if (stored) {
      this.typed = stored.typed;
      this.conflicts = stored.conflicts ?? {};
      this.other = stored.other ?? '';
      if (Object.keys(this.conflicts).length > 0) this.state = 'conflict';
      if (stored.version < ticket.version) this.meet(ticket, stored.base);
      this.prune();
      if (this.state !== 'conflict' && this.dirty) this.touch();
    }
  }

  /** What the form shows. */
  get values(): Values {
    return { ...this.known, ...this.typed };
  }

  /** Open or closed, as the person decided. */
  get closed(): boolean {
    const op = this.op ?? this.filedOp;
    return op ? op === 'close' : this.ticketState === 'closed';
  }

  /** What the server has: the archive's, and what it keeps for the archive. */
  private get known(): Values {
    return { ...this.base, ...this.filed };
  }

  private get isFiled(): boolean {
    return this.filedOp !== undefined || Object.keys(this.filed).length > 0;
  }

  get dirty(): boolean {
    return this.op !== undefined || Object.keys(this.typed).length > 0;
  }

  watch = (cb: () => void): (() => void) => {
    this.left = false;
    this.watchers.add(cb);
    return () => this.watchers.delete(cb);
  };

  /** Grows with every change, for React. */
  get revision(): number {
    return this.snapshotNo;
  }

  set(field: Field, value: string): void {
    this.typed[field] = value;
    delete this.conflicts[field];
    this.prune();
    this.touch();
  }

  /** Close or keep open; saved at once with whatever was typed. */
  decide(closed: boolean): void {
    const was = this.filedOp ? this.filedOp === 'close' : this.ticketState === 'closed';
    this.op = closed === was ? undefined : closed ? 'close' : 'reopen';
    this.touch(0);
  }

  /** Chooses between two versions of a field. */
  resolve(field: Field, mine: boolean): void {
    if (!mine) delete this.typed[field];
    delete this.conflicts[field];
    this.prune();
    this.touch(0);
  }

  /** The server has a newer version (another tab, a colleague): take it in without losing what is typed here. */
  adopt(ticket: Ticket): void {
    if (ticket.version < this.version) return;
    if (ticket.version > this.version) this.meet(ticket, this.known);
    else this.base = valuesOf(ticket); // the first version was guessed from the call
    this.prune();
    this.write();
    if (this.state === 'delayed' && !this.isFiled) {
      this.savedAt = this.opts.now();
      this.enter('clean');
    } else this.tell();
  }

  /** Saves what there is now; resolves when the server has it or when it cannot. */
  async flush(): Promise<void> {
    clearTimeout(this.timer);
    this.timer = undefined;
    if (this.running) await this.running;
    if (!this.dirty || this.state === 'conflict') return;
    this.running = this.send().finally(() => {
      this.running = null;
    });
    await this.running;
  }

  /** Tries again now what waits for the server. */
  hurry(): void {
    if (this.state === 'kept') void this.flush();
  }

  /** The form is gone: what waits goes out now; what cannot stays in storage, for the next time it is opened. */
  leave(): void {
    this.left = true;
    void this.flush();
  }

  private async send(): Promise<void> {
    const sent = { ...this.typed };
    const op = this.op;
    this.enter('saving');
    try {
      const edit: TicketEdit = { version: this.version, ...(sent as Partial<TicketEdit>) };
      if (op) edit.do = op;
      const saved = await this.opts.save(edit);
      for (const f of fields) if (this.typed[f] === sent[f]) delete this.typed[f];
      if (this.op === op) this.op = undefined;
      if ('delayed' in saved) {
        Object.assign(this.filed, sent);
        this.filedOp = op ?? this.filedOp;
      } else {
        this.filed = {};
        this.filedOp = undefined;
        this.version = saved.version;
        this.base = valuesOf(saved);
        this.ticketState = saved.state;
        this.savedAt = this.opts.now();
      }
      this.failures = 0;
      this.firstKey = 0;
      this.prune();
      this.write();
      if (this.dirty) this.touch();
      else this.enter(this.isFiled ? 'delayed' : 'clean');
    } catch (e) {
      this.refuse(e);
    }
  }

  private refuse(e: unknown): void {
    const theirs = conflictOf(e);
    if (theirs) {
      this.meet(theirs, this.known);
      this.prune();
      this.write();
      if (Object.keys(this.conflicts).length > 0) this.enter('conflict');
      else this.touch(0); // the other side's change was elsewhere: once more upon the new version
      return;
    }
    if (e instanceof ApiError && !e.passing && e.status !== 401) {
      this.why = e.message;
      if (e.code === 'illegal') this.op = undefined;
      this.enter('refused');
      return;
    }
    this.failures++;
    this.enter('kept');
    clearTimeout(this.timer);
    if (!this.left)
      this.timer = setTimeout(() => void this.flush(), Math.min(15000, 1000 * 2 ** this.failures));
  }

  /** Three-way: fields only they changed are taken, fields both changed are in conflict, fields only we changed stay. */
  private meet(theirs: Ticket, base: Values): void {
    const now = valuesOf(theirs);
    for (const f of fields) {
      const mine = this.typed[f];
      if (mine === undefined || now[f] === base[f] || now[f] === mine) continue;
      this.conflicts[f] = now[f];
      this.other = theirs.edited_by ?? '';
    }
    this.version = theirs.version;
    this.base = now;
    this.ticketState = theirs.state;
    this.filed = {};
    this.filedOp = undefined;
    if (this.op && (this.op === 'close') === (theirs.state === 'closed')) this.op = undefined;
    if (Object.keys(this.conflicts).length > 0) this.state = 'conflict';
  }

  /** What is typed and equals the base is not a change. */
  private prune(): void {
    for (const f of fields)
      if (this.typed[f] === this.known[f] && this.conflicts[f] === undefined) delete this.typed[f];
  }

  private touch(rest = this.opts.rest): void {
    this.write();
    if (Object.keys(this.conflicts).length > 0) {
      this.enter('conflict');
      return;
    }
    if (!this.dirty) {
      clearTimeout(this.timer);
      this.enter(this.isFiled ? 'delayed' : 'clean');
      return;
    }
    const now = this.opts.now();
    this.firstKey ||= now;
    const wait = Math.max(0, Math.min(rest, this.firstKey + this.opts.longest - now));
    if (this.state !== 'kept' || rest === 0) {
      clearTimeout(this.timer);
      this.timer = setTimeout(() => void this.flush(), wait);
    }
    if (this.state === 'kept') this.tell();
    else this.enter('dirty');
  }

  private read(): Stored | undefined {
    const text = this.opts.storage.getItem(key(this.id));
    if (!text) return undefined;
    try {
      return JSON.parse(text) as Stored;
    } catch {
      this.opts.storage.removeItem(key(this.id)); // not ours to understand
      return undefined;
    }
  }

  private write(): void {
    // What the server keeps is sent once more after a reload: that changes nothing, and the form is not empty meanwhile.
    const typed = { ...this.filed, ...this.typed };
    if (Object.keys(typed).length === 0) {
      this.opts.storage.removeItem(key(this.id));
      return;
    }
    const stored: Stored = { version: this.version, base: this.base, typed };
    if (Object.keys(this.conflicts).length > 0)
      Object.assign(stored, { conflicts: this.conflicts, other: this.other });
    try {
      this.opts.storage.setItem(key(this.id), JSON.stringify(stored));
    } catch {
      // The browser's storage is full or forbidden: the server is then the only place.
    }
  }

  private enter(state: DraftState): void {
    this.state = state;
    if (state !== 'refused') this.why = '';
    this.tell();
  }

  private tell(): void {
    this.snapshotNo++;
    for (const cb of [...this.watchers]) cb();
  }
}

function valuesOf(t: Ticket): Values {
  const out = {} as Values;
  for (const f of fields) out[f] = t[f] ?? '';
  return out;
}
