import { useQuery } from '@tanstack/react-query';
import { CircleSlash, CloudOff, Lock } from 'lucide-react';
import { Link, useParams } from 'wouter';
import { Path } from '../desk/Path';
import { useWhy } from '../desk/why';
import { useWords, type WordList } from '../i18n';
import { ApiError, api } from '../lib/api';
import { clock, moment, timeOfDay } from '../lib/format';
import { useNames } from '../lib/session';
import { Ago, Empty, Notice, Panel, useFault, useParty } from '../lib/ui';
import type { CallDetail, HistoryMark, HistoryOffer } from '../wire';
import css from './Calls.module.css';
import { Player } from './Player';
import { Timeline } from './Timeline';

/** One call: who, how it went as a picture, what was said, and each moment in words. */
export function Call() {
  const { id = '' } = useParams<{ id: string }>();
  const { t } = useWords();
  const fault = useFault();
  const query = useQuery({
    queryKey: ['call', id],
    queryFn: () => api.call(id),
    // A call that goes on, or whose recording is on its way, is looked at again.
    refetchInterval: (q) => {
      const c = q.state.data;
      if (!c) return false;
      const unsettled = c.recordings.some((r) => r.state === 'running' || r.state === 'fetching');
      return !moment(c.ended) || unsettled ? 2000 : false;
    },
  });
  const back = <Link href="/calls">{t('call.toCalls')}</Link>;
  const refused = query.error instanceof ApiError ? query.error.status : 0;
  if (refused === 404)
    return (
      <Notice sign={CircleSlash} title={t('call.gone')} action={back} testid="call-gone">
        {t('call.goneHint')}
      </Notice>
    );
  if (refused === 403)
    return (
      <Notice sign={Lock} title={t('call.notYours')} action={back} testid="call-not-yours">
        {t('call.notYoursHint')}
      </Notice>
    );
  if (query.isError && !query.data)
    return <Notice sign={CloudOff} title={t('app.notLoaded', { why: fault(query.error) })} action={back} />;
  if (!query.data) return <Empty>{t('app.loading')}</Empty>;
  return <Detail call={query.data} />;
}

/** How a call came; of those we make, that we made it. */
function viaWord(via: string) {
  if (via === 'callback') return 'call.callback' as const;
  return via === 'browser' ? ('call.browser' as const) : ('call.sip' as const);
}

function Detail({ call }: { call: CallDetail }) {
  const { t, lang, word } = useWords();
  const names = useNames();
  const party = useParty();
  const ended = moment(call.ended);
  const offers = call.visits.flatMap((v) => v.offers);
  return (
    <div className={css.one}>
      <Panel title={t('call.title')} testid="call-facts">
        <p className={css.number}>{party(call.caller)}</p>
        <p className={css.name}>
          {[call.caller.name, call.caller.region].filter(Boolean).join(' · ') || '\u00a0'}
        </p>
        <dl className={css.dl}>
          <dt>{t('call.arrived')}</dt>
          <dd>
            {timeOfDay(moment(call.arrived) ?? 0, lang)} · <Ago at={call.arrived} />
          </dd>
          <dt>{t('call.line')}</dt>
          <dd>
            {call.line} · {t(viaWord(call.via))}
          </dd>
          <dt>{t('caller.language')}</dt>
          <dd>{word('language', call.lang) || '–'}</dd>
          <dt>{t('caller.path')}</dt>
          <dd>
            <Path path={call.path} />
          </dd>
          <dt>{t('call.queue')}</dt>
          <dd>{names.queue(call.queue) || '–'}</dd>
          <dt>{t('call.agent')}</dt>
          <dd>{[...new Set(call.talks.map((x) => names.agent(x.agent)))].join(' → ') || '–'}</dd>
          <dt>{t('call.waited')}</dt>
          <dd>{clock(call.waited)}</dd>
          <dt>{t('call.talked')}</dt>
          <dd>{clock(call.talked)}</dd>
          <dt>{t('call.ending')}</dt>
          <dd data-testid="call-ending">{ended ? word('ending', call.ending) : t('call.going')}</dd>
          <dt>{t('call.ticket')}</dt>
          <dd>
            {call.tickets.length === 0 && '–'}
            {call.tickets.map((x) => (
              <Link key={x} href={`/tickets/${x}`}>
                {x}
              </Link>
            ))}
          </dd>
        </dl>
      </Panel>
      <div className={css.middle}>
        <Panel title={t('call.timeline')}>
          <Timeline call={call} />
        </Panel>
        <Panel title={t('call.recording')} testid="call-recordings">
          {call.recordings.length === 0 && <p className={css.soft}>{t('call.fileMissing')}</p>}
          {call.recordings.map((r) => (
            <Player key={r.recording} recording={r} />
          ))}
        </Panel>
      </div>
      <Panel title={t('call.events')}>
        <ol className={css.events}>
          {call.marks.map((m, i) => (
            // Marks have no id of their own; their order is fixed.
            // biome-ignore lint/suspicious/noArrayIndexKey: see above
            <Moment key={i} mark={m} offers={offers} />
          ))}
        </ol>
      </Panel>
    </div>
  );
}

/** What a moment's text is a word of. */
const lists: Record<string, WordList> = {
  'visit.began': 'cameFrom',
  'offer.ended': 'offerResult',
  'talk.ended': 'talkEnd',
  'visit.ended': 'outcome',
  'callback.postponed': 'miss',
  'callback.refused': 'noCallback',
  'call.closing': 'ending',
  'call.ended': 'ending',
};

/** Moments whose text is an id that nobody can read. */
const nameless = new Set([
  'recording.began',
  'recording.ended',
  'recording.stored',
  'callback.requested',
  'callback.tried',
]);

function Moment({ mark, offers }: { mark: HistoryMark; offers: HistoryOffer[] }) {
  const { lang, word } = useWords();
  const names = useNames();
  const why = useWhy();
  const said = (m: HistoryMark): string | undefined => {
    const list = lists[m.kind];
    if (list) return word(list, m.kind === 'call.closing' ? m.text?.split(' ')[0] : m.text); // the rest is Asterisk's cause
    if (m.kind === 'offer.made') {
      const offer = offers.find((o) => o.agent === m.agent && moment(o.made) === moment(m.at));
      return offer ? why({ why: offer.reason, because: offer.because }) : m.text;
    }
    if (m.kind === 'talk.transferred') return names.agent(m.text);
    return nameless.has(m.kind) ? undefined : m.text;
  };
  const about = [names.queue(mark.queue), names.agent(mark.agent), said(mark)].filter(Boolean).join(' · ');
  return (
    <li>
      <time className="num" dateTime={mark.at}>
        {timeOfDay(moment(mark.at) ?? 0, lang)}
      </time>
      <div>
        <b>{word('mark', mark.kind)}</b>
        {about && <p className={css.soft}>{about}</p>}
      </div>
    </li>
  );
}
