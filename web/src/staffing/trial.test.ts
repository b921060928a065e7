import { expect, test } from 'vitest';
import type { Sketch, Trial } from '../wire';
import { amount, csv, edges, rate, rows, through, whatIf } from './trial';

const row = {
  name: 'consult',
  whole: { service_level: { mean: 0.842, half: 0.0123 } },
  spans: [{ service_level: { mean: 0.99, half: 0.05 } }, {}, { service_level: { mean: 0.5 } }],
};

test('a band stays within what can be, and has a hole where nobody called', () => {
  const line = { label: '', colour: '', ...through(row, 'service_level') };
  expect(edges([line], true)).toEqual([
    [0.94, null, 0.5],
    [0.99, null, 0.5],
    [1, null, 0.5],
  ]);
  expect(edges([{ ...line, mean: [1], half: [3] }], false)).toEqual([[0], [1], [4]]);
});

test('figures are written with half of their interval', () => {
  expect(rate(row.whole.service_level, 'en')).toBe('84.2% ±1.2');
  expect(rate({ mean: 0.5 }, 'en')).toBe('50.0%');
  expect(rate(undefined, 'en')).toBe('–');
  expect(amount({ mean: 12345.678, half: 0.25 }, 'en')).toBe('12,345.7 ±0.3');
  expect(amount(undefined, 'en')).toBe('–');
});

test('only what differs is asked for', () => {
  const known = { groups: [{ group: 'a' }, { group: 'b' }] } as Sketch;
  const q = { text: 'x', agents: { a: -2, b: 0, gone: 5 }, calls: 120, runs: 20 };
  expect(whatIf(q, known)).toEqual({ text: 'x', runs: 20, agents: { a: -2 }, calls: 1.2 });
  expect(whatIf({ ...q, agents: {}, calls: 100 }, known)).toEqual({ text: 'x', runs: 20 });
});

test('a result is saved for a spreadsheet', () => {
  const as = { queues: [row], total: { ...row, name: 'all' }, groups: [] };
  const t = { as, if: as } as unknown as Trial;
  const list = rows(t, ['09:00', '09:30', '10:00']);
  expect(list.length).toBe(1 + 2 * 2 * 4);
  expect(list[2]?.slice(0, 8)).toEqual(['as', 'queue', 'consult', '09:00', '', '', '0.99', '0.05']);
  const plan = {
    plan: {
      group: 'a',
      target: 0.8,
      rows: [{ begins: '09:00', calls: 1.5, erlangs: 2, erlang_c: 4, agents: 3 }],
    },
  } as unknown as Trial;
  expect(csv(rows(plan, []))).toBe(
    '\ufefffrom,calls,erlangs,erlang_c,erlang_a,simulation,service_level,service_level_half\r\n09:00,1.5,2,4,,3,,\r\n',
  );
  expect(csv([['a"b', 'c,d']])).toBe('\ufeff"a""b","c,d"\r\n');
  expect(csv([['=HYPERLINK("x")', '@a', '-2.5', '+1']])).toBe(`\ufeff"'=HYPERLINK(""x"")",'@a,-2.5,+1\r\n`);
});
