import type { Command, Envelope, Reply } from '../wire';

/** What the people should know about the connection. */
export type LinkState = 'connecting' | 'open' | 'lost' | 'closed';

/** A refused command, or one that no server answered in time. */
export class CommandError extends Error {
  constructor(
    readonly code: string,
    message: string,
    readonly place?: string,
  ) {
    super(message);
    this.name = 'CommandError';
  }
}

export type TopicHandler = (kind: 'snapshot' | 'delta', data: unknown) => void;

/** The part of WebSocket that Link needs, so that tests can bring their own. */
export interface Socket {
  readyState: number;
  onopen: ((e: unknown) => void) | null;
  onmessage: ((e: { data: unknown }) => void) | null;
  onclose: ((e: { code: number; reason: string }) => void) | null;
  send(text: string): void;
  close(code?: number, reason?: string): void;
}

export interface LinkOptions {
  url: string | (() => string);
  /** The server has a newer connection of the same tab: this one is a copy and needs a name of its own. */
  elsewhere?: () => void;
  open?: (url: string) => Socket;
  /** Between pings; a server that stays silent for `silence` after one is given up. */
  ping?: number;
  silence?: number;
  /** How long a command may wait for its reply, across reconnects. */
  patience?: number;
  random?: () => number;
}

interface Topic {
  handler: TopicHandler;
  epoch?: string;
  seq?: number;
  /** Until its snapshot came, deltas of a topic mean nothing. */
  known: boolean;
}

interface Pending {
  text: string;
  /** Sent how often: a command is repeated once after a reconnect, its id makes that harmless. */
  sent: number;
  resolve: () => void;
  reject: (e: Error) => void;
  timer: ReturnType<typeof setTimeout>;
}

const OPEN = 1;

/**
 * Link is the one websocket of a tab. It comes back by itself (0.25 s doubling to 8 s, with jitter), names the epoch
 * and the last seq of each topic when it does, so that the server sends what was missed or a snapshot, and repeats a
 * command that had no reply once under the same id. It knows nothing of what the topics mean.
 */
export class Link {
  private readonly opts: Required<Omit<LinkOptions, 'elsewhere'>> & Pick<LinkOptions, 'elsewhere'>;
  private socket: Socket | null = null;
  private readonly topics = new Map<string, Topic>();
  private readonly pending = new Map<string, Pending>();
  private readonly watchers = new Set<() => void>();
  private tries = 0;
  private retry: ReturnType<typeof setTimeout> | undefined;
  private pinger: ReturnType<typeof setInterval> | undefined;
  private waiting: ReturnType<typeof setTimeout> | undefined;
  private current: LinkState = 'connecting';

  /** When the server was last heard, by performance.now()'s clock: boards grey when this grows old. */
  heard = 0;
  /** The epoch of the last message: another one means that the server was restarted. */
  epoch = '';
  /** Why the server said bye, or the close's reason. */
  why = '';

  constructor(options: LinkOptions) {
    this.opts = {
      open: (url) => new WebSocket(url) as unknown as Socket,
      ping: 1000,
      silence: 6000,
      patience: 15000,
      random: Math.random,
      ...options,
    };
    this.connect();
  }

  get state(): LinkState {
    return this.current;
  }

  /** Calls back whenever `state` changes. */
  watch(cb: () => void): () => void {
    this.watchers.add(cb);
    return () => this.watchers.delete(cb);
  }

  /** Follows a topic. The handler gets one snapshot first, then deltas, and a snapshot again when numbers broke. */
  subscribe(name: string, handler: TopicHandler): () => void {
    const topic: Topic = { handler, known: false };
    this.topics.set(name, topic);
    this.sendSubscribe(name, topic);
    return () => {
      if (this.topics.get(name) !== topic) return;
      this.topics.delete(name);
      this.send({ v: 1, topic: name, type: 'unsubscribe' });
    };
  }

