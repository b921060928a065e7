import { act, cleanup, renderHook } from '@testing-library/react';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { Phone } from '../phone/index';
import { useUnheard } from './unheard';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => {
  cleanup();
  vi.useRealTimers();
});

interface Page {
  connected: boolean;
  heard: boolean;
  on?: boolean;
}

/** A page with a phone that is connected as the test says; `renew` counts. */
function open(page: Page) {
  const renew = vi.fn(async () => {});
  const engine = { renew } as unknown as Phone;
  const hook = renderHook((p: Page) => useUnheard(p.connected, p.heard, p.on === false ? null : engine), {
    initialProps: page,
  });
  const pass = (ms: number) => act(() => vi.advanceTimersByTime(ms));
  return { renew, pass, now: hook.rerender, unheard: () => hook.result.current };
}

test('a page that is heard soon after it connected is left alone', () => {
  const { renew, pass, now, unheard } = open({ connected: true, heard: false });
  pass(2_900);
  now({ connected: true, heard: true });
  pass(120_000);
  expect(renew).not.toHaveBeenCalled();
  expect(unheard()).toBe(false);
});

test('a page that stays unheard connects anew, more and more seldom, until it is heard', () => {
  const { renew, pass, now, unheard } = open({ connected: true, heard: false });
  pass(6_000);
  expect(renew).toHaveBeenCalledTimes(1);
  expect(unheard()).toBe(true);
  now({ connected: false, heard: false });
  now({ connected: true, heard: false });
  pass(5_900);
  expect(renew).toHaveBeenCalledTimes(1);
  pass(6_100);
  expect(renew).toHaveBeenCalledTimes(2);
  expect(unheard()).toBe(true);
  now({ connected: true, heard: true });
  expect(unheard()).toBe(false);
  now({ connected: true, heard: false });
  pass(6_000);
  expect(renew).toHaveBeenCalledTimes(3);
});

test('a phone that connects still, or is off, is not blamed', () => {
  const { renew, pass, now, unheard } = open({ connected: false, heard: false });
  pass(120_000);
  now({ connected: true, heard: false, on: false });
  pass(120_000);
  expect(renew).not.toHaveBeenCalled();
  expect(unheard()).toBe(false);
});
