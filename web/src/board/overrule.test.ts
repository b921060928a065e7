import { expect, test } from 'vitest';
import { ordersOf, queuesOf, same, skillsOf } from './overrule';

test('a queue that the agent had keeps its weight, one that is taken away is not sent', () => {
  const before = [
    { queue: 'consult', weight: 2 },
    { queue: 'complaint', order: 2 },
  ];
  const orders = { ...ordersOf(before), complaint: undefined, english: 3, consult: 2 };
  expect(queuesOf(orders, before)).toEqual([
    { queue: 'consult', weight: 2, order: 2 },
    { queue: 'english', order: 3 },
  ]);
});

test('what is put back as it was is no change', () => {
  const now = ordersOf([{ queue: 'consult' }]);
  expect(same({ ...now, english: undefined }, now)).toBe(true);
  expect(same({ ...now, english: 1 }, now)).toBe(false);
  expect(skillsOf({ consult: 9, english: 0 })).toEqual({ consult: 9 });
});
