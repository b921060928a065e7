import { useQuery } from '@tanstack/react-query';
import { useWords } from '../i18n';
import { api } from '../lib/api';
import { titled } from '../lib/format';
import type { Account, AuditEntry } from '../wire';

/** The accounts; who signs in or out is seen within some seconds. */
export const useAccounts = () =>
  useQuery({ queryKey: ['accounts'], queryFn: api.accounts, refetchInterval: 10_000 });

/** A person's name by login; an account that is gone by its login. */
export function usePerson() {
  const { t, lang } = useWords();
  const { data } = useAccounts();
  return (login: string) => {
    if (login === 'command line') return t('administration.commandLine');
    const known = data?.accounts.find((a) => a.login === login);
    return known ? titled(known.names, lang, known.name || login) : login;
  };
}

/** Those who are signed in come first, those who come in no more last; each group by role, then by login. */
export function inOrder(accounts: Account[]): Account[] {
  const roles = ['admin', 'supervisor', 'agent'];
  const rank = (a: Account) => (a.disabled ? 2 : a.sessions > 0 ? 0 : 1) * 10 + roles.indexOf(a.role);
  return [...accounts].sort((a, b) => rank(a) - rank(b) || a.login.localeCompare(b.login));
}

/** The first moment of a day ("2026-11-27"), here, and that of the next. Not a day: no bounds. */
export function bounds(day: string): { from?: string; to?: string } {
  const [y = 0, m = 0, d = 0] = day.split('-').map(Number);
  const from = new Date(y, m - 1, d);
  if (!/^\d{4}-\d\d-\d\d$/.test(day) || from.getMonth() !== m - 1) return {};
  return { from: from.toISOString(), to: new Date(y, m - 1, d + 1).toISOString() }; // a day may have 23 hours
}

/** The call that a line of the audit is about, to be opened. */
export function callOf(e: AuditEntry): string | undefined {
  if (e.act === 'access-refused' && e.text === 'call') return e.about;
  return e.act === 'recording-played' && e.text?.startsWith('call ')
    ? e.text.slice('call '.length)
    : undefined;
}

/** Whether a person is meant by what was typed: a part of the login or of a name in any language. */
export function found(a: Account, typed: string): boolean {
  const what = typed.trim().toLowerCase();
  return [a.login, a.name, ...Object.values(a.names ?? {})].some((s) => s.toLowerCase().includes(what));
}

/** What a supervisor did to an agent, as the audit has it: "set-skills complaint 5, english 60". */
export function overruled(text: string | undefined): {
  act: string;
  reset?: boolean;
  reason?: string;
  queues?: string[];
  skills?: [string, string][];
} {
  const [, act = '', rest = ''] = /^(\S*) ?(.*)$/.exec(text ?? '') ?? [];
  if (rest === 'as configured') return { act, reset: true };
  const list = rest.split(', ').filter(Boolean);
  if (act === 'set-queues') return { act, queues: list };
  if (act === 'set-skills') return { act, skills: list.map((s) => s.split(' ') as [string, string]) };
  return { act, reason: rest };
}
