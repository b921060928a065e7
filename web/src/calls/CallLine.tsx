import { Link } from 'wouter';
import { useWords } from '../i18n';
import { clock, moment } from '../lib/format';
import { useNames } from '../lib/session';
import { Ago } from '../lib/ui';
import type { HistoryCall } from '../wire';
import css from './Calls.module.css';

/** A call in a narrow list. */
export function CallLine({ call }: { call: HistoryCall }) {
  const { t, word } = useWords();
  const names = useNames();
  return (
    <li>
      <Link href={`/calls/${call.call}`} className={css.small}>
        <span>
          <Ago at={call.arrived} />
        </span>
        <span className={css.soft}>
          {[names.queue(call.queue), names.agent(call.agent)].filter(Boolean).join(' · ')}
        </span>
        <span className={css.soft}>
          {moment(call.ended) ? `${word('ending', call.ending)} · ${clock(call.talked)}` : t('call.going')}
        </span>
      </Link>
    </li>
  );
}
