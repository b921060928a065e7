import { Tooltip } from '@mantine/core';
import { ChevronRight, Clock3, Expand, Minimize2, PhoneOutgoing, Radio, TriangleAlert } from 'lucide-react';
import { useCallback, useEffect, useState } from 'react';
import { Link, useLocation, useSearch } from 'wouter';
import { useWords } from '../i18n';
import { heardServerTime, serverNow, useSecond } from '../lib/clock';
import { average, clock, duration, moment, percent, startOfDay, timeOfDay } from '../lib/format';
import { useNames, useSession, useTopic } from '../lib/session';
import { Ago, Empty, Mark, Panel, Since, StateSign, useSince } from '../lib/ui';
import type { BoardAgent, Board as BoardData, BoardQueue, Figures } from '../wire';
import { AgentPanel } from './AgentPanel';
import { Announcements, Offered } from './Announcements';
import { useAlarm } from './alarm';
import css from './Board.module.css';
import { Chart } from './Chart';
import { merge } from './merge';

/** Without any news for this long the board must not look alive. */
const silence = 3000;

/** The supervisor's board; with ?wall=1 the same for a wall. */
export function Board() {
  const { link } = useSession();
  const { t, lang } = useWords();
  const names = useNames();
  const board = useTopic<BoardData>(link, 'board', merge);
  const wall = new URLSearchParams(useSearch()).get('wall') === '1';
  const [, go] = useLocation();
  const [chosen, setChosen] = useState('');
  const close = useCallback(() => setChosen(''), []);
  const agent = wall ? undefined : board?.agents?.[chosen];
  const stale = useStale();

  useEffect(() => {
    if (board?.at) heardServerTime(Date.parse(board.at));
  }, [board?.at]);

  // The moment of the last sign of life, by the server's clock.
  useSecond();
  const asOf = timeOfDay(serverNow() - Math.max(0, performance.now() - link.heard), lang);
  return (
    <div className={css.board} data-wall={wall} data-stale={stale} data-testid="board">
      {stale && board && (
        <p className={css.stale} role="alert" data-testid="board-stale">
          <Clock3 size={18} aria-hidden />
          {t('board.stale', { time: asOf })}
        </p>
      )}
      <div className={css.grey}>
        {wall && (
          <header className={css.wallHead}>
            <Mark size={30} />
            <h1>{names.centre}</h1>
          </header>
        )}
        <Head board={board} />
        <div className={css.grid}>
          <div className={css.left}>
            <Panel title={t('board.queues')} flush className={css.queues}>
              <Queues board={board} />
            </Panel>
            <Panel title={t('board.agentsTitle')} flush className={css.agents}>
              <Agents board={board} wall={wall} chosen={agent?.agent ?? ''} choose={setChosen} />
            </Panel>
          </div>
          <div className={css.right}>
            {agent ? (
              <AgentPanel key={agent.agent} agent={agent} close={close} />
            ) : (
              <Panel title={t('board.last60')} className={css.chartPanel}>
                <Chart minutes={board?.minutes ?? []} target={board?.totals?.target} />
              </Panel>
            )}
            <Panel title={t('board.alarms')} className={css.alarms}>
              <Alarms board={board} wall={wall} />
            </Panel>
            {!agent && <Announcements list={board?.announcements ?? []} wall={wall} />}
          </div>
        </div>
        <footer className={css.foot}>
          <span data-testid="board-at">
            {!stale && <Radio size={14} aria-hidden />}
            {board ? t('board.asOf', { time: asOf }) : t('app.loading')}
          </span>
          <button
            type="button"
            className={css.wallButton}
            onClick={() => {
              if (!wall) void document.documentElement.requestFullscreen?.().catch(() => {});
              else if (document.fullscreenElement) void document.exitFullscreen();
              go(wall ? '/board' : '/board?wall=1');
            }}
            data-testid="wall"
          >
            {wall ? <Minimize2 size={15} aria-hidden /> : <Expand size={15} aria-hidden />}
            {wall ? t('board.unwall') : t('board.wall')}
          </button>
        </footer>
      </div>
    </div>
  );
}

