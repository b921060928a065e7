import { expect, test } from 'vitest';
import type { Account, AuditEntry } from '../wire';
import { bounds, callOf, found, inOrder, overruled } from './people';

test('who is signed in stands above who is not, and who has left below', () => {
  const a = (login: string, role: Account['role'], sessions: number, disabled = false): Account => ({
    login,
    name: login,
    role,
    sessions,
    disabled,
    created: '2026-11-01T00:00:00Z',
  });
  const order = inOrder([
    a('left', 'admin', 0, true),
    a('wang', 'agent', 0),
    a('lina', 'agent', 2),
    a('boss', 'supervisor', 1),
    a('anna', 'agent', 0),
  ]).map((x) => x.login);
  expect(order).toEqual(['boss', 'lina', 'anna', 'wang', 'left']);
});

test('a day goes from its midnight to the next', () => {
  const { from, to } = bounds('2026-02-28');
  expect(new Date(from ?? '')).toEqual(new Date(2026, 1, 28));
  expect(new Date(to ?? '')).toEqual(new Date(2026, 2, 1));
  expect(bounds('')).toEqual({});
  expect(bounds('2026-02-31')).toEqual({});
});

test('a line about a call opens it', () => {
  const e = (act: AuditEntry['act'], about: string, text: string): AuditEntry => ({
    id: 1,
    at: '',
    login: 'lina',
    act,
    about,
    text,
  });
  expect(callOf(e('access-refused', 'c-1', 'call'))).toBe('c-1');
  expect(callOf(e('access-refused', 'r-1', 'recording'))).toBeUndefined();
  expect(callOf(e('recording-played', 'r-1', 'call c-2'))).toBe('c-2');
});

test('a person is found by login and by name in either language', () => {
  const lina = { login: 'lina', name: '李娜', names: { en: 'Li Na', zh: '李娜' } } as unknown as Account;
  for (const typed of ['', 'LIN', ' li na', '李']) expect([typed, found(lina, typed)]).toEqual([typed, true]);
  expect(found(lina, 'wang')).toBe(false);
});

test('what a supervisor did to an agent is read part by part', () => {
  expect(overruled('not-ready break')).toEqual({ act: 'not-ready', reason: 'break' });
  expect(overruled('set-queues consult, complaint')).toEqual({
    act: 'set-queues',
    queues: ['consult', 'complaint'],
  });
  expect(overruled('set-skills complaint 5, english 60')).toEqual({
    act: 'set-skills',
    skills: [
      ['complaint', '5'],
      ['english', '60'],
    ],
  });
  expect(overruled('set-queues as configured')).toEqual({ act: 'set-queues', reset: true });
  expect(overruled('sign-out')).toEqual({ act: 'sign-out', reason: '' });
});
