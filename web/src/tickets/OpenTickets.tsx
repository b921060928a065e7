import { useQuery } from '@tanstack/react-query';
import { Link } from 'wouter';
import { useWords } from '../i18n';
import { api } from '../lib/api';
import { useSession } from '../lib/session';
import { Empty, Panel } from '../lib/ui';
import { TicketLine } from './TicketLine';
import css from './Tickets.module.css';

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
      {list.data?.tickets.length === 0 && <Empty>{t('lists.noOpen')}</Empty>}
      <ul className={css.list}>
        {list.data?.tickets.map((x) => (
          <TicketLine key={x.id} ticket={x} />
        ))}
      </ul>
    </Panel>
  );
}
