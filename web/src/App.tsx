import { Login } from './login/Login';

export function App() {
  return <Login />;
}
