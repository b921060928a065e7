// A day that managers try, for the mock: smooth curves instead of a simulation.
import type {
  CentreScenario,
  Estimate,
  ScenarioList,
  Sketch,
  Trial,
  TrialOrder,
  TrialRow,
  TrialSpan,
  TrialTable,
} from '../src/wire';

const text = `name: 临江市民热线 12345
start: 8h30m
length: 9h
interval: 30m
replications: 20
seed: 1

queues:
  complaint:
    needs: {complaint: 5}
    relax: [{after: 30s, complaint: 3}, {after: 1m, complaint: 1}]
    service_level: {within: 20s, target: 0.85, formula: SL3}
    limits: {waiting: 50, wait: 10m, when: {full: message, nobody: message, wait: message}}
  consult:
    needs: {consult: 3}
    service_level: {within: 20s, target: 0.85, formula: SL3}

calls:
  complaint:
    arrivals: {interval: 30m, counts: [14, 22, 31, 33, 30, 24, 15, 12, 19, 26, 28, 27, 24, 22, 20, 17, 14, 9], busyness: 0.08}
    talk: {lognormal: {mean: 4m10s, sd: 3m}}
    wrap_up: {exponential: 45s}
    patience: {exponential: 2m40s}

agents:
  - name: li +2
    skills: {complaint: 8, consult: 5}
    queues: [{queue: complaint}, {queue: consult, order: 2}]
    roster: [4, 6, 8, 8, 8, 7, 4, 4, 6, 7, 8, 8, 7, 6, 6, 5, 4, 3]
`;

const begins = Array.from({ length: 18 }, (_, i) => {
  const at = 510 + 30 * i;
  return `${String(Math.floor(at / 60)).padStart(2, '0')}:${String(at % 60).padStart(2, '0')}`;
});
const day = [14, 22, 31, 33, 30, 24, 15, 12, 19, 26, 28, 27, 24, 22, 20, 17, 14, 9];

export const scenarios: ScenarioList = {
  scenarios: [
    { id: 'mm12', name: 'M/M/12', text: 'name: M/M/12\nlength: 40h\n' },
    { id: 'two-languages', name: 'Two languages, three groups', text: 'name: Two languages\n' },
  ],
  most_calls: 3_000_000,
  most_agents: 20_000,
  seconds: 120,
};

export const centre = (empty: boolean): CentreScenario =>
  empty
    ? { text, days: 0, calls: 0, notes: ['no-talks', 'no-patience', 'no-calls', 'no-roster'] }
    : { text, days: 20, calls: 18_412, notes: ['no-patience'] };

export const sketch = (empty: boolean, hopeless = false): Sketch => ({
  name: '临江市民热线 12345',
  interval: 1800,
  begins,
  runs: 20,
  calls: 20 * 1012,
  queues: ['complaint', 'consult', 'english'].map((queue, k) => ({
    queue,
    within: k === 2 ? 30 : 20,
    target: 0.85,
    formula: 'SL3',
    hopeless: (hopeless && k === 2) || undefined,
    calls: empty ? day.map(() => 3) : day.map((n) => Math.round(n * ([1, 1.5, 0.15][k] ?? 1) * 10) / 10),
  })),
  slips: empty ? ['agents zhao: the roster ends at 12:00, before the calls do'] : [],
  groups: (
    [
      ['li +2', ['complaint', 'consult'], 8],
      ['chen +3', ['consult', 'english'], 9],
      ['zhao', ['consult'], 1],
      ['smith', ['english'], 2],
    ] as const
  ).map(([group, queues, most]) => ({
    group,
    queues: [...queues],
    most,
    at_work: empty ? day.map(() => most) : day.map((n) => Math.ceil((most * n) / 33)),
  })),
});

const estimate = (mean: number, half: number): Estimate => ({ mean, half });

