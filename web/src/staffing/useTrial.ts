import { useCallback, useEffect, useState } from 'react';
import { ApiError, api } from '../lib/api';
import type { Trial, TrialOrder } from '../wire';

/** What was asked survives a reload of the page, as the trial does on the server for some minutes. */
const KEY = 'hotline.trial';

/** A trial's id, and of the scenario it is about the text and the times of day of its intervals. */
export interface Asked {
  id: string;
  text: string;
  begins: string[];
}

function kept(): Asked | undefined {
  try {
    return JSON.parse(sessionStorage.getItem(KEY) ?? 'null') ?? undefined;
  } catch {
    return undefined; // not ours
  }
}

export const over = (t: Trial | undefined) =>
  t?.phase === 'done' || t?.phase === 'failed' || t?.phase === 'cancelled';

/** One's own trial: begun, followed until it is over, cancelled. */
export function useTrial() {
  const [trial, setTrial] = useState<Trial>();
  const [problem, setProblem] = useState<ApiError>();
  const [asked, setAsked] = useState(kept);
  const id = asked?.id ?? '';

  const begin = useCallback(async (order: TrialOrder, begins: string[]) => {
    setProblem(undefined);
    try {
      const t = await api.beginTrial(order);
      const next = { id: t.id, text: order.text, begins };
      sessionStorage.setItem(KEY, JSON.stringify(next));
      setTrial(t);
      setAsked(next);
    } catch (e) {
      if (!(e instanceof ApiError)) throw e;
      setProblem(e);
    }
  }, []);

  const cancel = useCallback(async () => {
    try {
      await api.cancelTrial(id);
    } catch (e) {
      if (!(e instanceof ApiError)) throw e;
      setProblem(e);
    }
  }, [id]);

  useEffect(() => {
    if (!id) return;
    const stop = new AbortController();
    void follow(id, stop.signal, setTrial, (e) => {
      sessionStorage.removeItem(KEY);
      setTrial(undefined);
      if (e.code !== 'not-found') setProblem(e); // one that was forgotten is no problem
    });
    return () => stop.abort();
  }, [id]);

  return { trial, asked, problem, begin, cancel };
}

async function follow(
  id: string,
  signal: AbortSignal,
  tell: (t: Trial) => void,
  failed: (e: ApiError) => void,
): Promise<void> {
  for (let seen = 0; !signal.aborted; ) {
    try {
      const t = await api.trial(id, seen, signal);
      if (signal.aborted) return;
      seen = t.seq;
      tell(t);
      if (over(t)) return;
    } catch (e) {
      if (signal.aborted) return;
      if (!(e instanceof ApiError)) throw e;
      if (!e.passing) return failed(e);
      await new Promise((r) => setTimeout(r, 2000));
    }
  }
}