/** Whether the server has been silent for too long: neither deltas nor answers to pings. */
function useStale(): boolean {
  const { link } = useSession();
  const [stale, setStale] = useState(false);
  useEffect(() => {
    const timer = setInterval(() => setStale(performance.now() - link.heard > silence), 250);
    return () => clearInterval(timer);
  }, [link]);
  return stale;
}

function Head({ board }: { board: BoardData | null }) {
  const { t, lang, word } = useWords();
  const totals = board?.totals;
  const queues = Object.values(board?.queues ?? {});
  const agents = Object.values(board?.agents ?? {});
  const waiting = queues.reduce((n, q) => n + q.waiting, 0);
  const longest = queues
    .map((q) => moment(q.longest))
    .filter((x) => x !== undefined)
    .sort((a, b) => a - b)[0];
  const waited = useSince(longest === undefined ? undefined : new Date(longest).toISOString());
  const count = (...states: string[]) => agents.filter((a) => states.includes(a.state)).length;
  const low = below(totals);
  return (
    <div className={css.head}>
      <Tooltip label={t('board.rateHint')}>
        <div className={css.figure}>
          <b data-testid="board-total-answer-rate">{percent(totals?.answer_rate, lang)}</b>
          <span>{t('board.rate')}</span>
        </div>
      </Tooltip>
      <Tooltip label={totals ? word('formula', totals.formula) : ''} disabled={!totals}>
        <div className={css.figure} data-low={low}>
          <b data-testid="board-total-service-level">
            {percent(totals?.service_level, lang)}
            {low && <TriangleAlert size={20} aria-hidden />}
          </b>
          <span>
            {t('board.level')}
            {totals && ` · ${t('board.formula', { formula: totals.formula, threshold: totals.threshold })}`}
            {low && totals && <em> {t('board.below', { target: percent(totals.target, lang) })}</em>}
          </span>
        </div>
      </Tooltip>
      <div className={css.figure}>
        <b>
          <i data-testid="board-total-waiting">{waiting}</i>
          <small>{waiting > 0 ? clock(waited) : ''}</small>
        </b>
        <span>
          {t('board.waiting')}
          {waiting > 0 && ` · ${t('board.longest')}`}
        </span>
      </div>
      <div className={css.figure}>
        <b className={css.counts}>
          <State state="talking" n={count('talking', 'held', 'offered')} />
          <State state="ready" n={count('ready')} />
          <State state="wrap-up" n={count('wrap-up')} />
          <State state="not-ready" n={count('not-ready')} />
        </b>
        <span>
          {[
            t('board.agents'),
            t('board.talking'),
            t('board.ready'),
            t('board.wrapUp'),
            t('board.notReady'),
          ].join(' · ')}
        </span>
      </div>
      <div className={css.figure}>
        <b>
          <i data-testid="board-calls">
            {board?.calls
              ? board.calls.ivr + board.calls.waiting + board.calls.talking + board.calls.message
              : 0}
          </i>
        </b>
        <span>
          {t('board.calls')}
          {board?.calls && board.calls.ivr > 0 && ` · ${board.calls.ivr} ${t('board.ivr')}`}
          {board?.calls && board.calls.message > 0 && ` · ${board.calls.message} ${t('board.message')}`}
        </span>
      </div>
    </div>
  );
}

function State({ state, n }: { state: string; n: number }) {
  const { word } = useWords();
  return (
    <Tooltip label={word('state', state)}>
      <span className={css.count} data-testid={`board-agents-${state}`}>
        <StateSign state={state} size={17} />
        {n}
      </span>
    </Tooltip>
  );
}

function below(f: Figures | undefined): boolean {
  return f?.service_level !== null && f?.service_level !== undefined && f.service_level < f.target;
}

