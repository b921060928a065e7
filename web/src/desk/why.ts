import { useWords } from '../i18n';
import { clock, percent, titled } from '../lib/format';
import { useNames, useSession } from '../lib/session';
import type { OfferView, Why } from '../wire';

/** Why this agent, in the agent's language: the decision comes in parts. Without them the server's own words. */
export function useWhy() {
  const { profile } = useSession();
  const names = useNames();
  const { t, lang, word } = useWords();

  const chosen = (w: Why): string => {
    const n = w.of ?? 0;
    if (n === 1) return t('why.only', { time: clock(w.idle ?? 0) });
    switch (w.strategy) {
      case 'round-robin':
        return t('why.turn', { n });
      case 'fewest-calls':
        return t('why.fewest', { n, calls: w.calls ?? 0 });
      case 'least-occupied':
        return t('why.occupied', { n, share: percent(w.occupancy ?? 0, lang) });
      case 'skill-weighted':
        return t('why.skilled', { n });
      case 'linear':
        return t('why.first', { n });
      default:
        return t('why.longest', { n, time: clock(w.idle ?? 0) });
    }
  };
  // An agent's own reason for not ready, a state, or one of the routing's words.
  const passedOver = (why: string): string => {
    if (profile.not_ready.some((r) => r.reason === why)) return names.reason(why);
    for (const list of ['away', 'state', 'passed'] as const) {
      const said = word(list, why);
      if (said !== why) return said;
    }
    return why;
  };

  return (offer: Pick<OfferView, 'why' | 'because'>): string => {
    const w = offer.because;
    if (!w) return offer.why;
    if (w.asked) return t('why.asked');
    const parts: string[] = [];
    if (w.preferred) parts.push(t('why.preferred'));
    for (const s of w.skills ?? [])
      if (s.has >= s.needs) parts.push(t('why.skill', { ...s, skill: word('skill', s.skill) }));
    if (w.step) parts.push(t('why.step', { n: w.step }));
    if (w.order) parts.push(t('why.order', { n: w.order }));
    if (w.overdue) parts.push(t('why.overdue', { time: clock(w.waited ?? 0) }));
    for (const b of w.boosts ?? []) {
      const points = `${b.points < 0 ? '−' : '+'}${Math.abs(b.points)}`;
      const list = titled(profile.lists.find((l) => l.list === b.list)?.title, lang, b.list ?? '');
      parts.push(b.list ? t('why.list', { list, points }) : t('why.repeat', { n: b.calls ?? 0, points }));
    }
    if (!w.preferred) parts.push(chosen(w));
    const not = (w.not ?? []).map((p) =>
      t('why.not', { name: names.agent(p.agent), why: passedOver(p.why) }),
    );
    return [parts.join(t('why.comma')), ...not].join(t('why.semicolon'));
  };
}
