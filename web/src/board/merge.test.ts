import { expect, test } from 'vitest';
import type { Board, BoardQueue, Minute } from '../wire';
import { kept, merge } from './merge';

const queue = (waiting: number) => ({ waiting }) as BoardQueue;
const minute = (i: number, arrivals = 0) =>
  ({ at: new Date(Date.UTC(2026, 10, 21, 2, i)).toISOString(), arrivals }) as Minute;

test('a delta changes what it names and leaves the rest', () => {
  const whole: Board = {
    at: 'a',
    queues: { consult: queue(1), complaint: queue(2) },
    calls: { ivr: 1, waiting: 3, talking: 2, message: 0 },
    alarms: [{ id: '1', at: 'a', kind: 'postgres', text: 'away' }],
  };
  const next = merge(merge(null, whole), { at: 'b', queues: { consult: queue(5) } });
  expect(next.at).toBe('b');
  expect(next.queues?.consult?.waiting).toBe(5);
  expect(next.queues?.complaint?.waiting).toBe(2);
  expect(next.calls?.talking).toBe(2);
  expect(next.alarms).toHaveLength(1);
});

test('an empty list of alarms takes them all away', () => {
  const b = merge(null, { at: 'a', alarms: [{ id: '1', at: 'a', kind: 'postgres', text: 'away' }] });
  expect(merge(b, { at: 'b', alarms: [] }).alarms).toEqual([]);
});

test('minutes are replaced by their time, kept in order and to one hour', () => {
  let b = merge(null, { at: 'a', minutes: Array.from({ length: kept }, (_, i) => minute(i)) });
  b = merge(b, { at: 'b', minutes: [minute(59, 7)] });
  expect(b.minutes).toHaveLength(kept);
  expect(b.minutes?.at(-1)?.arrivals).toBe(7);
  b = merge(b, { at: 'c', minutes: [minute(60, 1)] });
  expect(b.minutes).toHaveLength(kept);
  expect(b.minutes?.[0]?.at).toBe(minute(1).at);
});

test('a snapshot forgets what stood before', () => {
  expect(merge(null, { at: 'a', queues: {} }).queues).toEqual({});
});
