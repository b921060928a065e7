import { useWords } from '../i18n';
import { duration } from '../lib/format';
import { useNames } from '../lib/session';
import type { Alarm } from '../wire';

/** What an alarm says, in the reader's language where its kind is made of parts, and else as the server wrote it. */
export function useAlarm() {
  const names = useNames();
  const { t } = useWords();
  return (a: Alarm): string => {
    switch (a.kind) {
      case 'overrun':
        return t('board.overrun', { reason: names.reason(a.reason), limit: duration(a.limit ?? 0) });
    }
    return a.text;
  };
}
