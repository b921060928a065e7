import { Button, Progress } from '@mantine/core';
import { Download, TriangleAlert } from 'lucide-react';
import { useState } from 'react';
import { useWords } from '../i18n';
import { percent } from '../lib/format';
import listed from '../lib/list.module.css';
import { useNames } from '../lib/session';
import { Empty } from '../lib/ui';
import type { Sketch, Trial, TrialPlan, TrialRow, TrialTable } from '../wire';
import { Bands } from './Bands';
import { useGroupName } from './Staffing';
import css from './Staffing.module.css';
import { amount, csv, type Line, type Metric, rate, rows, through } from './trial';
import { over, type useTrial } from './useTrial';

/** How far a trial is, what came out of it; before the first one, what the scenario holds. */
export function Outcome({
  trial: { trial, asked, problem, cancel },
  sketch,
  text,
}: {
  trial: ReturnType<typeof useTrial>;
  sketch: Sketch | undefined;
  text: string;
}) {
  const { t, word, lang } = useWords();
  const names = useNames();
  const begins = asked?.begins ?? [];
  return (
    <div className={css.outcome}>
      {problem && (
        <div className={css.problem} role="alert" data-testid="staffing-refused">
          <b>{word('refusal', problem.code)}</b>
          <pre>{problem.in(lang)}</pre>
        </div>
      )}
      {sketch?.queues
        .filter((q) => q.hopeless)
        .map((q) => (
          <p key={q.queue} className={css.mind} data-testid={`staffing-hopeless-${q.queue}`}>
            <TriangleAlert size={15} aria-hidden /> {t('staffing.hopeless', { queue: names.queue(q.queue) })}
          </p>
        ))}
      {sketch && sketch.slips.length > 0 && (
        <div className={css.mind} data-testid="staffing-slips">
          <TriangleAlert size={15} aria-hidden />
          <span>
            {t('staffing.slips')} {(sketch.slips_in?.[lang] ?? sketch.slips).join('; ')}
          </span>
        </div>
      )}
      {trial && !over(trial) && <Running trial={trial} cancel={cancel} />}
      {trial?.phase === 'cancelled' && <Empty>{t('staffing.cancelled')}</Empty>}
      {trial?.phase === 'failed' && (
        <div className={css.problem} role="alert" data-testid="staffing-failed">
          <b>{t('staffing.failed')}</b>
          <pre>{trial.problem_in?.[lang] ?? trial.problem}</pre>
        </div>
      )}
      {trial?.phase === 'done' && asked?.text !== text && (
        <p className={css.caption} data-testid="staffing-older">
          {t('staffing.older')}
        </p>
      )}
      {trial?.as && <Tables as={trial.as} would={trial.if} begins={begins} sketch={sketch} />}
      {trial?.plan && <Plan plan={trial.plan} />}
      {trial?.phase === 'done' && <Foot trial={trial} begins={begins} />}
      {sketch && (!trial || trial.phase === 'failed' || trial.phase === 'cancelled') && (
        <Preview sketch={sketch} />
      )}
    </div>
  );
}

function Running({ trial, cancel }: { trial: Trial; cancel: () => Promise<void> }) {
  const { t } = useWords();
  const { done, of } = trial;
  const counted = trial.staff ? t('staffing.rounds', { done, of }) : t('staffing.counted', { done, of });
  return (
    <div className={css.running} data-testid="staffing-running" data-phase={trial.phase}>
      <span>
        {trial.phase === 'waiting' ? t('staffing.waiting') : t('staffing.running')}
        {trial.of > 0 && ` · ${counted}`}
      </span>
      <Progress
        value={trial.of > 0 ? (100 * trial.done) / trial.of : 0}
        animated={trial.phase === 'running'}
        aria-label={t('staffing.running')}
      />
      <Button variant="default" size="xs" onClick={() => void cancel()} data-testid="staffing-cancel">
        {t('staffing.cancel')}
      </Button>
    </div>
  );
}

