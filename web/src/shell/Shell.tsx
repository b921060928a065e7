import { WifiOff } from 'lucide-react';
import type { ReactNode } from 'react';
import { CallBar } from '../desk/CallBar';
import { useWords } from '../i18n';
import { useLinkState, useSession } from '../lib/session';
import css from './Shell.module.css';
import { TopBar } from './TopBar';

/** What stands around every page of a signed-in user; an agent's call bar is on all of them. */
export function Shell({ children, bare }: { children: ReactNode; bare?: boolean }) {
  const { profile, link, trouble } = useSession();
  const { t } = useWords();
  const state = useLinkState(link);
  return (
    <div className={css.shell}>
      {!bare && <TopBar />}
      {state === 'lost' && (
        <div className={css.lost} role="alert" data-testid="link-lost">
          <WifiOff size={16} aria-hidden />
          {t('app.lost')}
        </div>
      )}
      {profile.agent && !bare && <CallBar />}
      {!profile.agent && trouble && (
        <div className={css.lost} role="alert" data-testid="trouble">
          {t('bar.failed', { why: trouble })}
        </div>
      )}
      <main className={css.main}>{children}</main>
    </div>
  );
}