  /** Asks the server to do something; rejects with CommandError when it refuses or cannot be reached. */
  command(command: Command): Promise<void> {
    if (this.current === 'closed') return Promise.reject(new CommandError('closed', 'signed out'));
    const id = newId();
    const text = JSON.stringify({ v: 1, type: 'command', id, data: command } satisfies Envelope);
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        this.pending.delete(id);
        reject(new CommandError('unavailable', 'no answer from the server'));
      }, this.opts.patience);
      const p: Pending = { text, sent: 0, resolve, reject, timer };
      this.pending.set(id, p);
      this.sendCommand(p);
    });
  }

  /** Ends the link for good. */
  close(): void {
    this.set('closed');
    clearTimeout(this.retry);
    for (const p of this.pending.values()) {
      clearTimeout(p.timer);
      p.reject(new CommandError('closed', 'signed out'));
    }
    this.pending.clear();
    this.topics.clear();
    this.drop();
  }

  /** Tries at once instead of waiting for the back-off to run out: the computer woke, the network is back. */
  hurry(): void {
    if (this.current !== 'lost' || this.socket) return;
    this.tries = 0;
    clearTimeout(this.retry);
    this.connect();
  }

  private connect(): void {
    const socket = this.opts.open(typeof this.opts.url === 'string' ? this.opts.url : this.opts.url());
    this.socket = socket;
    socket.onopen = () => {
      if (this.socket !== socket) return;
      this.tries = 0;
      this.heard = now();
      this.set('open');
      for (const [name, topic] of this.topics) this.sendSubscribe(name, topic);
      for (const [id, p] of this.pending) {
        if (p.sent < 2) this.sendCommand(p);
        else this.fail(id, p);
      }
      this.pinger = setInterval(() => this.sendPing(socket), this.opts.ping);
    };
    socket.onmessage = (e) => {
      if (this.socket !== socket) return;
      this.heard = now();
      clearTimeout(this.waiting);
      this.waiting = undefined;
      this.receive(e.data);
    };
    socket.onclose = (e) => {
      if (this.socket !== socket) return;
      if (e.reason) this.why = e.reason;
      this.lost();
    };
  }

  private lost(): void {
    this.drop();
    if (this.current === 'closed') return;
    this.set('lost');
    const full = Math.min(8000, 250 * 2 ** this.tries);
    this.tries++;
    this.retry = setTimeout(() => this.connect(), full * (0.5 + this.opts.random() / 2));
  }

  private drop(): void {
    clearInterval(this.pinger);
    clearTimeout(this.waiting);
    this.waiting = undefined;
    const socket = this.socket;
    this.socket = null;
    if (!socket) return;
    socket.onopen = socket.onmessage = socket.onclose = null;
    socket.close();
  }

  private sendPing(socket: Socket): void {
    if (this.socket !== socket) return;
    this.send({ v: 1, type: 'ping' });
    this.waiting ??= setTimeout(() => this.socket === socket && this.lost(), this.opts.silence);
  }

  private receive(text: unknown): void {
    const m = JSON.parse(String(text)) as Envelope;
    switch (m.type) {
      case 'snapshot':
      case 'delta':
        this.deliver(m, m.type);
        break;
      case 'reply':
        this.answer(m);
        break;
      case 'bye':
        if ((m.data as { reason?: string } | undefined)?.reason === 'elsewhere') this.opts.elsewhere?.();
        this.why =
          typeof m.data === 'string' ? m.data : ((m.data as { message?: string } | undefined)?.message ?? '');
        break;
    }
  }

  private deliver(m: Envelope, kind: 'snapshot' | 'delta'): void {
    const topic = this.topics.get(m.topic ?? '');
    if (!topic) return; // unsubscribed while it was on its way
    if (kind === 'delta') {
      const gap = !topic.known || m.epoch !== topic.epoch || m.seq !== (topic.seq ?? 0) + 1;
      if (gap) {
        // Seen already (a resume overlaps): ignore. Anything else: the numbers broke, ask for a snapshot.
        if (topic.known && m.epoch === topic.epoch && (m.seq ?? 0) <= (topic.seq ?? 0)) return;
        topic.known = false;
        topic.epoch = topic.seq = undefined;
        this.sendSubscribe(m.topic ?? '', topic);
        return;
      }
    }
    topic.known = true;
    if (m.epoch) this.epoch = m.epoch;
    topic.epoch = m.epoch;
    topic.seq = m.seq;
    topic.handler(kind, m.data);
  }

  private answer(m: Envelope): void {
    const p = this.pending.get(m.id ?? '');
    if (!p) return; // a reply to a subscribe: its snapshot tells more
    this.pending.delete(m.id ?? '');
    clearTimeout(p.timer);
    const reply = m.data as Reply;
    if (reply.ok) p.resolve();
    else
      p.reject(
        new CommandError(
          reply.error?.code ?? 'unknown',
          reply.error?.message ?? 'refused',
          reply.error?.place,
        ),
      );
  }

  private fail(id: string, p: Pending): void {
    this.pending.delete(id);
    clearTimeout(p.timer);
    p.reject(new CommandError('unavailable', 'the connection broke twice before the server answered'));
  }

  private sendSubscribe(name: string, topic: Topic): void {
    const data = topic.known ? { epoch: topic.epoch, seq: topic.seq } : {};
    this.send({ v: 1, topic: name, type: 'subscribe', id: newId(), data });
  }

  private sendCommand(p: Pending): void {
    if (this.socket?.readyState !== OPEN) return; // goes out when the link is open
    p.sent++;
    this.socket.send(p.text);
  }

  private send(m: Envelope): void {
    if (this.socket?.readyState === OPEN) this.socket.send(JSON.stringify(m));
  }

  private set(state: LinkState): void {
    if (state === this.current) return;
    this.current = state;
    for (const cb of [...this.watchers]) cb();
  }
}

function now(): number {
  return performance.now();
}

/** crypto.randomUUID exists only on secure pages; a caller page in a test may be none. */
export function newId(): string {
  if (typeof crypto.randomUUID === 'function') return crypto.randomUUID();
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (b) => b.toString(16).padStart(2, '0')).join(
    '',
  );
}