function queue(name: string, share: number, worse: number): TrialRow {
  const span = (n: number, times: number): TrialSpan => {
    const load = Math.min(1, n / 33 + worse);
    const level = 1 - 0.42 * load ** 3 - worse * 0.5;
    return {
      offered: estimate(n * share * times, 1.3 * Math.sqrt(n * times)),
      service_level: estimate(level, 0.05 * load + 0.01),
      abandon_rate: estimate(0.01 + 0.12 * load ** 3, 0.01),
      asa: estimate(2 + 26 * load ** 3, 1 + 5 * load ** 3),
      mean_wait: estimate(2 + 29 * load ** 3, 1 + 6 * load ** 3),
      waiting: estimate(0.05 + 0.9 * load ** 3, 0.1),
    };
  };
  return { name, formula: 'SL3', whole: span(22, 18), spans: day.map((n) => span(n, 1)) };
}

const table = (worse: number): TrialTable => ({
  queues: [queue('complaint', 1, worse), queue('consult', 1.5, worse / 2), queue('english', 0.15, worse / 4)],
  total: queue('all', 2.65, worse * 0.7),
  groups: sketch(false).groups.map((g) => {
    const span = (n: number, i: number): TrialSpan => ({
      at_work: estimate((g.at_work[i] ?? g.most * 0.7) - 6 * worse, 0),
      occupancy: estimate(Math.min(0.97, 0.45 + n / 80 + worse), 0.02),
    });
    return { name: g.group, whole: span(22, -1), spans: day.map(span) };
  }),
});

let order: TrialOrder | undefined;

export function begin(o: TrialOrder): Trial {
  order = o;
  return { id: 't1', seq: 1, phase: 'waiting', done: 0, of: 0, staff: o.staff };
}

/** A day on which nobody is answered: most figures have no value. */
const nobody = (): TrialTable => {
  const none = (n: number): TrialSpan => ({
    offered: estimate(n, 0),
    abandon_rate: estimate(1, 0),
    mean_wait: estimate(161, 0),
    service_level: estimate(0, 0),
    waiting: estimate(n / 12, 0),
  });
  const rowOf = (name: string): TrialRow => ({
    name,
    formula: 'SL3',
    whole: none(12345678),
    spans: day.map(none),
  });
  return {
    queues: ['complaint', 'consult', 'english'].map(rowOf),
    total: rowOf('all'),
    groups: sketch(false).groups.map((g) => ({
      name: g.group,
      whole: { at_work: estimate(0, 0) },
      spans: day.map(() => ({ at_work: estimate(0, 0) })),
    })),
  };
};

export function trial(scene: string, after: number): Trial {
  const state = { id: 't1', seq: after + 1, staff: order?.staff };
  if (scene.includes('running')) return { ...state, phase: 'running', done: 13, of: 40 };
  if (scene.includes('failed'))
    return {
      ...state,
      phase: 'failed',
      done: 3,
      of: 200,
      problem:
        'at 09:00 61 agents of smith reach only 41.2 %: has the group the skills that its queues need?',
      problem_in: { zh: '09:00：smith 组用 61 人也只能达到 41.2 %：该组是否具备其队列所需的技能？' },
    };
  if (order?.staff)
    return {
      ...state,
      phase: 'done',
      done: 14,
      of: 200,
      took: 3.4,
      plan: {
        group: order.staff,
        target: order.target ?? 0.85,
        rows: day.map((n, i) => ({
          begins: begins[i] ?? '',
          calls: n,
          erlangs: (n * 295) / 1800,
          erlang_c: Math.ceil((n * 295) / 1800 + 1.6 * Math.sqrt((n * 295) / 1800)),
          erlang_a: Math.ceil((n * 295) / 1800 + 1.1 * Math.sqrt((n * 295) / 1800)),
          agents: Math.ceil((n * 295) / 1800 + 0.5 * Math.sqrt((n * 295) / 1800)),
          service_level: estimate(0.86 + ((i * 7) % 5) / 100, 0.025),
        })),
      },
    };
  if (scene.includes('nobody')) return { ...state, phase: 'done', done: 20, of: 20, took: 0.4, as: nobody() };
  const changed = order?.agents !== undefined || order?.calls !== undefined;
  return {
    ...state,
    phase: 'done',
    done: changed ? 40 : 20,
    of: changed ? 40 : 20,
    took: 2.1,
    as: table(0),
    if: changed ? table(0.22) : undefined,
  };
}
