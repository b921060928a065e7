import { useSyncExternalStore } from 'react';

/**
 * The server's clock as seen from here. Durations on the screen count from the server's moments, and a desk's own
 * clock may be minutes off: every message that carries the server's time mends the difference. Below 1.5 s it is left
 * alone, so that the network's jitter does not make the seconds jump.
 */
let skew = 0;

export function heardServerTime(server: number, tolerance = 1500): void {
  const off = server - Date.now();
  if (Number.isFinite(off) && Math.abs(off - skew) > tolerance) skew = off;
}

/** The server's time, in milliseconds. */
export function serverNow(): number {
  return Date.now() + skew;
}

const watchers = new Set<() => void>();
let timer: ReturnType<typeof setTimeout> | undefined;
let second = 0;

function tick(): void {
  second = Math.floor(serverNow() / 1000);
  for (const w of [...watchers]) w();
  timer = setTimeout(tick, 1000 - (serverNow() % 1000) + 5);
}

function watch(cb: () => void): () => void {
  watchers.add(cb);
  if (watchers.size === 1) tick();
  return () => {
    watchers.delete(cb);
    if (watchers.size === 0) clearTimeout(timer);
  };
}

/** The server's time in whole seconds; re-renders once a second, all users of it in the same moment. */
export function useSecond(): number {
  return useSyncExternalStore(watch, () => second || Math.floor(serverNow() / 1000));
}
