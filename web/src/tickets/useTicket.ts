import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useCallback, useEffect, useState, useSyncExternalStore } from 'react';
import { ApiError, api } from '../lib/api';
import { Draft } from '../lib/draft';
import { useLinkState, useSession } from '../lib/session';
import type { CallView, Ticket, TicketDetail } from '../wire';

/** How often it is asked for a ticket whose edit waits for the archive. */
const lookForFiled = 5000;

export interface OpenTicket {
  draft: Draft | null;
  detail: TicketDetail | undefined;
  /** The server cannot show it just now; what is typed is kept here. */
  away: boolean;
  missing: boolean;
}

/**
 * Opens a ticket for typing. The pop's ticket exists from the moment of the call (its first version is known from the
 * call alone), so a server that cannot read it just now does not keep anybody from typing.
 */
export function useTicket(id: string | undefined, call?: CallView): OpenTicket {
  const { link } = useSession();
  const client = useQueryClient();
  const state = useLinkState(link);
  const [draft, setDraft] = useState<Draft | null>(null);
  const query = useQuery({
    queryKey: ['ticket', id],
    queryFn: () => api.ticket(id ?? ''),
    enabled: Boolean(id),
    // A moment after the connect the archive may not have its row yet.
    retry: (count, e) =>
      e instanceof ApiError && (e.passing || (e.status === 404 && Boolean(call) && count < 20)),
    retryDelay: (count) => Math.min(5000, 300 * (count + 1)),
  });
  const detail = query.data?.id === id ? query.data : undefined;
  const away = !detail && query.failureCount > 2;
  const start: Ticket | undefined = detail ?? (away && call && id ? bornWith(id, call) : undefined);

  useEffect(() => {
    if (!start) return;
    setDraft((old) => {
      if (old?.id === start.id) {
        old.adopt(start);
        return old;
      }
      return new Draft(start.id, start, {
        storage: localStorage,
        save: async (edit) => {
          const saved = await api.editTicket(start.id, edit);
          if ('delayed' in saved) void client.invalidateQueries({ queryKey: ['ticket', start.id] });
          else client.setQueryData(['ticket', start.id], saved);
          return saved;
        },
      });
    });
  }, [start, client]);

  useEffect(() => {
    if (!draft) return;
    return () => draft.leave();
  }, [draft]);

  useEffect(() => {
    if (state === 'open') draft?.hurry();
  }, [state, draft]);

  // What the server keeps for the archive is looked for until it is filed.
  const waits = useSyncExternalStore(
    useCallback((cb: () => void) => draft?.watch(cb) ?? (() => {}), [draft]),
    () => draft?.state === 'delayed',
  );
  useEffect(() => {
    if (!waits || !id) return;
    const timer = setInterval(
      () => void client.invalidateQueries({ queryKey: ['ticket', id] }),
      lookForFiled,
    );
    return () => clearInterval(timer);
  }, [waits, client, id]);

  const current = draft && draft.id === id ? draft : null;
  return {
    draft: current,
    detail,
    away,
    missing: query.error instanceof ApiError && query.error.status === 404,
  };
}

/** Re-renders when the draft changes. */
export function useDraft(draft: Draft): Draft {
  useSyncExternalStore(draft.watch, () => draft.revision);
  return draft;
}

/** What a ticket opened with a call holds in its first version. */
function bornWith(id: string, call: CallView): Ticket {
  return {
    id,
    version: 1,
    state: 'open',
    opened: call.connected ?? call.arrived,
    channel: call.via === 'browser' ? 'browser' : 'phone',
    queue: call.queue,
    lang: call.lang,
    call: call.call,
    name: call.caller.name ?? '',
    number: call.caller.withheld ? '' : (call.caller.number ?? ''),
    address: '',
    region: call.caller.region ?? '',
    category: '',
    grade: '',
    happened: '',
    asked: '',
    edited: call.arrived,
  };
}
