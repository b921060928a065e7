import { Tooltip } from '@mantine/core';
import { Fragment } from 'react';
import { useWords } from '../i18n';
import { serverNow, useSecond } from '../lib/clock';
import { clock, duration, moment, timeOfDay } from '../lib/format';
import { useNames } from '../lib/session';
import type { CallDetail } from '../wire';
import { type Bar, legsOf, ticks } from './bars';
import css from './Timeline.module.css';

/** The call as a picture: a bar per leg, events as marks, one axis of time. */
export function Timeline({ call }: { call: CallDetail }) {
  const { t, lang, word } = useWords();
  const names = useNames();
  useSecond();
  const from = moment(call.arrived) ?? 0;
  const to = moment(call.ended) ?? serverNow();
  const span = Math.max(1000, to - from);
  const x = (at: number) => `${(100 * Math.min(span, Math.max(0, at - from))) / span}%`;
  const wordOf = (b: Bar) =>
    ({
      menu: t('call.menu'),
      wait: t('call.wait', { queue: names.queue(b.about) }),
      talk: b.about ? names.agent(b.about) : t('call.talk'),
      hold: t('call.hold'),
      message: t('call.leave'),
      offer: word('mark', 'offer.made'),
    })[b.kind];
  const resultOf = (b: Bar) =>
    b.kind === 'offer'
      ? word('offerResult', b.result)
      : b.kind === 'wait'
        ? word('outcome', b.result)
        : b.kind === 'talk'
          ? word('talkEnd', b.result)
          : '';
  const marks = call.marks.filter((m) => m.kind === 'flow.stepped' && m.text);
  return (
    <div className={css.timeline} data-testid="timeline">
      {legsOf(call).map((leg) => (
        <Fragment key={leg.agent ?? ''}>
          <div className={css.label}>{leg.agent ? names.agent(leg.agent) : t('call.legCaller')}</div>
          <div className={css.row}>
            {leg.bars.map((b) => {
              const end = b.to ?? to;
              const length = (end - b.from) / 1000;
              return (
                <Tooltip
                  key={`${b.kind}${b.from}`}
                  label={`${wordOf(b)} · ${duration(length)} · ${timeOfDay(b.from, lang)} – ${timeOfDay(end, lang)}${resultOf(b) ? ` · ${resultOf(b)}` : ''}`}
                >
                  <div
                    className={css.bar}
                    data-kind={b.kind}
                    data-missed={b.result === 'missed' || b.result === 'rejected' || undefined}
                    style={{ left: x(b.from), width: `max(3px, calc(${x(end)} - ${x(b.from)} - 1px))` }}
                  >
                    <span>
                      {wordOf(b)} <small>{clock(length)}</small>
                    </span>
                  </div>
                </Tooltip>
              );
            })}
            {!leg.agent &&
              marks.map((m) => (
                <Tooltip key={`${m.at}${m.text}`} label={`${m.text} · ${timeOfDay(moment(m.at) ?? 0, lang)}`}>
                  <i className={css.mark} style={{ left: x(moment(m.at) ?? 0) }} />
                </Tooltip>
              ))}
          </div>
        </Fragment>
      ))}
      <div />
      <div className={css.axis}>
        {ticks(span / 1000).map((s) => (
          <span key={s} style={{ left: x(from + s * 1000) }}>
            {duration(s)}
          </span>
        ))}
      </div>
    </div>
  );
}
