import { useQuery, useQueryClient } from '@tanstack/react-query';
import {
  createContext,
  type ReactNode,
  useCallback,
  useContext,
  useEffect,
  useMemo,
  useState,
  useSyncExternalStore,
} from 'react';
import { useWords } from '../i18n';
import type { Command, Lists, Me, Profile } from '../wire';
import { ApiError, api } from './api';
import { titled } from './format';
import { CommandError, Link, type LinkState } from './link';

/** Who is signed in and the link that belongs to them. */
export interface Session {
  profile: Profile;
  link: Link;
  me: Me | null;
  lists: Lists | null;
  do: (command: Command) => Promise<void>;
  /** What went wrong with the last command, for the call bar; it goes away by itself. */
  trouble: string;
  signOut: () => Promise<void>;
}

const Context = createContext<Session | null>(null);

export function useProfile() {
  return useQuery({
    queryKey: ['me'],
    queryFn: () =>
      api.me().catch((e) => {
        if (e instanceof ApiError && e.status === 401) return null;
        throw e;
      }),
    staleTime: Number.POSITIVE_INFINITY,
    retry: (_, e) => e instanceof ApiError && e.passing,
    retryDelay: 1500,
  });
}

const TAB = 'hotline.tab';

/** The tab's own name: it survives a reload, so that the server knows the tab that was the phone. */
function tabName(): string {
  let name = sessionStorage.getItem(TAB);
  if (!name) {
    name = Array.from(crypto.getRandomValues(new Uint8Array(12)), (b) =>
      b.toString(16).padStart(2, '0'),
    ).join('');
    sessionStorage.setItem(TAB, name);
  }
  return name;
}

export function SessionProvider({ profile, children }: { profile: Profile; children: ReactNode }) {
  const client = useQueryClient();
  const { t, word } = useWords();
  const [link, setLink] = useState<Link | null>(null);
  const [trouble, setTrouble] = useState('');

  useEffect(() => {
    const l = new Link({
      url: () =>
        `${location.protocol === 'https:' ? 'wss' : 'ws'}://${location.host}/api/ws?tab=${tabName()}`,
      elsewhere: () => sessionStorage.removeItem(TAB),
    });
    const hurry = () => l.hurry();
    window.addEventListener('online', hurry);
    document.addEventListener('visibilitychange', hurry);
    // A session that ended on the server shows as a socket that does not open: ask who we are.
    const off = l.watch(() => {
      if (l.state === 'lost')
        void api
          .me()
          .catch((e) => e instanceof ApiError && e.status === 401 && client.setQueryData(['me'], null));
    });
    setLink(l);
    return () => {
      off();
      window.removeEventListener('online', hurry);
      document.removeEventListener('visibilitychange', hurry);
      l.close();
    };
  }, [client]);

  useEffect(() => {
    if (!trouble) return;
    const t = setTimeout(() => setTrouble(''), 8000);
    return () => clearTimeout(t);
  }, [trouble]);

  const me = useTopic<Me>(link, 'me', whole, Boolean(profile.agent));
  const lists = useTopic<Lists>(link, 'lists', whole, true);

  const perform = useCallback(
    async (command: Command) => {
      if (!link) return;
      setTrouble('');
      try {
        await link.command(command);
      } catch (e) {
        setTrouble(e instanceof CommandError ? word('refusal', e.code) : String(e));
        throw e;
      }
    },
    [link, word],
  );

  const signOut = useCallback(async () => {
    try {
      if (profile.agent && link?.state === 'open') await link.command({ do: 'sign-out' });
    } catch (e) {
      if (e instanceof CommandError && e.code === 'illegal') return setTrouble(t('app.signOutInCall'));
      // Whatever else is in the way: the end of the session takes the agent off the floor, too.
    }
    try {
      await api.signOut();
    } catch (e) {
      // Somebody else may sit down here: who is still signed in must not be told otherwise.
      if (!(e instanceof ApiError)) throw e;
      if (e.status !== 401) return setTrouble(t('app.stillSignedIn', { why: word('refusal', e.code) }));
    }
    // The pages hear of it by the query that they hold: one that was cleared away first would tell nobody.
    client.setQueryData(['me'], null);
    client.removeQueries({ predicate: (q) => q.queryKey[0] !== 'me' });
  }, [client, link, profile.agent, t, word]);

  const session = useMemo(
    () => link && { profile, link, me, lists, do: perform, trouble, signOut },
    [profile, link, me, lists, perform, trouble, signOut],
  );
  if (!session) return null;
  return <Context.Provider value={session}>{children}</Context.Provider>;
}

export function useSession(): Session {
  const s = useContext(Context);
  if (!s) throw new Error('useSession outside SessionProvider');
  return s;
}

function whole<T>(_: T | null, data: unknown): T {
  return data as T;
}

/** Follows a topic while the component lives. merge gets null for a snapshot. */
export function useTopic<T>(
  link: Link | null,
  name: string,
  merge: (old: T | null, data: unknown) => T,
  enabled = true,
): T | null {
  const [value, setValue] = useState<T | null>(null);
  useEffect(() => {
    if (!link || !enabled) return;
    return link.subscribe(name, (kind, data) =>
      setValue((old) => merge(kind === 'snapshot' ? null : old, data)),
    );
  }, [link, name, merge, enabled]);
  return value;
}

export function useLinkState(link: Link): LinkState {
  return useSyncExternalStore(
    (cb) => link.watch(cb),
    () => link.state,
  );
}

/** The configured names of things, in the reader's language. */
export function useNames() {
  const { profile } = useSession();
  const { t, lang, word } = useWords();
  return useMemo(
    () => ({
      queue: (q: string | undefined) =>
        q ? titled(profile.queues.find((x) => x.queue === q)?.title, lang, q) : '',
      agent: (a: string | undefined) => {
        const known = profile.agents.find((x) => x.agent === a);
        return titled(known?.names, lang, known?.name ?? a ?? '');
      },
      reason: (r: string | undefined) =>
        titled(
          profile.not_ready.find((x) => x.reason === r)?.title,
          lang,
          word('away', r) || t('presence.notReady'),
        ),
      centre: titled(profile.centre.name, lang, 'hotline'),
    }),
    [profile, lang, t, word],
  );
}
