import { useCallback, useEffect, useRef, useState } from 'react';
import { ApiError, api } from '../lib/api';
import { serverNow } from '../lib/clock';
import { Phone, PhoneError } from '../phone/index';
import type { VisitorPhase } from '../wire';

export type Problem = '' | 'denied' | 'none' | 'insecure' | 'tooMany' | 'unreachable' | 'failed';

/**
 * One visitor's call after another. A call is one attachment: what connects anew after trouble would be another call,
 * so a second offer is refused here and the call is over.
 */
export function useVisit(lang: string) {
  const [phone, setPhone] = useState<Phone | null>(null);
  const [phase, setPhase] = useState<VisitorPhase>('connecting');
  const [began, setBegan] = useState(0);
  const [lasted, setLasted] = useState<number | undefined>(undefined);
  const [muted, setMuted] = useState(false);
  const [problem, setProblem] = useState<Problem>('');
  const [why, setWhy] = useState('');
  const hang = useRef<() => void>(() => {});
  const early = useRef('');

  useEffect(() => () => hang.current(), []);

  const begin = useCallback(() => {
    hang.current();
    const watch = new AbortController();
    let token = '';
    let start = 0;
    let over = false;
    setProblem('');
    setWhy('');
    setLasted(undefined);
    setBegan(0);
    setMuted(false);
    setPhase('connecting');

    const finish = (hangUp: boolean, what: Problem = '', reason = '') => {
      if (over) return;
      over = true;
      watch.abort();
      p.stop();
      window.removeEventListener('pagehide', leave);
      if (token && hangUp) void api.visitorHangup(token).catch(() => {}); // the silence ends it too
      setPhone(null);
      setProblem(what);
      setWhy(reason);
      if (start) setLasted((serverNow() - start) / 1000);
      window.hotline = { ...window.hotline, phone: null };
    };
    const leave = () => {
      if (token) navigator.sendBeacon(`/api/visitor/${encodeURIComponent(token)}/hangup`);
    };
    const follow = async () => {
      let seq = 0;
      while (!over) {
        try {
          const v = await api.visitor(token, seq, watch.signal);
          seq = v.seq;
          setPhase(v.phase);
          if (v.phase === 'ended') finish(false);
        } catch (e) {
          if (over) return;
          if (e instanceof ApiError && e.status === 404) finish(false);
          else await new Promise((r) => setTimeout(r, 1000));
        }
      }
    };
    const p = new Phone({
      audio: new Audio(),
      signal: async (offer) => {
        if (token) throw new PhoneError('refused', 'the connection was lost');
        try {
          const a = await api.visit(offer, lang);
          token = a.token;
          start = serverNow();
          setBegan(start);
          void follow();
          return { answer: a.sdp, session: '' };
        } catch (e) {
          const what = e instanceof ApiError && e.status === 429 ? 'tooMany' : 'unreachable';
          queueMicrotask(() => finish(false, what));
          throw new PhoneError('refused', e instanceof Error ? e.message : String(e));
        }
      },
    });
    p.on('muted', setMuted);
    p.on('state', (s) => {
      if (s.state === 'refused') finish(true, start ? '' : 'failed', s.why);
      if (s.state === 'connected' && early.current) p.press(early.current);
      if (s.state === 'connected') early.current = '';
    });
    hang.current = () => finish(true);
    window.addEventListener('pagehide', leave);
    window.hotline = { ...window.hotline, phone: p };
    setPhone(p);
    p.start().catch((e) => {
      const fault = e instanceof PhoneError ? e.fault : 'busy';
      const what: Problem =
        fault === 'denied'
          ? 'denied'
          : fault === 'missing'
            ? 'none'
            : fault === 'insecure'
              ? 'insecure'
              : 'failed';
      finish(true, what, e instanceof Error ? e.message : String(e));
    });
  }, [lang]);

  return {
    live: phone !== null,
    phase,
    began,
    lasted,
    muted,
    problem,
    why,
    begin,
    end: useCallback(() => hang.current(), []),
    mute: useCallback((on: boolean) => phone?.setMuted(on), [phone]),
    press: useCallback(
      (key: string) => {
        if (phone?.state === 'connected') phone.press(key);
        else early.current += key; // the line is opening: what is keyed meanwhile is not lost
      },
      [phone],
    ),
  };
}
