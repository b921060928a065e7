import { Popover, TextInput } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { ArrowRightLeft, Search, Users } from 'lucide-react';
import { type KeyboardEvent, useRef, useState } from 'react';
import { useWords } from '../i18n';
import { api } from '../lib/api';
import { useNames, useSession } from '../lib/session';
import { StateSign } from '../lib/ui';
import type { CallView, Colleague } from '../wire';
import { Tool } from './CallBar';
import css from './CallBar.module.css';
import { useKeys } from './keys';

const order = ['ready', 'wrap-up', 'talking', 'held', 'offered', 'not-ready', 'signed-out'];

/** Passes the caller and the ticket on: to a queue, or to one agent whose state is shown as it is now. */
export function TransferButton({ call }: { call: CallView }) {
  const { profile, me, do: perform } = useSession();
  const names = useNames();
  const { t, word } = useWords();
  const [open, setOpen] = useState(false);
  const [search, setSearch] = useState('');
  useKeys({ transfer: () => setOpen((o) => !o) });
  const fresh = useQuery({
    queryKey: ['colleagues'],
    queryFn: api.me,
    select: (p) => p.agents,
    enabled: open,
    refetchInterval: 2000,
    staleTime: 0,
  });
  const list = useRef<HTMLDivElement>(null);
  const field = useRef<HTMLInputElement>(null);
  const go = (target: { to_agent?: string; to_queue?: string }) => {
    setOpen(false);
    setSearch('');
    void perform({ do: 'transfer', call: call.call, ...target }).catch(() => {});
  };
  const fits = (s: string) => s.toLowerCase().includes(search.trim().toLowerCase());
  const queues = profile.queues.filter((q) => fits(names.queue(q.queue)) || fits(q.queue));
  const stateOf = (a: Colleague) => ('state' in a && typeof a.state === 'string' ? a.state : '');
  const agents = (fresh.data ?? profile.agents)
    .filter((a) => a.agent !== me?.agent && [a.agent, a.name, ...Object.values(a.names)].some(fits))
    .sort(
      (a, b) =>
        order.indexOf(stateOf(a)) - order.indexOf(stateOf(b)) ||
        names.agent(a.agent).localeCompare(names.agent(b.agent)),
    );
  /** Up and down walk through the list from the field and back; Enter in the field takes the one that is left. */
  const walk = (e: KeyboardEvent<HTMLDivElement>) => {
    if (e.nativeEvent.isComposing) return; // it chooses a Chinese word
    const all = [...(list.current?.querySelectorAll('button') ?? [])];
    const at = all.indexOf(document.activeElement as HTMLButtonElement);
    if (e.key === 'ArrowDown') all[Math.min(at + 1, all.length - 1)]?.focus();
    else if (e.key === 'ArrowUp' && at > 0) all[at - 1]?.focus();
    else if (e.key === 'ArrowUp') field.current?.focus();
    else if (e.key === 'Enter' && at < 0 && all.length === 1) all[0]?.click();
    else return;
    e.preventDefault();
  };
  return (
    <Popover opened={open} onChange={setOpen} position="bottom-end" trapFocus returnFocus withRoles={false}>
      <Popover.Target>
        <span>
          <Tool
            sign={<ArrowRightLeft size={18} />}
            word={t('bar.transfer')}
            keys="Alt + T"
            open={open}
            onClick={() => setOpen((o) => !o)}
            testid="transfer"
          />
        </span>
      </Popover.Target>
      <Popover.Dropdown role="dialog" aria-label={t('bar.transfer')} onKeyDown={walk}>
        <div className={css.transfer}>
          <TextInput
            placeholder={t('bar.search')}
            aria-label={t('bar.search')}
            leftSection={<Search size={15} />}
            value={search}
            onChange={(e) => setSearch(e.currentTarget.value)}
            ref={field}
            data-autofocus
            data-testid="transfer-search"
          />
          <div className={css.targets} ref={list}>
            {queues.length > 0 && <h3>{t('bar.toQueue')}</h3>}
            {queues.map((q) => (
              <button
                key={q.queue}
                type="button"
                className={css.target}
                onClick={() => go({ to_queue: q.queue })}
                data-testid={`transfer-queue-${q.queue}`}
              >
                <Users size={15} aria-hidden />
                <span>{names.queue(q.queue)}</span>
              </button>
            ))}
            {agents.length > 0 && <h3>{t('bar.toAgent')}</h3>}
            {agents.map((a) => (
              <button
                key={a.agent}
                type="button"
                className={css.target}
                onClick={() => go({ to_agent: a.agent })}
                data-testid={`transfer-agent-${a.agent}`}
              >
                {stateOf(a) && <StateSign state={stateOf(a)} />}
                <span>{names.agent(a.agent)}</span>
                <small>{stateOf(a) ? word('state', stateOf(a)) : a.queues.map(names.queue).join(', ')}</small>
              </button>
            ))}
            {queues.length + agents.length === 0 && <h3>{t('bar.nobody')}</h3>}
          </div>
        </div>
      </Popover.Dropdown>
    </Popover>
  );
}
