import { useEffect } from 'react';
import { useWords } from '../i18n';
import { usePhone } from '../lib/phone';
import { useNames, useSession } from '../lib/session';
import { useParty } from '../lib/ui';

/**
 * Draws the agent's attention to an offer in each way there is: the ring (or a zip, where the call connects by
 * itself), the tab's title, and a notification when the page is not in front.
 */
export function useAttention(): void {
  const { me } = useSession();
  const phone = usePhone();
  const names = useNames();
  const party = useParty();
  const { t, word } = useWords();
  const offer = me?.offer;
  const id = offer?.offer;
  const auto = offer?.auto ?? false;
  const engine = phone?.engine;

  useEffect(() => {
    if (!id || !engine) return;
    if (auto) {
      engine.zip();
      return;
    }
    engine.ring();
    return () => engine.stopRinging();
  }, [id, auto, engine]);

  const call = offer ? `${party(offer.caller)} · ${names.queue(offer.queue)}` : '';
  useEffect(() => {
    if (!id || document.visibilityState === 'visible') return;
    if (!('Notification' in window) || Notification.permission !== 'granted') return;
    const n = new Notification(t('bar.offer'), { body: call, tag: id, requireInteraction: true });
    n.onclick = () => {
      window.focus();
      n.close();
    };
    return () => n.close();
  }, [id, call, t]);

  const plain = me ? `${word('state', me.state)} · ${names.centre}` : names.centre;
  useEffect(() => {
    document.title = plain;
    if (!id) return;
    let on = true;
    document.title = `☎ ${call}`;
    const timer = setInterval(() => {
      on = !on;
      document.title = on ? `☎ ${call}` : `${t('bar.offer')}!`;
    }, 1000);
    return () => {
      clearInterval(timer);
      document.title = plain;
    };
  }, [id, call, plain, t]);
}

/** Asked for when the phone is started: the one moment in which it makes sense to somebody. */
export function askForNotifications(): void {
  if ('Notification' in window && Notification.permission === 'default')
    void Notification.requestPermission();
}
