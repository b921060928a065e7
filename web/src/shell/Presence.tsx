import { Menu } from '@mantine/core';
import { ChevronDown } from 'lucide-react';
import { useEffect, useState } from 'react';
import { useWords } from '../i18n';
import { clock, duration, titled } from '../lib/format';
import { usePhone } from '../lib/phone';
import { useNames, useSession } from '../lib/session';
import { Since, StateSign, useSince } from '../lib/ui';
import css from './Shell.module.css';

/** The agent's state: a word, a shape and since when; pressed, it changes it. */
export function Presence() {
  const { me, profile, do: perform } = useSession();
  const phone = usePhone();
  const names = useNames();
  const { t, lang, word } = useWords();
  const usable = phone?.usable ?? false;
  const state = me?.state ?? 'signed-out';
  const busy = state === 'talking' || state === 'held' || state === 'wrap-up' || state === 'offered';
  const reason = me?.reason;
  const limit = state === 'not-ready' ? profile.not_ready.find((r) => r.reason === reason)?.limit : undefined;
  const [open, setOpen] = useState(false);
  const over = useSince(me?.since) - (limit ?? Number.POSITIVE_INFINITY);

  const said = state === 'not-ready' && reason ? names.reason(reason) : word('state', state);

  const ready = () => void perform({ do: 'ready' }).catch(() => {});
  const notReady = (r: string) => void perform({ do: 'not-ready', reason: r }).catch(() => {});

  useEffect(() => {
    const press = (e: KeyboardEvent) => {
      if (!e.altKey || e.code !== 'KeyR' || !usable) return;
      e.preventDefault();
      if (state === 'ready' || (busy && !me?.pending)) notReady('');
      else ready();
    };
    window.addEventListener('keydown', press);
    return () => window.removeEventListener('keydown', press);
  });

  return (
    <Menu position="bottom-start" width={300} disabled={!me} opened={open} onChange={setOpen}>
      <Menu.Target>
        <button
          type="button"
          className={css.state}
          data-state={state}
          data-testid="presence"
          aria-label={`${said}. ${t('presence.change')}`}
          aria-keyshortcuts="Alt+R"
        >
          <StateSign state={state} />
          <b data-testid="presence-state">{said}</b>
          {me && <Since at={me.since} format={clock} quiet={open} />}
          {limit && (
            <span className={over > 0 ? css.over : css.pending} data-testid="presence-limit">
              {over > 0
                ? t('presence.over', { time: duration(over) })
                : t('presence.left', { time: duration(Math.ceil(-over)) })}
            </span>
          )}
          {me?.line && (
            <span className={css.pending} data-testid="presence-line">
              {t('presence.line', { place: me.line.place, reason: names.reason(me.line.reason) })}
            </span>
          )}
          {me?.pending !== undefined && me.pending !== '' && (
            <span className={css.pending}>{t('presence.pending', { reason: names.reason(me.pending) })}</span>
          )}
          <ChevronDown size={15} aria-hidden />
        </button>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Item
          leftSection={<StateSign state="ready" />}
          disabled={!usable || (state === 'ready' && !me?.line)}
          onClick={ready}
          data-testid="go-ready"
        >
          {me?.line && state !== 'not-ready'
            ? t('presence.leaveLine')
            : busy && me?.pending
              ? t('presence.cancelPending')
              : t('presence.ready')}
        </Menu.Item>
        <Menu.Divider />
        {me?.line && <Menu.Label>{t('presence.lineHint')}</Menu.Label>}
        {busy && <Menu.Label>{t('presence.pendingHint')}</Menu.Label>}
        {profile.not_ready.map((r) => (
          <Menu.Item
            key={r.reason}
            leftSection={<StateSign state="not-ready" />}
            rightSection={
              <small className={css.rule}>
                {[
                  r.limit ? t('presence.limit', { time: duration(r.limit) }) : '',
                  r.at_once ? t('presence.atOnce', { n: r.at_once }) : '',
                ]
                  .filter(Boolean)
                  .join(' · ')}
              </small>
            }
            onClick={() => notReady(r.reason)}
            data-testid={`not-ready-${r.reason}`}
          >
            {titled(r.title, lang, r.reason)}
          </Menu.Item>
        ))}
        <Menu.Item
          leftSection={<StateSign state="not-ready" />}
          onClick={() => notReady('')}
          data-testid="not-ready-none"
        >
          {t('presence.justNotReady')}
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}