function Queues({ board }: { board: BoardData | null }) {
  const { profile } = useSession();
  const { t } = useWords();
  const rows = profile.queues
    .map((q) => board?.queues?.[q.queue])
    .concat(
      Object.values(board?.queues ?? {}).filter((q) => !profile.queues.some((x) => x.queue === q.queue)),
    )
    .filter((q): q is BoardQueue => q !== undefined);
  if (board && rows.length === 0) return <Empty>{t('board.noQueues')}</Empty>;
  return (
    <table className={css.table}>
      <thead>
        <tr>
          <th>{t('board.queue')}</th>
          <th>{t('board.waiting')}</th>
          <th>{t('board.longest')}</th>
          <th className={css.wallless}>{t('board.agents')}</th>
          <th>{t('board.offered')}</th>
          <th>{t('board.answered')}</th>
          <th>{t('board.abandoned')}</th>
          <th>{t('board.rate')}</th>
          <th>{t('board.level')}</th>
          <th className={css.wallless}>
            <Tooltip label={t('board.asaHint')}>
              <span>{t('board.asa')}</span>
            </Tooltip>
          </th>
          <th className={css.wallless}>
            <Tooltip label={t('board.ahtHint')}>
              <span>{t('board.aht')}</span>
            </Tooltip>
          </th>
        </tr>
      </thead>
      <tbody>
        {rows.map((q) => (
          <QueueRow key={q.queue} queue={q} />
        ))}
      </tbody>
      {board?.totals && (
        <tfoot>
          <tr>
            <td>{t('board.all')}</td>
            <td>
              {rows.reduce((n, q) => n + q.waiting, 0)}
              <Promised figures={board.totals} id="board-total" />
            </td>
            <td />
            <td className={css.wallless} />
            <FigureCells figures={board.totals} id="total" />
          </tr>
        </tfoot>
      )}
    </table>
  );
}

function QueueRow({ queue: q }: { queue: BoardQueue }) {
  const { t } = useWords();
  const names = useNames();
  const waited = useSince(q.longest);
  const late = q.waiting > 0 && waited > q.figures.threshold;
  const state = (s: string) => q.agents?.[s] ?? 0;
  const id = `board-queue-${q.queue}`;
  return (
    <tr data-testid={id}>
      <td>{names.queue(q.queue)}</td>
      <td>
        <span data-testid={`${id}-waiting`}>{q.waiting}</span>
        <Promised figures={q.figures} id={id} />
      </td>
      <td data-testid={`${id}-longest`} data-bad={late}>
        {q.waiting > 0 ? (
          <Tooltip
            label={t('board.overThreshold', { threshold: duration(q.figures.threshold) })}
            disabled={!late}
          >
            <span>
              {clock(waited)}
              {late && '!'}
            </span>
          </Tooltip>
        ) : (
          '–'
        )}
      </td>
      <td className={`${css.agentsCell} ${css.wallless}`}>
        <State2 state="talking" n={state('talking') + state('held') + state('offered')} />
        <State2 state="ready" n={state('ready')} />
        <State2 state="wrap-up" n={state('wrap-up')} />
        <State2 state="not-ready" n={state('not-ready')} />
      </td>
      <FigureCells figures={q.figures} id={q.queue} />
    </tr>
  );
}

/** Call backs wait beside the callers: how many, and on touch what became of today's. */
function Promised({ figures: f, id }: { figures: Figures; id: string }) {
  const { t } = useWords();
  if (!f.callbacks_open && !f.callbacks_promised) return null;
  const wait = f.callback_wait === null ? '–' : duration(f.callback_wait);
  return (
    <Tooltip
      multiline
      w={300}
      label={t('board.promised', {
        promised: f.callbacks_promised,
        reached: f.callbacks_reached,
        unreached: f.callbacks_unreached,
        expired: f.callbacks_expired,
        open: f.callbacks_open,
        wait,
      })}
    >
      <Link href="/callbacks" className={css.promised} data-testid={`${id}-callbacks`}>
        <PhoneOutgoing size={12} aria-hidden /> {f.callbacks_open}
      </Link>
    </Tooltip>
  );
}

function State2({ state, n }: { state: string; n: number }) {
  const { word } = useWords();
  return (
    <Tooltip label={word('state', state)}>
      <span className={css.count} data-none={n === 0}>
        <StateSign state={state} size={13} />
        {n}
      </span>
    </Tooltip>
  );
}

