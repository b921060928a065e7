import { Link } from 'wouter';
import { useWords } from '../i18n';
import { phoneNumber } from '../lib/format';
import { Ago } from '../lib/ui';
import type { Ticket } from '../wire';
import css from './Tickets.module.css';

/** A ticket in a list: what it is about, of whom, how it stands. */
export function TicketLine({ ticket, current }: { ticket: Ticket; current?: boolean }) {
  const { t, word } = useWords();
  const who =
    ticket.name || (ticket.withheld ? t('app.withheld') : phoneNumber(ticket.number) || t('app.unknown'));
  return (
    <li>
      <Link
        href={`/tickets/${ticket.id}`}
        className={css.item}
        aria-current={current || undefined}
        data-testid={`ticket-line-${ticket.id}`}
      >
        <span className={css.what}>{ticket.happened.split('\n')[0] || t('ticket.fresh')}</span>
        <span className={css.tag} data-open={ticket.state === 'open'}>
          {word('ticketState', ticket.state)}
        </span>
        <span className={css.meta}>
          {ticket.id}
          {ticket.category && <b>{word('category', ticket.category)}</b>}
          {ticket.grade && <b>{word('grade', ticket.grade)}</b>}
          <span>{who}</span>
        </span>
        <span className={css.meta}>
          <Ago at={ticket.opened} />
        </span>
      </Link>
    </li>
  );
}
