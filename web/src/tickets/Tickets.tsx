import { Button, SegmentedControl, TextInput } from '@mantine/core';
import { useInfiniteQuery } from '@tanstack/react-query';
import { Search } from 'lucide-react';
import { useState } from 'react';
import { Link, useLocation, useParams } from 'wouter';
import { CallLine } from '../calls/CallLine';
import { Player } from '../calls/Player';
import { useWords } from '../i18n';
import { api } from '../lib/api';
import listed from '../lib/list.module.css';
import { useNames, useSession } from '../lib/session';
import { Ago, Listed, Panel } from '../lib/ui';
import type { TicketChange, TicketDetail } from '../wire';
import { TicketForm } from './TicketForm';
import { TicketLine } from './TicketLine';
import css from './Tickets.module.css';
import { useTicket } from './useTicket';

/** All tickets at the left, the chosen one to work on, and what happened to it at the right. */
export function Tickets() {
  const { id } = useParams<{ id?: string }>();
  const { profile, lists } = useSession();
  const { t, word } = useWords();
  const [, go] = useLocation();
  const [which, setWhich] = useState<'mine' | 'open' | 'all'>(profile.agent ? 'mine' : 'open');
  const [find, setFind] = useState('');
  const number = find.replace(/[\s-]/g, '');
  const list = useInfiniteQuery({
    queryKey: ['tickets', which, number, lists?.version],
    queryFn: ({ pageParam }) =>
      api.tickets({ list: number ? 'all' : which, number, before: pageParam || undefined, limit: 50 }),
    initialPageParam: '',
    getNextPageParam: (last) => last.next || undefined,
    placeholderData: (old) => old,
  });
  const tickets = list.data?.pages.flatMap((p) => p.tickets) ?? [];
  return (
    <div className={css.page}>
      <Panel
        title={t('app.tickets')}
        flush
        testid="tickets"
        above={
          <form
            className={listed.filter}
            onSubmit={(e) => {
              e.preventDefault();
              const text = String(new FormData(e.currentTarget).get('find') ?? '').trim();
              if (/^\d{8}-\d{4,8}$/.test(text)) go(`/tickets/${text}`);
              else setFind(text);
            }}
          >
            <TextInput
              name="find"
              placeholder={t('ticket.find')}
              aria-label={t('ticket.find')}
              leftSection={<Search size={15} />}
              onChange={(e) => e.currentTarget.value === '' && setFind('')}
              data-testid="tickets-find"
            />
            <SegmentedControl
              size="xs"
              value={which}
              onChange={(v) => setWhich(v as 'mine' | 'open' | 'all')}
              data={[
                { value: 'mine', label: t('lists.open') },
                { value: 'open', label: word('ticketState', 'open') },
                { value: 'all', label: t('ticket.all') },
              ]}
            />
          </form>
        }
      >
        <Listed list={list} none={tickets.length === 0}>
          {t('ticket.none')}
        </Listed>
        <ul className={listed.lines}>
          {tickets.map((x) => (
            <TicketLine key={x.id} ticket={x} current={x.id === id} />
          ))}
        </ul>
        {list.hasNextPage && (
          <Button
            variant="subtle"
            fullWidth
            loading={list.isFetchingNextPage}
            onClick={() => void list.fetchNextPage()}
          >
            {t('app.more')}
          </Button>
        )}
      </Panel>
      {id ? <OneTicket key={id} id={id} /> : <div className={css.blank}>{t('ticket.choose')}</div>}
    </div>
  );
}

function OneTicket({ id }: { id: string }) {
  const ticket = useTicket(id);
  return (
    <>
      <TicketForm id={id} ticket={ticket} />
      {ticket.detail ? <Record detail={ticket.detail} /> : <div />}
    </>
  );
}

/** Calls, recordings, and everything that was done, with who and when. */
function Record({ detail }: { detail: TicketDetail }) {
  const { t, word } = useWords();
  const names = useNames();
  return (
    <Panel
      title={t('ticket.timeline')}
      aside={
        <span>
          {t('ticket.owner')} · {names.agent(detail.owner) || '–'}
        </span>
      }
    >
      {detail.recordings.map((r) => (
        <Player key={r.recording} recording={r} />
      ))}
      {detail.calls.length > 0 && <h3 className={css.sub}>{t('ticket.calls')}</h3>}
      <ul className={css.calls}>
        {detail.calls.map((c) => (
          <CallLine key={c.call} call={c} />
        ))}
      </ul>
      <ol className={css.changes}>
        {[...detail.timeline].reverse().map((c) => (
          <Change key={c.version} change={c} />
        ))}
        <li>
          <b>{word('channel', detail.channel)}</b> ·{' '}
          <Link href={`/calls/${detail.call}`}>{t('call.title')}</Link>
          <div className={css.meta}>
            <Ago at={detail.opened} />
          </div>
        </li>
      </ol>
    </Panel>
  );
}

function Change({ change }: { change: TicketChange }) {
  const { t, word, lang } = useWords();
  const names = useNames();
  const list = new Intl.ListFormat(lang, { type: 'conjunction' });
  const value = (field: string, v: string) => {
    if (field === 'category' || field === 'grade') return word(field, v);
    if (field === 'state') return word('ticketState', v);
    if (field === 'owner') return names.agent(v);
    return v.length > 80 ? `${v.slice(0, 80)}…` : v;
  };
  return (
    <li>
      <b>{names.agent(change.by)}</b>{' '}
      {t('ticket.changed', { fields: list.format(change.fields.map((f) => word('field', f.field))) })}
      {change.fields.map((f) => (
        <div key={f.field} className={css.step}>
          {f.from && <del>{value(f.field, f.from)}</del>}
          {f.to && <ins>{value(f.field, f.to)}</ins>}
        </div>
      ))}
      <div className={css.meta}>
        <Ago at={change.at} />
      </div>
    </li>
  );
}
