import { fireEvent, screen } from '@testing-library/react';
import { expect, test, vi } from 'vitest';
import { choose } from '../i18n';
import { answer, eachOnItsOwnStage, serve, show } from '../lib/stage';
import { Login } from './Login';

eachOnItsOwnStage();

/** What the page says when the server answers so to a sign-in. */
async function refusal(signIn: () => Response): Promise<string> {
  serve((asked) =>
    asked === 'POST /api/session' ? signIn() : answer({ code: 'not-found', message: '' }, 404),
  );
  show(<Login />);
  fireEvent.submit(screen.getByTestId('login-form'));
  await vi.waitFor(() => expect(screen.getByTestId('login-error').textContent).not.toBe(''));
  return screen.getByTestId('login-error').textContent ?? '';
}

test('a refusal follows the reader into the other language', async () => {
  const signIn = () => answer({ code: 'unauthorized', message: 'Login or password is wrong.' }, 401);
  expect(await refusal(signIn)).toBe('Login or password is wrong.');
  fireEvent.click(screen.getByTestId('language-zh'));
  expect(screen.getByTestId('login-error').textContent).toMatch(/账号或密码/);
});

test('who tried too often is told how long to wait', async () => {
  const signIn = () => answer({ code: 'too-many', message: '' }, 429, { 'Retry-After': '541' });
  expect(await refusal(signIn)).toContain('10 min');
});

test("the server's own English is not shown to a Chinese reader", async () => {
  choose('zh');
  const signIn = () => answer({ code: 'unavailable', message: 'The archive is away.' }, 503);
  expect(await refusal(signIn)).not.toMatch(/[a-z]{3}/i);
});
