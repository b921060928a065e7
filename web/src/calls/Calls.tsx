import { Button, Select, TextInput } from '@mantine/core';
import { useInfiniteQuery } from '@tanstack/react-query';
import { AudioLines, Search } from 'lucide-react';
import { useState } from 'react';
import { Link, useLocation, useSearch } from 'wouter';
import { useWords } from '../i18n';
import { api } from '../lib/api';
import { clock, moment } from '../lib/format';
import listed from '../lib/list.module.css';
import { useNames, useSession } from '../lib/session';
import { Ago, Listed, Panel, useParty } from '../lib/ui';
import css from './Calls.module.css';

/** The calls, newest first; a figure on the board opens here with its own choice in the address. */
export function Calls() {
  const { profile, lists } = useSession();
  const names = useNames();
  const party = useParty();
  const { t, word } = useWords();
  const [, go] = useLocation();
  const search = new URLSearchParams(useSearch());
  const queue = search.get('queue') ?? '';
  const agent = search.get('agent') ?? '';
  const outcome = search.get('outcome') ?? '';
  const from = search.get('from') ?? '';
  const [number, setNumber] = useState('');
  const supervisor = profile.role !== 'agent';
  const choose = (key: string, value: string | null) => {
    const next = new URLSearchParams(search);
    if (value) next.set(key, value);
    else next.delete(key);
    go(`/calls${next.size ? `?${next}` : ''}`, { replace: true });
  };
  const list = useInfiniteQuery({
    queryKey: ['calls', 'all', queue, agent, outcome, from, number, lists?.version],
    queryFn: ({ pageParam }) =>
      api.calls({ queue, agent, outcome, from, number, before: pageParam || undefined, limit: 50 }),
    initialPageParam: '',
    getNextPageParam: (last) => last.next || undefined,
    placeholderData: (old) => old,
  });
  const calls = list.data?.pages.flatMap((p) => p.calls) ?? [];
  return (
    <div className={css.page}>
      <Panel
        title={t('app.calls')}
        flush
        testid="calls"
        above={
          <form
            className={`${listed.filter} ${css.filter}`}
            onSubmit={(e) => {
              e.preventDefault();
              setNumber(String(new FormData(e.currentTarget).get('number') ?? '').replace(/[\s-]/g, ''));
            }}
          >
            <TextInput
              name="number"
              placeholder={t('call.find')}
              aria-label={t('call.find')}
              leftSection={<Search size={15} />}
              onChange={(e) => e.currentTarget.value === '' && setNumber('')}
              data-testid="calls-number"
            />
            <Select
              placeholder={t('call.filterQueue')}
              aria-label={t('call.queue')}
              data={profile.queues.map((q) => ({ value: q.queue, label: names.queue(q.queue) }))}
              value={queue || null}
              onChange={(v) => choose('queue', v)}
              clearable
            />
            <Select
              placeholder={t('call.filterOutcome')}
              aria-label={t('call.ending')}
              data={(['answered', 'abandoned', 'callback', 'message', 'overflowed', 'failed'] as const).map(
                (o) => ({
                  value: o,
                  label: word('outcome', o),
                }),
              )}
              value={outcome || null}
              onChange={(v) => choose('outcome', v)}
              clearable
            />
            {supervisor && (
              <Select
                placeholder={t('call.filterAgent')}
                aria-label={t('call.agent')}
                data={profile.agents.map((a) => ({ value: a.agent, label: names.agent(a.agent) }))}
                value={agent || null}
                onChange={(v) => choose('agent', v)}
                searchable
                clearable
              />
            )}
          </form>
        }
      >
        <Listed list={list} none={calls.length === 0}>
          {t('call.none')}
        </Listed>
        {calls.length > 0 && (
          <table className={`${listed.table} ${css.table}`}>
            <thead>
              <tr>
                <th>{t('call.arrived')}</th>
                <th>{t('call.caller')}</th>
                <th>{t('call.queue')}</th>
                <th>{t('call.agent')}</th>
                <th className={listed.right}>{t('call.waited')}</th>
                <th className={listed.right}>{t('call.talked')}</th>
                <th>{t('call.ending')}</th>
                <th>{t('call.ticket')}</th>
                <th>{t('call.recording')}</th>
              </tr>
            </thead>
            <tbody>
              {calls.map((c) => (
                <tr key={c.call} data-testid={`call-${c.call}`}>
                  <td>
                    <Link href={`/calls/${c.call}`} className={css.cover}>
                      <Ago at={c.arrived} />
                    </Link>
                  </td>
                  <td>
                    <b>{party(c.caller)}</b>
                    {c.caller.name && <span className={css.soft}> {c.caller.name}</span>}
                  </td>
                  <td>{names.queue(c.queue) || '–'}</td>
                  <td>{names.agent(c.agent) || '–'}</td>
                  <td className={listed.right}>{clock(c.waited)}</td>
                  <td className={listed.right}>{c.talked ? clock(c.talked) : '–'}</td>
                  <td>{moment(c.ended) ? word('ending', c.ending) : <b>{t('call.going')}</b>}</td>
                  <td>
                    {c.tickets.map((x) => (
                      <Link key={x} href={`/tickets/${x}`} className={css.above}>
                        {x}
                      </Link>
                    ))}
                  </td>
                  <td>{c.recorded && <AudioLines size={16} aria-label={word('stored', 'ready')} />}</td>
                </tr>
              ))}
            </tbody>
          </table>
        )}
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
    </div>
  );
}
