import { useQuery } from '@tanstack/react-query';
import { Link } from 'wouter';
import { useWords } from '../i18n';
import { api } from '../lib/api';
import { average, clock, duration } from '../lib/format';
import { useNames, useSession } from '../lib/session';
import { Ago, Panel, useParty } from '../lib/ui';
import css from './Desk.module.css';

/** The agent's own figures of today and the last calls. */
export function Day() {
  const { me, lists } = useSession();
  const names = useNames();
  const party = useParty();
  const { t } = useWords();
  const calls = useQuery({
    queryKey: ['calls', 'mine', me?.agent, lists?.version, me?.day.answered],
    queryFn: () => api.calls({ agent: me?.agent, limit: 12 }),
    enabled: Boolean(me),
    placeholderData: (old) => old,
  });
  const day = me?.day;
  return (
    <Panel title={t('day.title')}>
      <div className={css.figures}>
        <Figure value={String(day?.answered ?? 0)} word={t('day.answered')} />
        <Figure value={String(day?.missed ?? 0)} word={t('day.missed')} />
        <Figure value={average(day?.aht)} word={t('day.averageHint').split(/[:：]/)[0] ?? ''} />
        <Figure value={duration(day?.talk ?? 0)} word={t('day.talk')} />
      </div>
      <h3 className={css.sub}>{t('day.recent')}</h3>
      {calls.data?.calls.length === 0 && <p className={css.none}>{t('day.none')}</p>}
      <ul className={css.history}>
        {calls.data?.calls.map((c) => (
          <li key={c.call}>
            <Link href={`/calls/${c.call}`} className={css.row}>
              <span className={css.what}>{party(c.caller)}</span>
              <span className={css.state}>{c.talked ? clock(c.talked) : '–'}</span>
              <span className={css.when}>
                <Ago at={c.arrived} />
                {c.queue && ` · ${names.queue(c.queue)}`}
              </span>
            </Link>
          </li>
        ))}
      </ul>
    </Panel>
  );
}

function Figure({ value, word }: { value: string; word: string }) {
  return (
    <div className={css.figure}>
      <b>{value}</b>
      <span>{word}</span>
    </div>
  );
}
