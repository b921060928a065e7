// What tests put a page on: the languages, a browser with the parts that jsdom lacks, a server that is a function.
import { MantineProvider } from '@mantine/core';
import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { cleanup, render } from '@testing-library/react';
import type { ReactNode } from 'react';
import { afterEach, beforeEach, vi } from 'vitest';
import { choose, setUpLanguages } from '../i18n';
import type { Profile } from '../wire';

/** A websocket, or an observer, of which nothing is heard. */
class Silent {
  static readonly OPEN = 1;
  readyState = 0;
  close() {}
  send() {}
  addEventListener() {}
  removeEventListener() {}
  observe() {}
  unobserve() {}
  disconnect() {}
}

/** Sets the stage before each test of a file and clears it after each: a reader of English, on a page that knows nobody. */
export function eachOnItsOwnStage(): void {
  beforeEach(() => {
    setUpLanguages();
    choose('en');
    vi.stubGlobal('WebSocket', Silent);
    vi.stubGlobal('ResizeObserver', Silent);
    vi.stubGlobal('matchMedia', () => ({ matches: false, addEventListener() {}, removeEventListener() {} }));
  });
  afterEach(() => {
    cleanup();
    vi.unstubAllGlobals();
    localStorage.clear();
  });
}

export const answer = (body: unknown, status = 200, headers: Record<string, string> = {}) =>
  new Response(JSON.stringify(body), { status, headers });

/** The server: what it answers to "GET /api/accounts", and all that was asked of it. */
export function serve(answers: (asked: string) => Response): string[] {
  const all: string[] = [];
  vi.stubGlobal('fetch', async (path: string, init?: RequestInit) => {
    const asked = `${init?.method ?? 'GET'} ${path}`;
    all.push(asked);
    return answers(asked);
  });
  return all;
}

/** A page within what stands around every page; nothing is asked for twice. Me is who is signed in, where that matters. */
export function show(page: ReactNode, me?: Profile): QueryClient {
  const client = new QueryClient({
    defaultOptions: { queries: { staleTime: Number.POSITIVE_INFINITY, retry: false } },
  });
  if (me) client.setQueryData(['me'], me);
  render(
    <MantineProvider>
      <QueryClientProvider client={client}>{page}</QueryClientProvider>
    </MantineProvider>,
  );
  return client;
}
