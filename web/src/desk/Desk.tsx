import { useEffect, useState } from 'react';
import { usePhone } from '../lib/phone';
import { useSession } from '../lib/session';
import { MessageList } from '../messages/Messages';
import { OpenTickets } from '../tickets/OpenTickets';
import { TicketForm } from '../tickets/TicketForm';
import { useTicket } from '../tickets/useTicket';
import type { CallView } from '../wire';
import { Caller } from './Caller';
import { Day } from './Day';
import css from './Desk.module.css';
import { Guidance } from './Guidance';
import { PhoneSetup } from './PhoneSetup';
import { Worklists } from './Worklists';

/** The agent's place: idle with the day and the worklists, or with a caller and the ticket. */
export function Desk() {
  const { me } = useSession();
  const phone = usePhone();
  const call = me?.call;
  const needsPhone =
    me !== null &&
    phone !== null &&
    (me.phone?.in_use
      ? !me.leg
      : !phone.early &&
        (me.other_tab || phone.state === 'off' || phone.state === 'refused' || phone.fault !== ''));
  return (
    <div className={css.desk}>
      {needsPhone && <PhoneSetup />}
      {call ? (
        <InCall key={call.call} call={call} />
      ) : (
        <div className={css.idle}>
          <Day />
          <MessageList />
          <OpenTickets />
        </div>
      )}
    </div>
  );
}

function InCall({ call }: { call: CallView }) {
  const ticket = useTicket(call.ticket, call);
  const [category, setCategory] = useState('');
  const draft = ticket.draft;
  useEffect(() => {
    if (!draft) return;
    const read = () => setCategory(draft.values.category);
    read();
    return draft.watch(read);
  }, [draft]);
  return (
    <>
      <div className={css.call}>
        <Caller call={call} />
        <TicketForm id={call.ticket} ticket={ticket} focus />
        <Guidance call={call} category={category} />
      </div>
      <Worklists />
    </>
  );
}
