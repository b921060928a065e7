import { expect, test } from 'vitest';
import type { CallDetail } from '../wire';
import { legsOf, ticks } from './bars';

const t0 = Date.UTC(2026, 10, 21, 2);
const iso = (s: number) => new Date(t0 + s * 1000).toISOString();

const call: CallDetail = {
  call: 'c1',
  line: '12345',
  via: 'sip',
  caller: {},
  arrived: iso(0),
  ended: iso(200),
  waited: 20,
  talked: 140,
  tickets: [],
  recorded: true,
  path: [],
  visits: [
    {
      visit: 'v1',
      queue: 'complaint',
      from: 'flow',
      began: iso(30),
      ended: iso(50),
      outcome: 'answered',
      waited: 20,
      offers: [
        { offer: 'o1', agent: 'wang', reason: '', made: iso(31), ended: iso(41), result: 'missed' },
        { offer: 'o2', agent: 'li', reason: '', made: iso(42), ended: iso(50), result: 'accepted' },
      ],
    },
  ],
  talks: [
    {
      talk: 't1',
      visit: 'v1',
      queue: 'complaint',
      agent: 'li',
      began: iso(50),
      ended: iso(200),
      how: 'caller',
      talked: 130,
      held: 20,
      holds: [{ from: iso(100), to: iso(120) }],
    },
  ],
  messages: [],
  recordings: [],
  marks: [],
};

test('a call is the caller’s row and one row per agent who was asked', () => {
  const legs = legsOf(call);
  expect(legs.map((l) => l.agent)).toEqual([undefined, 'wang', 'li']);
  expect(legs[0]?.bars.map((b) => [b.kind, (b.from - t0) / 1000, ((b.to ?? 0) - t0) / 1000])).toEqual([
    ['menu', 0, 30],
    ['wait', 30, 50],
    ['talk', 50, 200],
    ['hold', 100, 120],
  ]);
  expect(legs[2]?.bars.map((b) => b.kind)).toEqual(['offer', 'talk', 'hold']);
});

test('a call that never left the menu is one bar to its end', () => {
  const legs = legsOf({ ...call, visits: [], talks: [] });
  expect(legs).toHaveLength(1);
  expect(legs[0]?.bars).toEqual([{ kind: 'menu', from: t0, to: t0 + 200_000 }]);
});

test('a call that goes on has an open bar', () => {
  const legs = legsOf({ ...call, ended: undefined, visits: [], talks: [] });
  expect(legs[0]?.bars).toEqual([{ kind: 'menu', from: t0, to: undefined }]);
});

test('the axis has at most nine marks at round times', () => {
  expect(ticks(200)).toEqual([0, 30, 60, 90, 120, 150, 180]);
  for (const s of [1, 7, 59, 3600, 30_000]) expect(ticks(s).length).toBeLessThanOrEqual(9);
});
