import { Button } from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { Link } from 'wouter';
import { useWords } from '../i18n';
import { api } from '../lib/api';
import { dayAndTime, moment } from '../lib/format';
import listed from '../lib/list.module.css';
import { useNames, useSession } from '../lib/session';
import { Ago, Listed, Panel, useFault, useParty } from '../lib/ui';
import css from '../messages/Messages.module.css';
import type { CallbackView } from '../wire';

/** The call backs that are promised and not made yet: whose turn is next comes first. */
export function CallbackList() {
  const { t } = useWords();
  const { lists } = useSession();
  const list = useQuery({
    queryKey: ['callbacks', lists?.version],
    queryFn: () => api.callbacks(),
    placeholderData: (old) => old,
    refetchInterval: 5000, // attempts begin and ring without a list changing
  });
  return (
    <Panel title={t('lists.callbacks')} flush testid="callbacks">
      <Listed list={list} none={list.data?.callbacks.length === 0}>
        {t('lists.noCallbacks')}
      </Listed>
      <ul className={listed.lines}>
        {list.data?.callbacks.map((c) => (
          <Line key={c.callback} callback={c} />
        ))}
      </ul>
    </Panel>
  );
}

function Line({ callback: c }: { callback: CallbackView }) {
  const { t, lang, word } = useWords();
  const names = useNames();
  const party = useParty();
  const client = useQueryClient();
  const fault = useFault();
  const [sure, setSure] = useState(false);
  const time = (at: string) => dayAndTime(moment(at) ?? 0, lang);
  const cancel = useMutation({
    mutationFn: () => api.cancelCallback(c.callback),
    onSettled: () => client.invalidateQueries({ queryKey: ['callbacks'] }),
  });
  const facts = [
    word('callback', c.state),
    c.agent && t('callback.with', { name: names.agent(c.agent) }),
    c.next && t('callback.next', { time: time(c.next) }),
    c.tries > 0 && t('callback.tries', { n: c.tries }),
    word('miss', c.last),
    t('callback.place', { time: time(c.since) }),
    t('callback.expires', { time: time(c.expires) }),
  ];
  return (
    <li className={css.item} data-testid={`callback-${c.callback}`} data-state={c.state}>
      <div className={css.head}>
        <strong>{party(c.caller)}</strong>
        {c.caller.name && <span>{c.caller.name}</span>}
        <span className={css.soft}>{names.queue(c.queue)}</span>
        <span className={css.when}>
          {t('callback.asked')} <Ago at={c.asked} />
        </span>
      </div>
      <div className={css.row}>
        <span className={css.soft}>{facts.filter(Boolean).join(' · ')}</span>
        <div className={css.actions}>
          {c.ticket && (
            <Link href={`/tickets/${c.ticket}`} className={css.ticket}>
              {t('lists.ticket')}
            </Link>
          )}
          {sure && (
            <Button size="xs" variant="subtle" onClick={() => setSure(false)}>
              {t('callback.keep')}
            </Button>
          )}
          <Button
            size="xs"
            variant="default"
            color={sure ? 'var(--bad)' : undefined}
            disabled={c.state === 'dialling'}
            loading={cancel.isPending}
            onClick={() => (sure ? cancel.mutate() : setSure(true))}
            data-testid={`callback-cancel-${c.callback}`}
          >
            {sure ? t('callback.sure') : t('callback.cancel')}
          </Button>
        </div>
      </div>
      {cancel.isError && (
        <p className={css.soft} role="alert">
          {t('bar.failed', { why: fault(cancel.error) })}
        </p>
      )}
    </li>
  );
}

export function Callbacks() {
  return (
    <div className={css.page}>
      <CallbackList />
    </div>
  );
}
