import { useEffect, useRef, useState } from 'react';
import { Backoff } from '../phone/backoff';
import type { Phone } from '../phone/index';

/** A page that has just connected is not heard yet; later tries are up to a minute apart. */
const first = 6_000;
const longest = 60_000;

/**
 * A phone that calls itself connected may send nothing: a microphone that another program took, a network that lets
 * sound through one way only. Its agent would look ready and get no calls. Who is not heard for some seconds connects
 * anew, with a microphone opened again, until the server hears it; the answer is whether that goes on.
 */
export function useUnheard(connected: boolean, heard: boolean, engine: Phone | null): boolean {
  const [unheard, setUnheard] = useState(false);
  const waits = useRef(new Backoff(first, longest));
  useEffect(() => {
    if (!heard && engine) return;
    waits.current.reset();
    setUnheard(false);
  }, [heard, engine]);
  useEffect(() => {
    if (!connected || heard || !engine) return;
    const timer = setTimeout(() => {
      setUnheard(true);
      void engine.renew('the server hears nothing of this page');
    }, waits.current.next());
    return () => clearTimeout(timer);
  }, [connected, heard, engine]);
  return unheard;
}
