import { Tooltip } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { ChevronDown, ChevronRight, Copy, Phone } from 'lucide-react';
import { useState } from 'react';
import { useWords } from '../i18n';
import { api } from '../lib/api';
import { clock, duration, moment } from '../lib/format';
import { useNames } from '../lib/session';
import { Ago, Panel, useParty } from '../lib/ui';
import type { CallView, HistoryCall, Ticket } from '../wire';
import css from './Desk.module.css';
import { Path } from './Path';

/** Who is calling, how they came here, and what we know of them. */
export function Caller({ call }: { call: CallView }) {
  const { t, word } = useWords();
  const party = useParty();
  const names = useNames();
  const number = call.caller.withheld ? '' : (call.caller.number ?? '');
  const entered = moment(call.entered);
  const connected = moment(call.connected);
  const waited = entered && connected ? (connected - entered) / 1000 : undefined;
  return (
    <Panel title={t('caller.title')} testid="caller">
      <div className={css.callerNumber}>
        <span data-testid="caller-number">{party(call.caller)}</span>
        {number && (
          <Tooltip label={t('caller.copy')}>
            <button
              type="button"
              className={css.copy}
              aria-label={t('caller.copy')}
              onClick={() => void navigator.clipboard?.writeText(number)}
            >
              <Copy size={15} />
            </button>
          </Tooltip>
        )}
      </div>
      <p className={css.callerName}>{call.caller.name || '\u00a0'}</p>
      <dl className={css.dl}>
        <dt>{t('caller.region')}</dt>
        <dd data-testid="caller-region">{call.caller.region || '–'}</dd>
        <dt>{t('caller.language')}</dt>
        <dd>{word('language', call.lang) || '–'}</dd>
        <dt>{t('caller.line')}</dt>
        <dd>
          {call.line} · {names.queue(call.queue)}
        </dd>
        <dt>{t('caller.waited')}</dt>
        <dd data-testid="caller-waited">{waited === undefined ? '–' : duration(waited)}</dd>
        <dt>{t('caller.path')}</dt>
        <dd>
          <Path path={call.path} />
        </dd>
      </dl>
      <History number={number} now={call.call} ticket={call.ticket} />
    </Panel>
  );
}

function History({ number, now, ticket }: { number: string; now: string; ticket: string }) {
  const { t } = useWords();
  const history = useQuery({
    queryKey: ['history', number, now],
    queryFn: () => api.history(number),
    enabled: number !== '',
    staleTime: 60_000,
  });
  if (number === '') return <p className={css.sub}>{t('caller.noHistory')}</p>;
  const calls = (history.data?.calls ?? []).filter((c) => c.call !== now);
  const tickets = (history.data?.tickets ?? []).filter((x) => x.id !== ticket);
  const ticketOf = new Set(tickets.map((x) => x.id));
  const items = [
    ...tickets.map((x) => ({ at: x.opened, ticket: x, call: undefined })),
    // A call that left a ticket is told by the ticket.
    ...calls
      .filter((c) => !c.tickets.some((x) => ticketOf.has(x)))
      .map((c) => ({ at: c.arrived, ticket: undefined, call: c })),
  ].sort((a, b) => Date.parse(b.at) - Date.parse(a.at));
  return (
    <>
      <h3 className={css.sub}>
        {t('caller.history')}
        {history.data && (
          <span>
            {t('caller.calls', {
              n: Math.max(0, history.data.calls_total - (calls.length < history.data.calls.length ? 1 : 0)),
            })}
            {' · '}
            {t('caller.tickets', {
              n: Math.max(
                0,
                history.data.tickets_total - (tickets.length < history.data.tickets.length ? 1 : 0),
              ),
            })}
          </span>
        )}
      </h3>
      {history.isError && <p>{t('caller.unavailable')}</p>}
      {history.data && items.length === 0 && <p>{t('caller.first')}</p>}
      <ul className={css.history} data-testid="history">
        {items.map((i) =>
          i.ticket ? (
            <PastTicket key={i.ticket.id} ticket={i.ticket} />
          ) : (
            i.call && <PastCall key={i.call.call} call={i.call} />
          ),
        )}
      </ul>
    </>
  );
}

function PastTicket({ ticket }: { ticket: Ticket }) {
  const { t, word } = useWords();
  const [open, setOpen] = useState(false);
  const title = ticket.happened.split('\n')[0] || word('category', ticket.category) || ticket.id;
  return (
    <li>
      <button type="button" onClick={() => setOpen(!open)} aria-expanded={open}>
        {open ? <ChevronDown size={15} /> : <ChevronRight size={15} />}
        <span className={css.what}>{title}</span>
        <span className={css.state} data-open={ticket.state === 'open'}>
          {word('ticketState', ticket.state)}
        </span>
        <span className={css.when}>
          <Ago at={ticket.opened} /> · {word('category', ticket.category)} {ticket.id}
        </span>
      </button>
      {open && (
        <div className={css.opened}>
          {ticket.happened || t('ticket.empty')}
          {ticket.asked && (
            <>
              {'\n'}
              <b>{t('ticket.asked')}</b> · {ticket.asked}
            </>
          )}
        </div>
      )}
    </li>
  );
}

function PastCall({ call }: { call: HistoryCall }) {
  const { word } = useWords();
  const names = useNames();
  return (
    <li>
      <div>
        <Phone size={14} />
        <span className={css.what}>
          {[names.queue(call.queue), names.agent(call.agent)].filter(Boolean).join(' · ') || '–'}
        </span>
        <span className={css.state}>{call.talked > 0 ? clock(call.talked) : ''}</span>
        <span className={css.when}>
          <Ago at={call.arrived} /> · {word('ending', call.ending)}
        </span>
      </div>
    </li>
  );
}
