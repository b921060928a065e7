import { useWords } from '../i18n';
import { duration, percent } from '../lib/format';
import { useNames } from '../lib/session';
import type { Alarm } from '../wire';

/** So many calls, where a part of one tells something: 0.4, but 12. */
function calls(n: number): string {
  return n < 10 ? String(Math.round(10 * n) / 10) : String(Math.round(n));
}

/**
 * What an alarm says in the reader's language. The server's own words are English and may name a remedy: where the
 * alarm is not made of parts they stand below as the detail.
 */
export function useAlarm() {
  const names = useNames();
  const { t, lang, word } = useWords();
  return (a: Alarm): { text: string; detail?: string } => {
    switch (a.kind) {
      case 'overrun':
        return {
          text: t('board.overrun', { reason: names.reason(a.reason), limit: duration(a.limit ?? 0) }),
        };
      case 'service-level':
        return {
          text: t('board.levelLow', { level: percent(a.level, lang), target: percent(a.target, lang) }),
        };
      case 'surge':
        return {
          text: t('board.surge', {
            n: a.count ?? 0,
            minutes: Math.round((a.over ?? 0) / 60),
            usual: calls(a.usual ?? 0),
          }),
        };
      case 'nobody-suits':
        return { text: t('board.nobodySuits', { n: a.count ?? 0 }), detail: a.text };
    }
    if (lang === 'en') return { text: a.text };
    const text = word('alarmText', a.kind);
    return text === a.kind ? { text: a.text } : { text, detail: a.text };
  };
}