function FigureCells({ figures: f, id }: { figures: Figures; id: string }) {
  const { t, lang, word } = useWords();
  const { profile } = useSession();
  const today = new Date(startOfDay(serverNow(), profile.centre.timezone)).toISOString();
  const cell = id === 'total' ? 'board-total' : `board-queue-${id}`;
  const calls = (outcome: string) => {
    const q = new URLSearchParams({
      from: today,
      ...(id === 'total' ? {} : { queue: id }),
      ...(outcome ? { outcome } : {}),
    });
    return `/calls?${q}`;
  };
  const low = below(f);
  return (
    <>
      <td>
        <Link href={calls('')} data-testid={`${cell}-offered`}>
          {f.offered}
        </Link>
      </td>
      <td>
        <Link href={calls('answered')} data-testid={`${cell}-answered`}>
          {f.answered}
        </Link>
      </td>
      <td>
        <Link href={calls('abandoned')} data-testid={`${cell}-abandoned`}>
          {f.abandoned}
        </Link>
      </td>
      <td data-testid={`${cell}-rate`}>{percent(f.answer_rate, lang)}</td>
      <td data-bad={low}>
        <Tooltip
          label={`${word('formula', f.formula)}${low ? ` · ${t('board.below', { target: percent(f.target, lang) })}` : ''}`}
        >
          <span className={css.level}>
            {low && (
              <TriangleAlert size={14} aria-label={t('board.below', { target: percent(f.target, lang) })} />
            )}
            <span data-testid={`${cell}-level`}>{percent(f.service_level, lang)}</span>
            <small data-testid={`${cell}-formula`}>
              {t('board.formula', { formula: f.formula, threshold: f.threshold })}
            </small>
          </span>
        </Tooltip>
      </td>
      <td className={css.wallless}>
        <Tooltip
          label={t('board.expected', {
            off: duration(f.expected_off ?? 0),
            late: `${(f.expected_late ?? 0) < 0 ? '−' : '+'}${duration(Math.abs(f.expected_late ?? 0))}`,
            n: f.told,
          })}
          disabled={f.told === 0}
          multiline
          w={260}
        >
          <span data-testid={`${cell}-asa`}>{f.asa === null ? '–' : duration(f.asa)}</span>
        </Tooltip>
      </td>
      <td className={css.wallless}>{f.aht === null ? '–' : duration(f.aht)}</td>
    </>
  );
}

const order = ['talking', 'held', 'offered', 'wrap-up', 'ready', 'not-ready', 'signed-out'];

function Agents({
  board,
  wall,
  chosen,
  choose,
}: {
  board: BoardData | null;
  wall: boolean;
  chosen: string;
  choose: (agent: string) => void;
}) {
  const { t, lang } = useWords();
  const names = useNames();
  const all = Object.values(board?.agents ?? {});
  const byName = (a: BoardAgent, b: BoardAgent) =>
    names.agent(a.agent).localeCompare(names.agent(b.agent), lang);
  const here = all.filter((a) => a.state !== 'signed-out').sort(byName);
  const gone = all.filter((a) => a.state === 'signed-out').sort(byName);
  const [everybody, setEverybody] = useState(false);
  const [byState, setByState] = useState(false);
  // By name nobody jumps when a state changes; by state is there for who wants it.
  const rows = byState
    ? [...here].sort((a, b) => order.indexOf(a.state) - order.indexOf(b.state))
    : [...here];
  if (everybody && !wall) rows.push(...gone);
  return (
    <>
      {board && rows.length === 0 && <Empty>{t('board.noAgents')}</Empty>}
      <table className={css.table} hidden={rows.length === 0}>
        <thead>
          <tr>
            <th>
              <button type="button" onClick={() => setByState(false)} aria-pressed={!byState}>
                {t('board.agent')}
              </button>
            </th>
            <th className={css.leftCell}>
              <button type="button" onClick={() => setByState(true)} aria-pressed={byState}>
                {t('board.state')}
              </button>
            </th>
            <th>{t('board.since')}</th>
            <th className={`${css.leftCell} ${css.rest}`} />
            <th>{t('day.answered')}</th>
            <th>{t('day.missed')}</th>
            <th>{t('board.aht')}</th>
          </tr>
        </thead>
        <tbody>
          {rows.map((a) => (
            <AgentRow
              key={a.agent}
              agent={a}
              chosen={a.agent === chosen}
              choose={wall ? undefined : () => choose(a.agent === chosen ? '' : a.agent)}
            />
          ))}
        </tbody>
      </table>
      {!wall && gone.length > 0 && (
        <button
          type="button"
          className={css.signedOut}
          onClick={() => setEverybody(!everybody)}
          aria-expanded={everybody}
          data-testid="board-signed-out"
        >
          {t('board.signedOut', { n: gone.length })} · {everybody ? t('board.showHere') : t('board.showAll')}
        </button>
      )}
    </>
  );
}

