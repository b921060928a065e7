import { ChevronDown, ChevronUp } from 'lucide-react';
import { useState } from 'react';
import { CallbackList } from '../callbacks/Callbacks';
import { useWords } from '../i18n';
import { useSession } from '../lib/session';
import { MessageList } from '../messages/Messages';
import { OpenTickets } from '../tickets/OpenTickets';
import css from './Desk.module.css';

/** During a call the worklists are a strip with counts; pressed, they lie over the page. */
export function Worklists() {
  const { lists } = useSession();
  const { t } = useWords();
  const [open, setOpen] = useState(false);
  return (
    <div className={css.lists}>
      {open && (
        <div className={css.drawer}>
          <CallbackList />
          <MessageList />
          <OpenTickets />
        </div>
      )}
      <button
        type="button"
        className={css.strip}
        onClick={() => setOpen(!open)}
        aria-expanded={open}
        aria-label={open ? t('lists.hide') : t('lists.show')}
      >
        {t('lists.title')}
        <span>
          {t('lists.messages')} <b>{lists?.messages ?? 0}</b>
        </span>
        <span>
          {t('lists.callbacks')} <b>{lists?.callbacks ?? 0}</b>
        </span>
        <span>
          {t('lists.open')} <b>{lists?.open ?? 0}</b>
        </span>
        {open ? <ChevronDown size={18} aria-hidden /> : <ChevronUp size={18} aria-hidden />}
      </button>
    </div>
  );
}
