import type {
  AccountList,
  AgentCommand,
  AnnouncementSwitch,
  AuditTrail,
  CallbackList,
  CallDetail,
  CallList,
  CentreInfo,
  CentreScenario,
  HistoryOfNumber,
  LiveCalls,
  MessageList,
  NewPassword,
  Peaks,
  PhoneAnswer,
  Profile,
  ScenarioList,
  Sketch,
  Ticket,
  TicketConflict,
  TicketDelayed,
  TicketDetail,
  TicketEdit,
  TicketList,
  Trial,
  TrialOrder,
  Visitor,
  VisitorAnswer,
  WireError,
} from '../wire';
import { heardServerTime } from './clock';

/** A refusal by the server, or (code "unreachable", status 0) no answer at all. */
export class ApiError extends Error {
  constructor(
    readonly status: number,
    readonly code: WireError['code'] | 'unreachable',
    message: string,
    readonly body?: unknown,
    /** Seconds until it is worth trying again; 0: the server said nothing about it. */
    readonly after = 0,
  ) {
    super(message);
    this.name = 'ApiError';
  }

  /** Worth trying again by itself: nothing was wrong with the request. */
  get passing(): boolean {
    return this.status === 0 || this.status === 429 || this.status >= 500;
  }

  /** The server's words in a language, where it has them; else in English. */
  in(lang: string): string {
    return (this.body as Partial<WireError> | undefined)?.message_in?.[lang] ?? this.message;
  }
}

async function request<T>(
  method: string,
  path: string,
  body?: unknown,
  signal?: AbortSignal,
  more?: Record<string, string>,
): Promise<T> {
  let response: Response;
  try {
    response = await fetch(path, {
      method,
      signal,
      credentials: 'same-origin',
      headers: { ...(body === undefined ? {} : { 'Content-Type': 'application/json' }), ...more },
      body: body === undefined ? undefined : JSON.stringify(body),
    });
  } catch (e) {
    if (signal?.aborted) throw e;
    throw new ApiError(0, 'unreachable', 'The server cannot be reached.');
  }
  const date = response.headers.get('Date');
  if (date) heardServerTime(Date.parse(date) + 500, 2500); // whole seconds: coarse
  const text = await response.text();
  let data: unknown;
  try {
    data = text ? JSON.parse(text) : undefined;
  } catch {
    data = undefined; // a proxy's error page
  }
  if (response.ok) return data as T;
  const e = data as Partial<WireError> | undefined;
  throw new ApiError(
    response.status,
    e?.code ?? (response.status === 401 ? 'unauthorized' : 'internal'),
    e?.message ?? response.statusText,
    data,
    Number(response.headers.get('Retry-After')) || 0,
  );
}

function query(params: Record<string, string | number | undefined>): string {
  const q = new URLSearchParams();
  for (const [k, v] of Object.entries(params)) if (v !== undefined && v !== '') q.set(k, String(v));
  const s = q.toString();
  return s ? `?${s}` : '';
}

const id = encodeURIComponent;

export interface TicketFilter {
  list?: 'mine' | 'open' | 'all';
  number?: string;
  before?: string;
  limit?: number;
}

export interface CallFilter {
  queue?: string;
  agent?: string;
  number?: string;
  outcome?: string;
  from?: string;
  to?: string;
  before?: string;
  limit?: number;
}

export interface AuditFilter {
  login?: string;
  from?: string;
  to?: string;
  before?: string;
  limit?: number;
}

export const api = {
  signIn: (login: string, password: string) => request<Profile>('POST', '/api/session', { login, password }),
  signOut: () => request<void>('DELETE', '/api/session'),
  me: () => request<Profile>('GET', '/api/me'),
  centre: () => request<CentreInfo>('GET', '/api/centre'),

  ticket: (t: string) => request<TicketDetail>('GET', `/api/tickets/${id(t)}`),
  /** With the archive away the server keeps the edit for it, and says so. */
  editTicket: (t: string, edit: TicketEdit) =>
    request<TicketDetail | TicketDelayed>('PATCH', `/api/tickets/${id(t)}`, edit, undefined, {
      Prefer: 'respond-async',
    }),
  tickets: (f: TicketFilter) => request<TicketList>('GET', `/api/tickets${query({ ...f })}`),
  history: (number: string) => request<HistoryOfNumber>('GET', `/api/history${query({ number })}`),

  announce: (announcement: string, on: boolean) =>
    request<void>('PUT', `/api/announcements/${id(announcement)}`, { on } satisfies AnnouncementSwitch),

  overrule: (agent: string, command: AgentCommand) =>
    request<void>('POST', `/api/agents/${id(agent)}/commands`, command),

  calls: (f: CallFilter) => request<CallList>('GET', `/api/calls${query({ ...f })}`),
  live: () => request<LiveCalls>('GET', '/api/live'),
  call: (c: string) => request<CallDetail>('GET', `/api/calls/${id(c)}`),
  peaks: (r: string) => request<Peaks>('GET', `/api/recordings/${id(r)}/peaks`),
  audio: (r: string) => `/api/recordings/${id(r)}/audio`,

  callbacks: () => request<CallbackList>('GET', '/api/callbacks'),
  cancelCallback: (c: string) => request<void>('DELETE', `/api/callbacks/${id(c)}`),

  messages: (done: boolean) =>
    request<MessageList>('GET', `/api/messages${query({ done: done ? 'true' : undefined })}`),
  messageDone: (m: string) => request<void>('POST', `/api/messages/${id(m)}/done`),
  messageUndone: (m: string) => request<void>('DELETE', `/api/messages/${id(m)}/done`),

  scenarios: () => request<ScenarioList>('GET', '/api/staffing/scenarios'),
  centreScenario: (weeks: number, day: string) =>
    request<CentreScenario>('GET', `/api/staffing/centre${query({ weeks, day })}`),
  checkScenario: (text: string) => request<Sketch>('POST', '/api/staffing/check', { text }),
  beginTrial: (o: TrialOrder) => request<Trial>('POST', '/api/staffing/trials', o),
  trial: (t: string, after: number, signal: AbortSignal) =>
    request<Trial>('GET', `/api/staffing/trials/${id(t)}${query({ after })}`, undefined, signal),
  cancelTrial: (t: string) => request<void>('DELETE', `/api/staffing/trials/${id(t)}`),

  accounts: () => request<AccountList>('GET', '/api/accounts'),
  endSessions: (login: string) => request<void>('DELETE', `/api/accounts/${id(login)}/sessions`),
  resetPassword: (login: string) => request<NewPassword>('POST', `/api/accounts/${id(login)}/password`),
  audit: (f: AuditFilter) => request<AuditTrail>('GET', `/api/audit${query({ ...f })}`),

  phone: (sdp: string) => request<PhoneAnswer>('POST', '/api/phone', { sdp }),
  phoneGone: (session: string) => request<void>('DELETE', `/api/phone/${id(session)}`),

  visit: (sdp: string, lang: string) => request<VisitorAnswer>('POST', '/api/visitor', { sdp, lang }),
  visitor: (token: string, after: number, signal: AbortSignal) =>
    request<Visitor>('GET', `/api/visitor/${id(token)}${query({ after })}`, undefined, signal),
  visitorHangup: (token: string) => request<void>('POST', `/api/visitor/${id(token)}/hangup`),
};

/** What stands on the server, when an edit met another's. */
export function conflictOf(e: unknown): Ticket | undefined {
  if (e instanceof ApiError && e.status === 409) return (e.body as TicketConflict | undefined)?.current;
  return undefined;
}
