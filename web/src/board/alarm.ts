import { useWords } from '../i18n';
import { duration, moment, percent, timeOfDay } from '../lib/format';
import { useNames } from '../lib/session';
import type { Alarm } from '../wire';

/** So many calls, where a part of one tells something: 0.4, but 12. */
function calls(n: number): string {
  return n < 10 ? String(Math.round(10 * n) / 10) : String(Math.round(n));
}

type Words = Pick<ReturnType<typeof useWords>, 't' | 'lang' | 'word'>;
type Said = { text: string; detail?: string };

/** What an alarm says in the reader's language. The detail is an error's own words, which may be English. */
export function alarmIn(a: Alarm, words: Words, reason: (r: string | undefined) => string): Said {
  const { t, lang, word } = words;
  const detail = a.why_in?.[lang] ?? a.why;
  switch (a.kind) {
    case 'overrun':
      return { text: t('board.overrun', { reason: reason(a.reason), limit: duration(a.limit ?? 0) }) };
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
      return { text: t('board.nobodySuits', { n: a.count ?? 0 }), detail };
    case 'asterisk':
      return { text: t('alarmText.asterisk', { node: a.node, cause: word('alarmCause', a.cause) }) };
    case 'setup': {
      const faults = (a.faults ?? []).map((f) =>
        t(`setupFault.${f}`, { modules: (a.modules ?? []).join(', ') }),
      );
      return { text: t('alarmText.setup', { node: a.node, faults: faults.join(t('alarmText.and')) }) };
    }
    case 'postgres':
      return { text: word('alarmCause', a.cause), detail };
    case 'journal':
      return { text: t('alarmText.journal') };
    case 'config':
      return { text: t('alarmText.config'), detail };
    case 'watchdog':
      return { text: trouble(a, words), detail };
  }
  return lang === 'en' ? { text: a.text } : { text: t('alarmText.unknown'), detail: a.text }; // of a newer server
}

/** What the watchdog found. */
function trouble(a: Alarm, { t, lang, word }: Words): string {
  if (!a.trouble) return t('alarmText.unknown');
  const at = (iso: string | undefined) => timeOfDay(moment(iso) ?? 0, lang);
  const text = t(a.full ? 'diskFull' : `trouble.${a.trouble}`, {
    about: a.about,
    state: word(a.trouble.startsWith('agent-') ? 'state' : 'phase', a.state),
    since: at(a.since),
    due: at(a.due),
    node: a.node,
    n: a.count ?? 0,
    by: duration(Math.abs(a.by ?? 0)),
  });
  if (!a.mended) return text;
  return lang === 'zh' ? text + t('alarmText.mended') : `${text} ${t('alarmText.mended')}`;
}

/** alarmIn for the page's reader. */
export function useAlarm() {
  const names = useNames();
  const words = useWords();
  return (a: Alarm): Said => alarmIn(a, words, names.reason);
}
