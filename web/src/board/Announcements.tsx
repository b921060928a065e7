import { Button, Switch } from '@mantine/core';
import { Megaphone } from 'lucide-react';
import { useState } from 'react';
import { useWords } from '../i18n';
import { ApiError, api } from '../lib/api';
import { titled } from '../lib/format';
import { Ago, Panel } from '../lib/ui';
import type { BoardAnnouncement } from '../wire';
import css from './Announcements.module.css';

/** Switches an announcement; trouble is why the last time was in vain. */
function useSwitch(announcement: string) {
  const { word } = useWords();
  const [busy, setBusy] = useState(false);
  const [trouble, setTrouble] = useState('');
  const turn = async (on: boolean) => {
    setBusy(true);
    setTrouble('');
    try {
      await api.announce(announcement, on);
    } catch (e) {
      setTrouble(e instanceof ApiError ? word('refusal', e.code) : String(e));
    } finally {
      setBusy(false);
    }
  };
  return { busy, trouble, turn };
}

/** The announcement that an alarm offers: a button, or the word that it is on. */
export function Offered({ announcement: a, wall }: { announcement?: BoardAnnouncement; wall: boolean }) {
  const { t, lang } = useWords();
  const { busy, trouble, turn } = useSwitch(a?.announcement ?? '');
  if (!a) return null;
  const title = titled(a.title, lang, a.announcement);
  if (a.on) return <small data-testid="alarm-announced">{t('board.announced', { title })}</small>;
  if (wall) return null;
  return (
    <>
      <Button
        size="compact-sm"
        variant="default"
        mt={6}
        leftSection={<Megaphone size={14} aria-hidden />}
        disabled={busy}
        onClick={() => void turn(true)}
        data-testid="alarm-announce"
      >
        {t('board.announceNow', { title })}
      </Button>
      {trouble && (
        <small className={css.trouble} role="alert">
          {t('bar.failed', { why: trouble })}
        </small>
      )}
    </>
  );
}

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
  const { t, lang } = useWords();
  const { busy, trouble, turn } = useSwitch(a.announcement);
  const id = `announcement-${a.announcement}`;
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
          {a.surge
            ? t('board.announcedInSurge')
            : t('board.announcing', { name: titled(a.by_names, lang, a.by ?? '') })}{' '}
          · <Ago at={a.since} />
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