function Tables({
  as,
  would,
  begins,
  sketch,
}: {
  as: TrialTable;
  would: TrialTable | undefined;
  begins: string[];
  sketch: Sketch | undefined;
}) {
  const { t, lang } = useWords();
  const names = useNames();
  const groupName = useGroupName();
  const [queue, setQueue] = useState('');
  const [group, setGroup] = useState('');
  const all = as.queues.length > 1 ? [...as.queues, as.total] : as.queues;
  const find = (list: TrialRow[] | undefined, name: string) => list?.find((r) => r.name === name);
  const shown = find(as.queues, queue) ?? (as.queues.length > 1 ? as.total : as.queues[0]) ?? as.total;
  const other = would && (shown === as.total ? would.total : (find(would.queues, shown.name) ?? would.total));
  const crew = find(as.groups, group) ?? as.groups[0];
  const otherCrew = crew && find(would?.groups, crew.name);
  const lines = (a: TrialRow, b: TrialRow | undefined, m: Metric): Line[] => [
    {
      label: t('staffing.unchanged'),
      colour: b ? '--ink-3' : '--accent',
      dashed: b !== undefined,
      ...through(a, m),
    },
    ...(b ? [{ label: t('staffing.changed'), colour: '--accent', ...through(b, m) }] : []),
  ];
  const queueName = (r: TrialRow) =>
    r === as.total || r === would?.total ? t('staffing.all') : names.queue(r.name);
  const target = shown === as.total ? undefined : sketch?.queues.find((q) => q.queue === shown.name)?.target;
  const whole = (x: number) => `${Math.round(x * 100)}%`;
  return (
    <>
      <div className={css.charts}>
        <Bands
          title={`${t('staffing.level')} · ${queueName(shown)}`}
          begins={begins}
          lines={lines(shown, other, 'service_level')}
          format={whole}
          rate
          target={target}
          testid="staffing-chart-level"
        />
        <Bands
          title={`${t('staffing.seconds', { what: t('staffing.wait') })} · ${queueName(shown)}`}
          begins={begins}
          lines={lines(shown, other, 'mean_wait')}
          format={(x) => (x < 10 ? x.toFixed(1) : String(Math.round(x)))}
          testid="staffing-chart-wait"
        />
        {crew && (
          <Bands
            title={`${t('staffing.occupancy')} · ${groupName(crew.name)}`}
            begins={begins}
            lines={lines(crew, otherCrew, 'occupancy')}
            format={whole}
            rate
            testid="staffing-chart-occupancy"
          />
        )}
      </div>
      <p className={css.caption}>{t('staffing.band')}</p>
      <table className={`${listed.table} ${css.table}`} data-testid="staffing-queues">
        <thead>
          <tr>
            <th>{t('staffing.queue')}</th>
            <td />
            <th>{t('staffing.offered')}</th>
            <th>{t('staffing.level')}</th>
            <th>{t('staffing.abandoned')}</th>
            <th title={t('staffing.asaHint')}>{t('staffing.seconds', { what: t('staffing.asa') })}</th>
            <th>{t('staffing.seconds', { what: t('staffing.wait') })}</th>
            <th title={t('staffing.inLineHint')}>{t('staffing.inLine')}</th>
          </tr>
        </thead>
        {all.map((r) => (
          <tbody key={r.name} data-shown={r === shown}>
            <QueueRow
              row={r}
              name={queueName(r)}
              versus={would && t('staffing.unchanged')}
              show={() => setQueue(r.name)}
            />
            {would && (
              <QueueRow
                row={r === as.total ? would.total : (find(would.queues, r.name) ?? r)}
                versus={t('staffing.changed')}
                changed
              />
            )}
          </tbody>
        ))}
      </table>
      <table className={`${listed.table} ${css.table}`} data-testid="staffing-groups">
        <thead>
          <tr>
            <th>{t('staffing.group')}</th>
            <td />
            <th>{t('staffing.atWork')}</th>
            <th title={t('staffing.occupancyHint')}>{t('staffing.occupancy')}</th>
          </tr>
        </thead>
        {as.groups.map((g) => {
          const changed = find(would?.groups, g.name);
          return (
            <tbody key={g.name} data-shown={g === crew}>
              <tr>
                <td>
                  <button type="button" onClick={() => setGroup(g.name)}>
                    {groupName(g.name)}
                  </button>
                </td>
                <td className={css.soft}>{changed && t('staffing.unchanged')}</td>
                <td>{amount(g.whole.at_work, lang)}</td>
                <td>{rate(g.whole.occupancy, lang)}</td>
              </tr>
              {changed && (
                <tr className={css.changed}>
                  <td />
                  <td>{t('staffing.changed')}</td>
                  <td>{amount(changed.whole.at_work, lang)}</td>
                  <td>{rate(changed.whole.occupancy, lang)}</td>
                </tr>
              )}
            </tbody>
          );
        })}
      </table>
    </>
  );
}

