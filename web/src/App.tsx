import { Button } from '@mantine/core';
import { Component, type ReactNode } from 'react';
import { Redirect, Route, Switch, useLocation, useSearch } from 'wouter';
import { Board } from './board/Board';
import { CallerPage } from './caller/CallerPage';
import { Call } from './calls/Call';
import { Calls } from './calls/Calls';
import { Desk } from './desk/Desk';
import { useWords } from './i18n';
import { PhoneProvider } from './lib/phone';
import { SessionProvider, useProfile } from './lib/session';
import { Empty } from './lib/ui';
import { Login } from './login/Login';
import { Messages } from './messages/Messages';
import { Shell } from './shell/Shell';
import { Tickets } from './tickets/Tickets';
import type { Profile } from './wire';

export function App() {
  return (
    <Safe>
      <Switch>
        <Route path="/call" component={CallerPage} />
        <Route path="/login" component={LoginGate} />
        <Route component={SignedIn} />
      </Switch>
    </Safe>
  );
}

/** Somebody who is signed in has nothing to do on the sign-in page. */
function LoginGate() {
  const { data: profile } = useProfile();
  return profile ? <Redirect to={home(profile)} replace /> : <Login />;
}

function SignedIn() {
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
  return (
    <Shell bare={wall}>
      <Safe>
        <Switch>
          <Route path="/">
            <Redirect to={home(profile)} replace />
          </Route>
          <Route path="/desk">{profile.agent ? <Desk /> : <Empty>{t('app.forbidden')}</Empty>}</Route>
          <Route path="/board">{supervisor ? <Board /> : <Empty>{t('app.forbidden')}</Empty>}</Route>
          <Route path="/calls" component={Calls} />
          <Route path="/calls/:id" component={Call} />
          <Route path="/tickets/:id?" component={Tickets} />
          <Route path="/messages" component={Messages} />
          <Route>
            <Empty>{t('app.notFound')}</Empty>
          </Route>
        </Switch>
      </Safe>
    </Shell>
  );
}

/** A page that fails says so and leaves the call bar alive around it. */
class Safe extends Component<{ children: ReactNode }, { failed: boolean }> {
  override state = { failed: false };
  static getDerivedStateFromError() {
    return { failed: true };
  }
  override render() {
    return this.state.failed ? <Broken /> : this.props.children;
  }
}

function Broken() {
  const { t } = useWords();
  return (
    <Empty>
      {t('app.broken')}{' '}
      <Button variant="default" onClick={() => location.reload()}>
        {t('app.reload')}
      </Button>
    </Empty>
  );
}
