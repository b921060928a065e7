import { moment } from '../lib/format';
import type { CallDetail } from '../wire';

/** One stretch of a call, on the row of a leg. Times in ms; a stretch that lasts has `to` undefined. */
export interface Bar {
  kind: 'menu' | 'wait' | 'talk' | 'hold' | 'message' | 'offer';
  from: number;
  to: number | undefined;
  /** A queue's or agent's id. */
  about?: string;
  result?: string;
}

/** A leg: the caller's first, then each agent's in the order in which they came. */
export interface Leg {
  agent?: string;
  bars: Bar[];
}

/** Lays a call's history out as one row of bars per leg. */
export function legsOf(call: CallDetail): Leg[] {
  const arrived = moment(call.arrived) ?? 0;
  const ended = moment(call.ended);
  const caller: Bar[] = [];
  for (const v of call.visits)
    caller.push({ kind: 'wait', from: at(v.began), to: moment(v.ended), about: v.queue, result: v.outcome });
  for (const t of call.talks) {
    caller.push({ kind: 'talk', from: at(t.began), to: moment(t.ended), about: t.agent });
    for (const h of t.holds)
      caller.push({ kind: 'hold', from: at(h.from), to: moment(h.to) ?? moment(t.ended) });
  }
  for (const m of call.messages) {
    const left = at(m.left);
    caller.push({ kind: 'message', from: left - m.duration * 1000, to: left });
  }
  // What is left before the first of them is the menu.
  const first = Math.min(...caller.map((b) => b.from), ended ?? Number.POSITIVE_INFINITY);
  if (Number.isFinite(first) ? first > arrived : true)
    caller.push({ kind: 'menu', from: arrived, to: Number.isFinite(first) ? first : undefined });
  const legs: Leg[] = [{ bars: caller.sort((a, b) => a.from - b.from) }];

  const rows = new Map<string, Leg>();
  const row = (agent: string) => {
    const leg = rows.get(agent) ?? { agent, bars: [] };
    rows.set(agent, leg);
    return leg;
  };
  const offers = call.visits.flatMap((v) => v.offers).sort((a, b) => at(a.made) - at(b.made));
  for (const o of offers)
    row(o.agent).bars.push({ kind: 'offer', from: at(o.made), to: moment(o.ended), result: o.result });
  for (const t of call.talks) {
    row(t.agent).bars.push({ kind: 'talk', from: at(t.began), to: moment(t.ended), result: t.how });
    for (const h of t.holds)
      row(t.agent).bars.push({ kind: 'hold', from: at(h.from), to: moment(h.to) ?? moment(t.ended) });
  }
  return [...legs, ...rows.values()];
}

/** Round steps for a time axis of that many seconds: at most eight of them. */
export function ticks(seconds: number): number[] {
  const step =
    [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600].find((s) => seconds / s <= 8) ?? 7200;
  const out: number[] = [];
  for (let t = 0; t <= seconds; t += step) out.push(t);
  return out;
}

function at(iso: string): number {
  return moment(iso) ?? 0;
}