function QueueRow({
  row,
  name,
  versus,
  changed,
  show,
}: {
  row: TrialRow;
  name?: string;
  versus: string | undefined;
  changed?: boolean;
  show?: () => void;
}) {
  const { t, lang } = useWords();
  const w = row.whole;
  return (
    <tr className={changed ? css.changed : undefined}>
      <td>
        {name && (
          <button type="button" onClick={show} title={t('staffing.show', { name })}>
            {name}
          </button>
        )}
      </td>
      <td className={changed ? undefined : css.soft}>{versus}</td>
      <td>{amount(w.offered, lang)}</td>
      <td>
        {rate(w.service_level, lang)} <small>{row.formula}</small>
      </td>
      <td>{rate(w.abandon_rate, lang)}</td>
      <td>{amount(w.asa, lang)}</td>
      <td>{amount(w.mean_wait, lang)}</td>
      <td>{amount(w.waiting, lang, 2)}</td>
    </tr>
  );
}

function Plan({ plan }: { plan: TrialPlan }) {
  const { t, lang } = useWords();
  const name = useGroupName()(plan.group);
  const flat = (f: (r: TrialPlan['rows'][number]) => number | undefined): Pick<Line, 'mean' | 'half'> => ({
    mean: plan.rows.map((r) => f(r) ?? null),
    half: plan.rows.map(() => null),
  });
  const count = (mean: number, digits: number) => amount({ mean }, lang, digits);
  const sum = (f: (r: TrialPlan['rows'][number]) => number | undefined) =>
    plan.rows.some((r) => f(r) === undefined) ? undefined : plan.rows.reduce((n, r) => n + (f(r) ?? 0), 0);
  return (
    <>
      <div className={css.charts} data-one>
        <Bands
          title={t('staffing.plan', { group: name, target: percent(plan.target, lang) })}
          begins={plan.rows.map((r) => r.begins)}
          stepped
          lines={[
            { label: t('staffing.erlangC'), colour: '--ink-3', dashed: true, ...flat((r) => r.erlang_c) },
            { label: t('staffing.erlangA'), colour: '--warn', dashed: true, ...flat((r) => r.erlang_a) },
            { label: t('staffing.simulation'), colour: '--accent', ...flat((r) => r.agents) },
          ]}
          format={(x) => String(Math.round(x * 10) / 10)}
          testid="staffing-chart-plan"
        />
      </div>
      <p className={css.caption}>{t('staffing.planHint')}</p>
      <table className={`${listed.table} ${css.table}`} data-testid="staffing-plan">
        <thead>
          <tr>
            <th>{t('staffing.from')}</th>
            <th>{t('staffing.offered')}</th>
            <th>{t('staffing.erlangs')}</th>
            <th>{t('staffing.erlangC')}</th>
            <th>{t('staffing.erlangA')}</th>
            <th>{t('staffing.simulation')}</th>
            <th>{t('staffing.level')}</th>
          </tr>
        </thead>
        <tbody>
          {plan.rows.map((r) => (
            <tr key={r.begins}>
              <td>{r.begins}</td>
              <td>{count(r.calls, 1)}</td>
              <td>{count(r.erlangs, 2)}</td>
              <td>{r.erlang_c}</td>
              <td>{r.erlang_a ?? '–'}</td>
              <td>
                <b>{r.agents}</b>
              </td>
              <td>{rate(r.service_level, lang)}</td>
            </tr>
          ))}
        </tbody>
        <tfoot>
          <tr>
            <td>Σ</td>
            <td>{count(sum((r) => r.calls) ?? 0, 0)}</td>
            <td />
            <td>{sum((r) => r.erlang_c) ?? '–'}</td>
            <td>{sum((r) => r.erlang_a) ?? '–'}</td>
            <td>{sum((r) => r.agents) ?? '–'}</td>
            <td />
          </tr>
        </tfoot>
      </table>
    </>
  );
}

