import type { BoardAgent, Membership } from '../wire';

// What a supervisor's form holds, and how it becomes a command.

/** The order of each queue that the agent takes calls of; a queue that is undefined is none of them. */
export type Orders = Record<string, number | undefined>;
/** The level of each skill; 0 is none. */
export type Levels = Record<string, number>;

export function ordersOf(queues: BoardAgent['queues']): Orders {
  return Object.fromEntries(queues.map((m) => [m.queue, m.order || 1]));
}

/** The memberships to be: those that were there keep their weight. */
export function queuesOf(orders: Orders, before: Membership[]): Membership[] {
  return Object.entries(orders)
    .filter((x): x is [string, number] => x[1] !== undefined)
    .map(([queue, order]) => ({ ...before.find((m) => m.queue === queue), queue, order }));
}

export function levelsOf(skills: BoardAgent['skills']): Levels {
  return { ...skills };
}

export function skillsOf(levels: Levels): Record<string, number> {
  return Object.fromEntries(Object.entries(levels).filter(([, level]) => level > 0));
}

/** Whether two of them say the same, in whatever order. */
export function same(a: Orders, b: Orders): boolean {
  const keys = new Set([...Object.keys(a), ...Object.keys(b)]);
  return [...keys].every((k) => a[k] === b[k]);
}
