import { Button, Tooltip } from '@mantine/core';
import {
  BellRing,
  CircleDashed,
  CircleMinus,
  type LucideIcon,
  Pause,
  PenLine,
  Phone,
  TriangleAlert,
} from 'lucide-react';
import type { ReactNode } from 'react';
import { useWords } from '../i18n';
import type { Party } from '../wire';
import { ApiError } from './api';
import { serverNow, useSecond } from './clock';
import { absolute, duration, moment, phoneNumber, relative } from './format';
import css from './ui.module.css';

const signs: Record<string, LucideIcon | null> = {
  'signed-out': CircleDashed,
  'not-ready': CircleMinus,
  ready: null, // a full disc: the one state a supervisor looks for
  offered: BellRing,
  talking: Phone,
  held: Pause,
  'wrap-up': PenLine,
};

/** The state of an agent by shape; the word stands beside it. */
export function StateSign({ state, size = 15 }: { state: string; size?: number }) {
  const Sign = signs[state];
  return (
    <span className={css.sign} data-state={state} style={{ width: size, height: size }} aria-hidden>
      {Sign ? <Sign size={size} strokeWidth={2.2} /> : <span className={css.disc} />}
    </span>
  );
}

/** "3 min. ago", and on hover the full moment. */
export function Ago({ at }: { at: string | number | undefined }) {
  const { lang } = useWords();
  useSecond();
  const t = typeof at === 'number' ? at : moment(at);
  if (t === undefined) return <span>–</span>;
  return (
    <Tooltip label={absolute(t, lang)}>
      <time dateTime={new Date(t).toISOString()}>
        {relative(Math.min(t, serverNow()), serverNow(), lang)}
      </time>
    </Tooltip>
  );
}

/** Counts up from a moment, each second; on hover the moment itself. */
export function Since({
  at,
  format = duration,
  quiet,
}: {
  at: string | undefined;
  format?: (s: number) => string;
  /** says nothing on hover, where it would lie over something */
  quiet?: boolean;
}) {
  const { lang } = useWords();
  useSecond();
  const t = moment(at);
  if (t === undefined) return <span>–</span>;
  return (
    <Tooltip label={absolute(t, lang)} disabled={quiet}>
      <time className="num" dateTime={new Date(t).toISOString()}>
        {format((serverNow() - t) / 1000)}
      </time>
    </Tooltip>
  );
}

/** Seconds since a moment, renewed each second. */
export function useSince(at: string | undefined): number {
  useSecond();
  const t = moment(at);
  return t === undefined ? 0 : Math.max(0, (serverNow() - t) / 1000);
}

/** Seconds until a moment, never below 0. */
export function useUntil(at: string | undefined): number {
  useSecond();
  const t = moment(at);
  return t === undefined ? 0 : Math.max(0, (t - serverNow()) / 1000);
}

/** A caller in one line: the number as people read it, or why there is none. */
export function useParty() {
  const { t } = useWords();
  return (p: Party | undefined): string => {
    if (p?.withheld) return t('app.withheld');
    return phoneNumber(p?.number) || t('app.unknown');
  };
}

/** A key one may press. */
export function Key({ children }: { children: ReactNode }) {
  return <kbd className={css.key}>{children}</kbd>;
}

/** A panel with a quiet heading. */
export function Panel({
  title,
  aside,
  above,
  children,
  className,
  flush,
  testid,
}: {
  title?: ReactNode;
  aside?: ReactNode;
  /** stands still above what scrolls */
  above?: ReactNode;
  children: ReactNode;
  className?: string;
  flush?: boolean;
  testid?: string;
}) {
  return (
    <section className={[css.panel, className].filter(Boolean).join(' ')} data-testid={testid}>
      {title && (
        <header className={css.head}>
          <h2>{title}</h2>
          {aside && <div className={css.aside}>{aside}</div>}
        </header>
      )}
      {above}
      <div className={flush ? css.flush : css.body} data-above={above ? true : undefined}>
        {children}
      </div>
    </section>
  );
}

export function Empty({ children }: { children: ReactNode }) {
  return <p className={css.empty}>{children}</p>;
}

/** A page that has nothing else to show: a sign, what it is, why, and the way on. */
export function Notice({
  sign: Sign,
  title,
  children,
  action,
  testid,
}: {
  sign: LucideIcon;
  title: string;
  children?: ReactNode;
  action?: ReactNode;
  testid?: string;
}) {
  return (
    <section className={css.notice} data-testid={testid}>
      <Sign size={28} strokeWidth={1.6} aria-hidden />
      <h1>{title}</h1>
      {children && <p>{children}</p>}
      {action}
    </section>
  );
}

/** Why something failed, in the reader's language: the server's own words, or what its code means. */
export function useFault() {
  const { lang, word } = useWords();
  return (e: Error): string => {
    if (!(e instanceof ApiError)) return e.message;
    const said = e.in(lang);
    return said === e.message && lang !== 'en' ? word('refusal', e.code) : said;
  };
}

interface Asked {
  isPending: boolean;
  isError: boolean;
  isFetching: boolean;
  error: Error | null;
  refetch: () => unknown;
}

/** What a list says beside its lines: that it is coming, that it failed, or (the children) that there are none. */
export function Listed({ list, none, children }: { list: Asked; none: boolean; children: ReactNode }) {
  const { t } = useWords();
  const fault = useFault();
  if (list.isPending) return <Empty>{t('app.loading')}</Empty>;
  if (list.isError && list.error)
    return (
      <div className={css.fault} role="alert">
        <TriangleAlert size={16} aria-hidden />
        <span>{t('app.notLoaded', { why: fault(list.error) })}</span>
        <Button
          size="compact-sm"
          variant="default"
          loading={list.isFetching}
          onClick={() => void list.refetch()}
        >
          {t('app.retry')}
        </Button>
      </div>
    );
  return none ? <Empty>{children}</Empty> : null;
}

/** The wave of the house: a line that becomes a voice. */
export function Mark({ size = 22 }: { size?: number }) {
  return (
    <svg width={size} height={size} viewBox="0 0 32 32" aria-hidden="true">
      <rect width="32" height="32" rx="8" fill="var(--accent)" />
      <path
        d="M6 17h4l2.5-8 4 15 3.5-11 1.8 4H26"
        fill="none"
        stroke="var(--panel)"
        strokeWidth="2.6"
        strokeLinecap="round"
        strokeLinejoin="round"
      />
    </svg>
  );
}
