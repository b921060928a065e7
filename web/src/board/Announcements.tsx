import { Switch } from '@mantine/core';
import { useState } from 'react';
import { useWords } from '../i18n';
import { ApiError, api } from '../lib/api';
import { titled } from '../lib/format';
import { Ago, Panel } from '../lib/ui';
import type { BoardAnnouncement } from '../wire';
import css from './Announcements.module.css';

/** What callers may be told at once: each is on or off. A wall shows those that are on. */
export function Announcements({ list, wall }: { list: BoardAnnouncement[]; wall: boolean }) {
  const { t } = useWords();
  const shown = wall ? list.filter((a) => a.on) : list;
  if (shown.length === 0) return null;
  return (
    <Panel title={t('board.announcements')} className={css.panel} testid="announcements">
      <ul className={css.list}>
        {shown.map((a) => (
          <Row key={a.announcement} announcement={a} wall={wall} />
        ))}
      </ul>
    </Panel>
  );
}

function Row({ announcement: a, wall }: { announcement: BoardAnnouncement; wall: boolean }) {
  const { t, lang, word } = useWords();
  const [busy, setBusy] = useState(false);
  const [trouble, setTrouble] = useState('');
  const id = `announcement-${a.announcement}`;
  const turn = async (on: boolean) => {
    setBusy(true);
    setTrouble('');
    try {
      await api.announce(a.announcement, on);
    } catch (e) {
      setTrouble(e instanceof ApiError ? word('refusal', e.code) : String(e));
    } finally {
      setBusy(false);
    }
  };
  const title = titled(a.title, lang, a.announcement);
  return (
    <li data-on={a.on} data-testid={id}>
      {wall ? (
        <b>{title}</b>
      ) : (
        <Switch
          label={title}
          checked={a.on}
          disabled={busy}
          onChange={(e) => void turn(e.currentTarget.checked)}
          data-testid={`${id}-switch`}
        />
      )}
      <p>{titled(a.text, lang, '')}</p>
      {a.on && (
        <small data-testid={`${id}-on`}>
          {t('board.announcing', { name: titled(a.by_names, lang, a.by ?? '') })} · <Ago at={a.since} />
        </small>
      )}
      {trouble && (
        <small className={css.trouble} role="alert">
          {t('bar.failed', { why: trouble })}
        </small>
      )}
    </li>
  );
}
