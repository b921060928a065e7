import type { Board } from '../wire';

/** How many points the chart keeps. */
export const kept = 60;

/** Lays a delta over the board: queues and agents by id, minutes by their time, the rest whole where it came. */
export function merge(old: Board | null, data: unknown): Board {
  const delta = data as Board;
  if (!old) return { ...delta, minutes: byTime([], delta.minutes) };
  return {
    at: delta.at,
    queues: delta.queues ? { ...old.queues, ...delta.queues } : old.queues,
    agents: delta.agents ? { ...old.agents, ...delta.agents } : old.agents,
    totals: delta.totals ?? old.totals,
    minutes: delta.minutes ? byTime(old.minutes, delta.minutes) : old.minutes,
    calls: delta.calls ?? old.calls,
    alarms: delta.alarms ?? old.alarms,
    announcements: delta.announcements ?? old.announcements,
  };
}

type Minutes = NonNullable<Board['minutes']>;

function byTime(old: Minutes | undefined, now: Minutes | undefined): Minutes {
  const all = new Map((old ?? []).map((m) => [Date.parse(m.at), m]));
  for (const m of now ?? []) all.set(Date.parse(m.at), m);
  return [...all.entries()]
    .sort(([a], [b]) => a - b)
    .slice(-kept)
    .map(([, m]) => m);
}
