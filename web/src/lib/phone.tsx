import {
  createContext,
  type ReactNode,
  useCallback,
  useContext,
  useEffect,
  useMemo,
  useRef,
  useState,
} from 'react';
import { Phone, PhoneError, type PhoneFault, type PhoneState, type QualityWord } from '../phone/index';
import { ApiError, api } from './api';
import { useSession } from './session';
import { useUnheard } from './unheard';

export interface PhoneControl {
  /** The engine's state; `off` also while another tab has the phone, or calls come to the desk phone. */
  state: PhoneState;
  /** Calls can be taken: on this page, or on the desk phone that was picked up. */
  usable: boolean;
  /** Nothing is known of the microphone's permission yet: too early to ask for anything. */
  early: boolean;
  /** What a person must mend, when something must be. */
  fault: PhoneFault | '';
  why: string;
  quality: QualityWord;
  muted: boolean;
  engine: Phone | null;
  start: () => void;
  mute: (on: boolean) => void;
  press: (key: string) => void;
  unlock: () => void;
  choose: (kind: 'input' | 'output', device: string) => void;
  chosen: { input: string; output: string };
}

const Context = createContext<PhoneControl | null>(null);

export function usePhone(): PhoneControl | null {
  return useContext(Context);
}

const KEY = { input: 'hotline.microphone', output: 'hotline.speaker' };
const remembered = (kind: 'input' | 'output') => localStorage.getItem(KEY[kind]) ?? '';

/**
 * Keeps the one Phone of the tab. It starts by itself where the microphone was allowed before (a reload in a call must
 * not wait for a click), stops when another tab of the agent takes over, and connects anew when the server came back.
 */
export function PhoneProvider({ children }: { children: ReactNode }) {
  const { me, link } = useSession();
  const [state, setState] = useState<PhoneState>('off');
  const [fault, setFault] = useState<PhoneFault | ''>('');
  const [why, setWhy] = useState('');
  const [quality, setQuality] = useState<QualityWord>('none');
  const [muted, setMuted] = useState(false);
  const [engine, setEngine] = useState<Phone | null>(null);
  const [wanted, setWanted] = useState(0);
  const [early, setEarly] = useState(Boolean(navigator.permissions));
  const [chosen, setChosen] = useState({ input: remembered('input'), output: remembered('output') });
  const desk = me?.phone?.in_use ?? false;
  const here = me !== null && !me.other_tab && !desk;
  const usable = desk ? (me?.leg ?? false) : here && state === 'connected';

  useEffect(() => {
    if (!navigator.permissions) return;
    navigator.permissions
      .query({ name: 'microphone' as PermissionName })
      .then((p) => p.state === 'granted' && setWanted((n) => n || 1))
      .catch(() => {}) // a browser that does not know this permission shows the button
      .finally(() => setEarly(false));
  }, []);

  useEffect(() => {
    if (!here || !wanted) return;
    const phone = new Phone({
      audio: new Audio(),
      input: remembered('input') || undefined,
      output: remembered('output') || undefined,
      signal: async (offer) => {
        try {
          const a = await api.phone(offer);
          return { answer: a.sdp, session: a.session };
        } catch (e) {
          // A final no (the phone is in another tab) must not be asked again and again.
          if (e instanceof ApiError && e.status >= 400 && e.status < 500)
            throw new PhoneError('refused', e.message);
          throw e;
        }
      },
    });
    const offs = [
      phone.on('state', (s) => {
        setState(s.state);
        if (s.state === 'connected') setFault((f) => (f === 'blocked' || f === 'unheard' ? f : ''));
        if (s.why) setWhy(s.why);
      }),
      phone.on('quality', (q) => setQuality(q.word)),
      phone.on('muted', setMuted),
      phone.on('fault', (e) => {
        setFault(e.fault);
        setWhy(e.message);
      }),
    ];
    let session = '';
    offs.push(phone.on('session', (s) => (session = s)));
    setEngine(phone);
    setFault('');
    phone.start().catch((e) => {
      setFault(e instanceof PhoneError ? e.fault : 'busy');
      setWhy(e instanceof Error ? e.message : String(e));
    });
    return () => {
      for (const off of offs) off();
      phone.stop();
      if (session) void api.phoneGone(session).catch(() => {}); // the server sees the silence too
      setEngine(null);
      setState('off');
      setMuted(false);
    };
  }, [here, wanted]);

  // The websocket learns first that the server was restarted: do not wait for the media to time out.
  const epoch = useRef('');
  useEffect(() => {
    if (!me) return;
    if (epoch.current && epoch.current !== link.epoch) engine?.reattach('the server was restarted');
    epoch.current = link.epoch;
  }, [me, engine, link]);

  const unheard = useUnheard(here && state === 'connected', me?.media ?? true, engine);
  useEffect(() => {
    setFault((f) => (unheard ? 'unheard' : f === 'unheard' ? '' : f));
  }, [unheard]);

  // A new call begins unmuted, whatever the last one was; between calls the microphone is closed.
  const call = me?.call && !me.call.ended ? me.call.call : undefined;
  useEffect(() => {
    engine?.setLive(call !== undefined);
    if (call !== undefined) engine?.setMuted(false);
  }, [call, engine]);

  useEffect(() => {
    window.hotline = { ...window.hotline, phone: engine };
  }, [engine]);

  const start = useCallback(() => {
    setFault('');
    setWanted((n) => n + 1);
  }, []);
  const mute = useCallback((on: boolean) => engine?.setMuted(on), [engine]);
  const press = useCallback((key: string) => engine?.press(key), [engine]);
  const unlock = useCallback(() => {
    void engine?.unlock().then(() => setFault((f) => (f === 'blocked' ? '' : f)));
  }, [engine]);
  const choose = useCallback(
    (kind: 'input' | 'output', device: string) => {
      localStorage.setItem(KEY[kind], device);
      setChosen((c) => ({ ...c, [kind]: device }));
      const done = kind === 'input' ? engine?.setInput(device || undefined) : engine?.setOutput(device);
      done?.catch((e) => {
        setFault(e instanceof PhoneError ? e.fault : 'busy');
        setWhy(e instanceof Error ? e.message : String(e));
      });
    },
    [engine],
  );

  const control = useMemo(
    () => ({
      state,
      usable,
      early,
      fault,
      why,
      quality,
      muted,
      engine,
      start,
      mute,
      press,
      unlock,
      choose,
      chosen,
    }),
    [state, usable, early, fault, why, quality, muted, engine, start, mute, press, unlock, choose, chosen],
  );
  return <Context.Provider value={control}>{children}</Context.Provider>;
}

declare global {
  interface Window {
    /** For end-to-end tests: what this tab hears and says (phone.peakHz()). */
    hotline?: { phone?: Phone | null };
  }
}
