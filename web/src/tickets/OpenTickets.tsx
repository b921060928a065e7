import { useQuery } from '@tanstack/react-query';
import { Link } from 'wouter';
import { useWords } from '../i18n';
import { api } from '../lib/api';
import listed from '../lib/list.module.css';
import { useSession } from '../lib/session';
import { Listed, Panel } from '../lib/ui';
import { TicketLine } from './TicketLine';

/** The agent's own open tickets, the newest first. */
export function OpenTickets() {
  const { profile, lists } = useSession();
  const { t } = useWords();
  const list = useQuery({
    queryKey: ['tickets', 'mine', profile.login, lists?.version],
    queryFn: () => api.tickets({ list: 'mine', limit: 50 }),
    placeholderData: (old) => old,
  });
  return (
    <Panel
      title={t('lists.open')}
      aside={<Link href="/tickets">{t('ticket.all')}</Link>}
      flush
      testid="open-tickets"
    >
      <Listed list={list} none={list.data?.tickets.length === 0}>
        {t('lists.noOpen')}
      </Listed>
      <ul className={listed.lines}>
        {list.data?.tickets.map((x) => (
          <TicketLine key={x.id} ticket={x} />
        ))}
      </ul>
    </Panel>
  );
}
