import { percent } from '../lib/format';
import type { Estimate, Sketch, Trial, TrialOrder, TrialRow, TrialSpan } from '../wire';

/** The figures that a span may have. */
export type Metric = keyof TrialSpan;

/** One line of a chart: a mean for each interval, and how far the true one may be on either side. */
export interface Line {
  label: string;
  colour: string;
  dashed?: boolean;
  mean: (number | null)[];
  half: (number | null)[];
}

/** A figure of a row through the day. */
export function through(row: TrialRow, metric: Metric): Pick<Line, 'mean' | 'half'> {
  return {
    mean: row.spans.map((s) => s[metric]?.mean ?? null),
    half: row.spans.map((s) => s[metric]?.half ?? null),
  };
}

/** What a chart draws of its lines: for each the low edge, the mean and the high edge of its band, rates within 0 to 1. */
export function edges(lines: Line[], rate: boolean): (number | null)[][] {
  const keep = (x: number) => Math.max(0, rate ? Math.min(1, x) : x);
  return lines.flatMap((l) => [
    l.mean.map((m, i) => (m === null ? null : keep(m - (l.half[i] ?? 0)))),
    l.mean,
    l.mean.map((m, i) => (m === null ? null : keep(m + (l.half[i] ?? 0)))),
  ]);
}

/** "84.2 % ±1.2": a rate with half of its confidence interval. */
export function rate(e: Estimate | undefined, lang: string): string {
  if (!e) return '–';
  const half = e.half === undefined ? '' : ` ±${(e.half * 100).toFixed(1)}`;
  return `${percent(e.mean, lang)}${half}`;
}

/** "1,234.5 ±0.4": anything else. */
export function amount(e: Estimate | undefined, lang: string, digits = 1): string {
  if (!e) return '–';
  const f = new Intl.NumberFormat(lang, { minimumFractionDigits: digits, maximumFractionDigits: digits });
  return `${f.format(e.mean)}${e.half === undefined ? '' : ` ±${f.format(e.half)}`}`;
}

/** What a page is asked to try. */
export interface Question {
  text: string;
  agents: Record<string, number>;
  calls: number; // per cent
  runs: number;
}

/** The order for "what if": groups that are no longer in the scenario are forgotten, and what is as it is is not sent. */
export function whatIf(q: Question, known: Sketch): TrialOrder {
  const agents = Object.fromEntries(
    Object.entries(q.agents).filter(([g, n]) => n !== 0 && known.groups.some((k) => k.group === g)),
  );
  return {
    text: q.text,
    runs: q.runs,
    ...(Object.keys(agents).length ? { agents } : {}),
    ...(q.calls !== 100 ? { calls: q.calls / 100 } : {}),
  };
}

/** The result as rows for a spreadsheet, with the names that the HTTP interface has. */
export function rows(t: Trial, begins: string[]): string[][] {
  if (t.plan) {
    return [
      [
        'from',
        'calls',
        'erlangs',
        'erlang_c',
        'erlang_a',
        'simulation',
        'service_level',
        'service_level_half',
      ],
      ...t.plan.rows.map((r) => [
        r.begins,
        String(r.calls),
        String(r.erlangs),
        String(r.erlang_c),
        r.erlang_a === undefined ? '' : String(r.erlang_a),
        String(r.agents),
        ...cells(r.service_level),
      ]),
    ];
  }
  const metrics: Metric[] = [
    'offered',
    'service_level',
    'abandon_rate',
    'asa',
    'mean_wait',
    'waiting',
    'at_work',
    'occupancy',
  ];
  const out = [['run', 'kind', 'name', 'span', ...metrics.flatMap((m) => [m, `${m}_half`])]];
  for (const [run, table] of [
    ['as', t.as],
    ['if', t.if],
  ] as const) {
    if (!table) continue;
    const line = (kind: string, name: string, span: string, s: TrialSpan) =>
      out.push([run, kind, name, span, ...metrics.flatMap((m) => cells(s[m]))]);
    for (const [kind, list] of [
      ['queue', [...table.queues, table.total]],
      ['agents', table.groups],
    ] as const) {
      for (const r of list) {
        line(kind, r.name, 'whole', r.whole);
        r.spans.forEach((s, i) => {
          line(kind, r.name, begins[i] ?? String(i), s);
        });
      }
    }
  }
  return out;
}

function cells(e: Estimate | undefined): [string, string] {
  return [e === undefined ? '' : String(e.mean), e?.half === undefined ? '' : String(e.half)];
}

/** RFC 4180, with the mark that makes spreadsheets read UTF-8. */
export function csv(list: string[][]): string {
  // A name may come from anybody's scenario: a spreadsheet must not take it for a formula.
  const plain = (s: string) => (/^[=+\-@\t\r]/.test(s) && Number.isNaN(Number(s)) ? `'${s}` : s);
  const quoted = (s: string) => (/[",\r\n]/.test(s) ? `"${s.replaceAll('"', '""')}"` : s);
  const cell = (s: string) => quoted(plain(s));
  return `\ufeff${list.map((r) => r.map(cell).join(',')).join('\r\n')}\r\n`;
}
