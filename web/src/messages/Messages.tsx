import { Button, SegmentedControl } from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Check } from 'lucide-react';
import { useState } from 'react';
import { Link } from 'wouter';
import { Player } from '../calls/Player';
import { useWords } from '../i18n';
import { api } from '../lib/api';
import { clock, moment } from '../lib/format';
import listed from '../lib/list.module.css';
import { useNames, useSession } from '../lib/session';
import { Ago, Listed, Panel, useParty } from '../lib/ui';
import type { Message } from '../wire';
import css from './Messages.module.css';

/** The messages callers left: listened to, worked, marked as done. */
export function MessageList() {
  const { t } = useWords();
  const { lists } = useSession();
  const [done, setDone] = useState(false);
  const list = useQuery({
    queryKey: ['messages', done, lists?.version],
    queryFn: () => api.messages(done),
    placeholderData: (old) => old,
  });
  return (
    <Panel
      title={t('lists.messages')}
      aside={
        <SegmentedControl
          size="xs"
          value={done ? 'done' : 'open'}
          onChange={(v) => setDone(v === 'done')}
          data={[
            { value: 'open', label: t('lists.waiting') },
            { value: 'done', label: t('lists.done') },
          ]}
        />
      }
      flush
      testid="messages"
    >
      <Listed list={list} none={list.data?.messages.length === 0}>
        {t('lists.noMessages')}
      </Listed>
      <ul className={listed.lines}>
        {list.data?.messages.map((m) => (
          <Line key={m.message} message={m} />
        ))}
      </ul>
    </Panel>
  );
}

function Line({ message: m }: { message: Message }) {
  const { t, word } = useWords();
  const names = useNames();
  const party = useParty();
  const client = useQueryClient();
  const done = moment(m.done) !== undefined;
  const mark = useMutation({
    mutationFn: () => (done ? api.messageUndone(m.message) : api.messageDone(m.message)),
    onSettled: () => client.invalidateQueries({ queryKey: ['messages'] }),
  });
  return (
    <li className={css.item} data-testid={`message-${m.message}`}>
      <div className={css.head}>
        <strong>{party(m.caller)}</strong>
        {m.caller.name && <span>{m.caller.name}</span>}
        {m.category && <span className={css.soft}>{word('category', m.category)}</span>}
        <span className={css.when}>
          <Ago at={m.left} /> · {clock(m.duration)}
        </span>
      </div>
      <div className={css.row}>
        <Player
          small
          recording={{ recording: m.message, state: m.recording, duration: m.duration, why: undefined }}
        />
        <div className={css.actions}>
          {m.ticket && (
            <Link href={`/tickets/${m.ticket}`} className={css.ticket}>
              {t('lists.ticket')}
            </Link>
          )}
          <Button
            size="xs"
            variant={done ? 'subtle' : 'default'}
            leftSection={done ? undefined : <Check size={14} />}
            loading={mark.isPending}
            onClick={() => mark.mutate()}
            data-testid={`message-done-${m.message}`}
          >
            {done ? t('lists.undone') : t('lists.done')}
          </Button>
        </div>
      </div>
      {done && (
        <p className={css.soft}>
          {t('lists.doneBy', { name: names.agent(m.done_by) })} · <Ago at={m.done} />
        </p>
      )}
    </li>
  );
}

export function Messages() {
  return (
    <div className={css.page}>
      <MessageList />
    </div>
  );
}
