import { CircleSlash, Lock } from 'lucide-react';
import type { ReactNode } from 'react';
import { Link, Redirect, Route, Switch, useLocation, useSearch } from 'wouter';
import { Administration } from './administration/Administration';
import { Board } from './board/Board';
import { Callbacks } from './callbacks/Callbacks';
import { Call } from './calls/Call';
import { Calls } from './calls/Calls';
import { Desk } from './desk/Desk';
import { useWords } from './i18n';
import { PhoneProvider } from './lib/phone';
import { SessionProvider, useProfile } from './lib/session';
import { Empty, Notice } from './lib/ui';
import { Messages } from './messages/Messages';
import { Safe } from './shell/Safe';
import { Shell } from './shell/Shell';
import { Staffing } from './staffing/Staffing';
import { Tickets } from './tickets/Tickets';
import type { Profile } from './wire';

/** Everything behind the sign-in; the session and the phone live above the pages, so that none of them ends a call. */
export function SignedIn() {
  const { t } = useWords();
  const { data: profile, isPending } = useProfile();
  const [at] = useLocation();
  const search = useSearch();
  if (isPending || profile === undefined) return <Empty>{t('app.loading')}</Empty>;
  if (profile === null) {
    const next = at === '/' ? '' : `?next=${encodeURIComponent(at + (search ? `?${search}` : ''))}`;
    return <Redirect to={`/login${next}`} replace />;
  }
  return (
    <SessionProvider key={profile.login} profile={profile}>
      {profile.agent ? (
        <PhoneProvider>
          <Pages profile={profile} />
        </PhoneProvider>
      ) : (
        <Pages profile={profile} />
      )}
    </SessionProvider>
  );
}

function home(profile: Profile): string {
  if (profile.role === 'agent' && profile.agent) return '/desk';
  return profile.role === 'agent' ? '/tickets' : '/board';
}

function Pages({ profile }: { profile: Profile }) {
  const { t } = useWords();
  const wall = new URLSearchParams(useSearch()).get('wall') === '1';
  const supervisor = profile.role !== 'agent';
  const allowed = (may: boolean, page: ReactNode) =>
    may ? (
      page
    ) : (
      <Notice
        sign={Lock}
        title={t('app.forbidden')}
        action={<Link href="/">{t('app.toStart')}</Link>}
        testid="forbidden"
      >
        {t('app.forbiddenHint')}
      </Notice>
    );
  return (
    <Shell bare={wall}>
      <Safe>
        <Switch>
          <Route path="/">
            <Redirect to={home(profile)} replace />
          </Route>
          <Route path="/desk">{allowed(Boolean(profile.agent), <Desk />)}</Route>
          <Route path="/board">{allowed(supervisor, <Board />)}</Route>
          <Route path="/staffing">{allowed(supervisor, <Staffing />)}</Route>
          <Route path="/administration">{allowed(profile.role === 'admin', <Administration />)}</Route>
          <Route path="/calls" component={Calls} />
          <Route path="/calls/:id" component={Call} />
          <Route path="/tickets/:id?" component={Tickets} />
          <Route path="/messages" component={Messages} />
          <Route path="/callbacks" component={Callbacks} />
          <Route>
            <Notice
              sign={CircleSlash}
              title={t('app.notFound')}
              action={<Link href="/">{t('app.toStart')}</Link>}
              testid="not-found"
            >
              {t('app.notFoundHint')}
            </Notice>
          </Route>
        </Switch>
      </Safe>
    </Shell>
  );
}
