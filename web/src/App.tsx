import { lazy, Suspense } from 'react';
import { Redirect, Route, Switch } from 'wouter';
import { useProfile } from './lib/session';
import { Login } from './login/Login';
import { Safe } from './shell/Safe';

// Callers on a phone need not load the desk, nor agents the caller page.
const CallerPage = lazy(() => import('./caller/CallerPage').then((m) => ({ default: m.CallerPage })));
const SignedIn = lazy(() => import('./SignedIn').then((m) => ({ default: m.SignedIn })));

export function App() {
  return (
    <Safe>
      <Suspense fallback={null}>
        <Switch>
          <Route path="/call" component={CallerPage} />
          <Route path="/login" component={LoginGate} />
          <Route component={SignedIn} />
        </Switch>
      </Suspense>
    </Safe>
  );
}

/** Somebody who is signed in has nothing to do on the sign-in page. */
function LoginGate() {
  const { data: profile } = useProfile();
  return profile ? <Redirect to="/" replace /> : <Login />;
}
