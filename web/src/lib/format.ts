/** Go's zero time and an absent one are the same to a reader. */
export function moment(iso: string | undefined | null): number | undefined {
  if (!iso || iso.startsWith('0001-')) return undefined;
  const t = Date.parse(iso);
  return Number.isNaN(t) ? undefined : t;
}

/** 161 → "2:41", 3725 → "1:02:05". Negative counts as 0. */
export function duration(seconds: number): string {
  const s = Math.max(0, Math.floor(seconds));
  const mm = Math.floor(s / 60) % 60;
  const ss = String(s % 60).padStart(2, '0');
  const h = Math.floor(s / 3600);
  return h > 0 ? `${h}:${String(mm).padStart(2, '0')}:${ss}` : `${mm}:${ss}`;
}

/** Like duration, but minutes have two digits: for clocks that count beside each other. */
export function clock(seconds: number): string {
  const d = duration(seconds);
  return d.length === 4 ? `0${d}` : d;
}

/** The average handle time of an agent's day; nothing handled yet → "–". */
export const average = (aht: number | undefined) => (aht ? clock(aht) : '–');

/** 0.9623 → "96.2 %"; no base → "–". */
export function percent(rate: number | null | undefined, lang: string): string {
  if (rate === null || rate === undefined) return '–';
  return new Intl.NumberFormat(lang, {
    style: 'percent',
    minimumFractionDigits: 1,
    maximumFractionDigits: 1,
  }).format(Math.floor(rate * 1000 + 1e-9) / 1000);
}

/**
 * A number as people read it: +8613800138000 → 138-0013-8000 (a mainland mobile), +861012345678 → 010-1234-5678;
 * anything else as signalled.
 */
export function phoneNumber(e164: string | undefined): string {
  if (!e164) return '';
  const mobile = /^(?:\+86)?(1[3-9]\d)(\d{4})(\d{4})$/.exec(e164);
  if (mobile) return `${mobile[1]}-${mobile[2]}-${mobile[3]}`;
  const fixed = /^\+86(10|2\d|[3-9]\d{2})(\d{3,4})(\d{4})$/.exec(e164);
  if (fixed) return `0${fixed[1]}-${fixed[2]}-${fixed[3]}`;
  return e164;
}

/** "3 minutes ago", "yesterday", in whole units, from t to now (ms). */
export function relative(t: number, now: number, lang: string): string {
  const f = new Intl.RelativeTimeFormat(lang, { numeric: 'auto', style: 'short' });
  const s = Math.round((t - now) / 1000);
  const a = Math.abs(s);
  if (a < 60) return f.format(s, 'second');
  if (a < 3600) return f.format(Math.trunc(s / 60), 'minute');
  if (a < 86400) return f.format(Math.trunc(s / 3600), 'hour');
  if (a < 7 * 86400) return f.format(Math.trunc(s / 86400), 'day');
  return new Intl.DateTimeFormat(lang, { dateStyle: 'medium' }).format(t);
}

/** The full moment, to the second, for a hover. */
export function absolute(t: number, lang: string): string {
  return new Intl.DateTimeFormat(lang, { dateStyle: 'full', timeStyle: 'medium' }).format(t);
}

/** Nov 21, 10:42: a moment of another day than today, perhaps. */
export function dayAndTime(t: number, lang: string): string {
  return new Intl.DateTimeFormat(lang, {
    month: 'short',
    day: 'numeric',
    hour: '2-digit',
    minute: '2-digit',
    hourCycle: 'h23',
  }).format(t);
}

/** 10:42:07, always 24 h. */
export function timeOfDay(t: number, lang: string, seconds = true): string {
  return new Intl.DateTimeFormat(lang, {
    hour: '2-digit',
    minute: '2-digit',
    ...(seconds ? { second: '2-digit' } : {}),
    hourCycle: 'h23',
  }).format(t);
}

/** Picks a text by language: the reader's, else the first there is, else the id. */
export function titled(title: Record<string, string> | undefined | null, lang: string, id: string): string {
  if (!title) return id;
  return title[lang] ?? title[lang.split('-')[0] ?? ''] ?? Object.values(title)[0] ?? id;
}

/** The last midnight in a time zone, as it was there, in ms. */
export function startOfDay(now: number, zone: string): number {
  const parts = new Intl.DateTimeFormat('en', {
    timeZone: zone,
    hour: 'numeric',
    minute: 'numeric',
    second: 'numeric',
    hourCycle: 'h23',
  }).formatToParts(now);
  const part = (type: string) => Number(parts.find((p) => p.type === type)?.value ?? 0);
  const past = (part('hour') * 3600 + part('minute') * 60 + part('second')) * 1000;
  return Math.floor(now / 1000) * 1000 - past;
}

/** 1001 for PJSIP/1001: what stands on the phone. */
export const phoneName = (p: { phone: string }) => p.phone.slice(p.phone.indexOf('/') + 1);