function AgentRow({ agent: a, chosen, choose }: { agent: BoardAgent; chosen: boolean; choose?: () => void }) {
  const { t, word } = useWords();
  const names = useNames();
  const since = useSince(a.since);
  const limit = a.state === 'not-ready' ? (a.limit ?? 0) : 0;
  const over = limit > 0 && since > limit;
  return (
    <tr data-testid={`board-agent-${a.agent}`} data-chosen={chosen}>
      <td>
        {choose ? (
          <button
            type="button"
            className={css.choose}
            onClick={choose}
            aria-expanded={chosen}
            aria-label={t('overrule.open', { name: names.agent(a.agent) })}
            data-testid={`board-agent-${a.agent}-open`}
          >
            {names.agent(a.agent)}
            <ChevronRight size={14} aria-hidden />
          </button>
        ) : (
          names.agent(a.agent)
        )}
      </td>
      <td className={css.leftCell}>
        <span className={css.stateCell} data-testid={`board-agent-${a.agent}-state`}>
          <StateSign state={a.state} size={14} />
          {a.state === 'not-ready' && a.reason ? names.reason(a.reason) : word('state', a.state)}
        </span>
      </td>
      <td data-bad={over}>
        <Since at={a.since} format={clock} />
        {over && '!'}
      </td>
      <td className={css.leftCell}>
        {a.call && (
          <Link href={`/calls/${a.call}`} className={css.soft}>
            {names.queue(a.queue)}
          </Link>
        )}
        {a.line ? (
          <span className={css.then} data-testid={`board-agent-${a.agent}-line`}>
            {t('board.line', { place: a.line.place, reason: names.reason(a.line.reason) })}
          </span>
        ) : a.pending ? (
          <span className={css.then}>{t('board.pending', { reason: names.reason(a.pending) })}</span>
        ) : a.call ? null : limit > 0 ? (
          <span className={css.soft} data-bad={over}>
            {over
              ? t('board.overLimit', { limit: duration(limit) })
              : t('board.limit', { limit: duration(limit) })}
          </span>
        ) : !a.phone ? (
          <span className={css.soft}>{t('board.phoneOff')}</span>
        ) : null}
      </td>
      <td>{a.day.answered}</td>
      <td>{a.day.missed}</td>
      <td>{average(a.day.aht)}</td>
    </tr>
  );
}

function Alarms({ board, wall }: { board: BoardData | null; wall: boolean }) {
  const { t, word, lang } = useWords();
  const names = useNames();
  const says = useAlarm();
  const alarms = board?.alarms ?? [];
  if (alarms.length === 0) return <p className={css.calm}>{t('board.noAlarms')}</p>;
  return (
    <ul className={css.alarmList} data-testid="board-alarms">
      {alarms.map((a) => (
        <li key={a.id}>
          <TriangleAlert size={16} aria-hidden />
          <div>
            <b>
              {word('alarm', a.kind)}
              {a.queue && ` · ${names.queue(a.queue)}`}
              {a.agent && ` · ${names.agent(a.agent)}`}
              {a.line && ` · ${a.line}`}
            </b>
            <p>{says(a).text}</p>
            {says(a).detail && (
              <small className={css.detail} lang={a.why_in?.[lang] ? undefined : 'en'}>
                {says(a).detail}
              </small>
            )}
            {a.announcement && (
              <Offered
                announcement={board?.announcements?.find((x) => x.announcement === a.announcement)}
                wall={wall}
              />
            )}
          </div>
          <span>
            {timeOfDay(moment(a.at) ?? 0, lang, false)} · <Ago at={a.at} />
          </span>
        </li>
      ))}
    </ul>
  );
}