function Foot({ trial, begins }: { trial: Trial; begins: string[] }) {
  const { t } = useWords();
  const save = () => {
    const a = document.createElement('a');
    const url = URL.createObjectURL(new Blob([csv(rows(trial, begins))], { type: 'text/csv' }));
    a.href = url;
    a.download = trial.plan ? 'agents.csv' : 'trial.csv';
    a.click();
    URL.revokeObjectURL(url);
  };
  return (
    <footer className={css.foot}>
      <span data-testid="staffing-took">
        {t('staffing.took', { runs: trial.done, time: (trial.took ?? 0).toFixed(1) })}
      </span>
      <Button
        variant="subtle"
        size="compact-sm"
        leftSection={<Download size={15} aria-hidden />}
        onClick={save}
      >
        {t('staffing.saveCsv')}
      </Button>
    </footer>
  );
}

/** What a scenario holds, before anything is run. */
function Preview({ sketch }: { sketch: Sketch }) {
  const { t } = useWords();
  const names = useNames();
  const colours = ['--accent', '--warn', '--ink-3', '--bad', '--ink'];
  const none = sketch.begins.map(() => null);
  const sum = (lists: number[][]) => sketch.begins.map((_, i) => lists.reduce((n, l) => n + (l[i] ?? 0), 0));
  const many = sketch.queues.length > colours.length;
  return (
    <>
      {sketch.groups.length === 0 && (
        <p className={css.mind}>
          <TriangleAlert size={15} aria-hidden /> {t('staffingNote.no-agents')}
        </p>
      )}
      <div className={css.charts}>
        <Bands
          title={`${t('staffing.expected')} (${t('staffing.perInterval')})`}
          begins={sketch.begins}
          stepped
          lines={
            many
              ? [
                  {
                    label: t('staffing.all'),
                    colour: '--accent',
                    mean: sum(sketch.queues.map((q) => q.calls)),
                    half: none,
                  },
                ]
              : sketch.queues.map((q, i) => ({
                  label: names.queue(q.queue),
                  colour: colours[i] ?? '--ink',
                  mean: q.calls,
                  half: none,
                }))
          }
          format={(x) => String(Math.round(x * 10) / 10)}
          testid="staffing-chart-calls"
        />
        <Bands
          title={t('staffing.planned')}
          begins={sketch.begins}
          stepped
          lines={[
            {
              label: t('staffing.atWork'),
              colour: '--accent',
              mean: sum(sketch.groups.map((g) => g.at_work)),
              half: none,
            },
          ]}
          format={(x) => String(Math.round(x * 10) / 10)}
          testid="staffing-chart-agents"
        />
      </div>
      <p className={css.caption}>{t('staffing.hint')}</p>
    </>
  );
}
