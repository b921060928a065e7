import { MantineProvider } from '@mantine/core';
import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { cleanup, fireEvent, render, screen } from '@testing-library/react';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { choose, setUpLanguages } from '../i18n';
import { Login } from './Login';

const answers = (status: number, body: unknown, headers: Record<string, string> = {}) =>
  new Response(JSON.stringify(body), { status, headers });

let signIn: () => Response;

beforeEach(() => {
  setUpLanguages();
  choose('en');
  vi.stubGlobal('matchMedia', () => ({ matches: false, addEventListener() {}, removeEventListener() {} }));
  vi.stubGlobal('fetch', (path: string) =>
    Promise.resolve(path === '/api/session' ? signIn() : answers(404, { code: 'not-found', message: '' })),
  );
});

afterEach(() => {
  cleanup();
  vi.unstubAllGlobals();
  localStorage.clear();
});

async function refusal(): Promise<string> {
  render(
    <MantineProvider>
      <QueryClientProvider client={new QueryClient()}>
        <Login />
      </QueryClientProvider>
    </MantineProvider>,
  );
  fireEvent.submit(screen.getByTestId('login-form'));
  await vi.waitFor(() => expect(screen.getByTestId('login-error').textContent).not.toBe(''));
  return screen.getByTestId('login-error').textContent ?? '';
}

test('a refusal follows the reader into the other language', async () => {
  signIn = () => answers(401, { code: 'unauthorized', message: 'Login or password is wrong.' });
  expect(await refusal()).toBe('Login or password is wrong.');
  fireEvent.click(screen.getByTestId('language-zh'));
  expect(screen.getByTestId('login-error').textContent).toMatch(/账号或密码/);
});

test('who tried too often is told how long to wait', async () => {
  signIn = () => answers(429, { code: 'too-many', message: '' }, { 'Retry-After': '541' });
  expect(await refusal()).toContain('10 min');
});

test("the server's own English is not shown to a Chinese reader", async () => {
  choose('zh');
  signIn = () => answers(503, { code: 'unavailable', message: 'The archive is away.' });
  expect(await refusal()).not.toMatch(/[a-z]{3}/i);
});
