import { useWords } from '../i18n';
import { clock, titled } from '../lib/format';
import { useSession } from '../lib/session';
import { Panel, useSince } from '../lib/ui';
import type { CallView } from '../wire';
import css from './Desk.module.css';

/** A question should be answered in this time (requirements A5); until targets are configured per category. */
const target = 180;

/** What to say and what to ask for, by the ticket's category. */
export function Guidance({ call, category }: { call: CallView; category: string }) {
  const { profile } = useSession();
  const { t, lang } = useWords();
  const talked = useSince(call.connected);
  const checks = t(`guidance.checks.${(category || 'other') as 'other'}`).split(' · ');
  const over = talked > target;
  return (
    <Panel title={t('guidance.title')}>
      <div className={css.guidance}>
        {!call.ended && (
          <div className={css.pace}>
            <div>
              <span>{t('guidance.target')}</span>
              <span>
                {clock(talked)} / {clock(target)}
              </span>
            </div>
            <div className={css.track} data-over={over}>
              <i style={{ transform: `scaleX(${Math.min(1, talked / target)})` }} />
            </div>
            {over && <span className={css.overWord}>{t('guidance.targetOver')}</span>}
          </div>
        )}
        <div>
          <h3>{t('guidance.opening')}</h3>
          <p>{t('guidance.openingText', { name: titled(profile.names, lang, profile.name) })}</p>
        </div>
        <div>
          <h3>{t('guidance.check')}</h3>
          <ul>
            {checks.map((c) => (
              <li key={c}>{c}</li>
            ))}
          </ul>
        </div>
        <div>
          <h3>{t('guidance.hold')}</h3>
          <p>{t('guidance.holdText')}</p>
        </div>
        <div>
          <h3>{t('guidance.transfer')}</h3>
          <p>{t('guidance.transferText')}</p>
        </div>
        <div>
          <h3>{t('guidance.closing')}</h3>
          <p>{t('guidance.closingText', { ticket: call.ticket })}</p>
        </div>
      </div>
    </Panel>
  );
}
