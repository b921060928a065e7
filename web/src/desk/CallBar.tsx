import { Button, Tooltip } from '@mantine/core';
import { Circle, Hand, Mic, MicOff, Pause, PenLine, PhoneIncoming, PhoneOff, Play } from 'lucide-react';
import type { ReactNode } from 'react';
import { useLocation } from 'wouter';
import { useWords } from '../i18n';
import { clock, duration } from '../lib/format';
import { usePhone } from '../lib/phone';
import { useNames, useSession } from '../lib/session';
import { Ago, Since, StateSign, useParty, useSince, useUntil } from '../lib/ui';
import type { AgentView, CallView, Me, OfferView, WrapUpView } from '../wire';
import { askForNotifications, useAttention } from './attention';
import css from './CallBar.module.css';
import { KeypadButton } from './Keypad';
import { useEnterTaken, useKeys } from './keys';
import { Path } from './Path';
import { Ring } from './Ring';
import { TransferButton } from './Transfer';
import { useWhy } from './why';

/** The call bar: always there and always as high, except that an offer lies over what is below it. */
export function CallBar() {
  const { me, trouble } = useSession();
  const { t } = useWords();
  useAttention();
  let body: ReactNode;
  let mode = 'idle';
  if (me?.offer) {
    mode = 'offer';
    body = <Offer offer={me.offer} />;
  } else if (me?.wrap_up) {
    mode = 'wrap-up';
    body = <WrapUp wrapUp={me.wrap_up} me={me} />;
  } else if (me?.call && !me.call.ended) {
    mode = 'call';
    body = <Call call={me.call} held={me.state === 'held'} />;
  } else {
    body = <Idle me={me} />;
  }
  return (
    <section className={css.bar} data-mode={mode} data-testid="call-bar" aria-label={t('bar.title')}>
      <Spoken me={me} />
      {body}
      {trouble && (
        <p className={css.trouble} role="alert" data-testid="trouble">
          {t('bar.failed', { why: trouble })}
        </p>
      )}
    </section>
  );
}

/** What changes by itself, for those who do not see it: an offer with its key, who is on the line, what comes then. */
function Spoken({ me }: { me: Me | null }) {
  const names = useNames();
  const party = useParty();
  const { t } = useWords();
  const who = (c: OfferView | CallView) =>
    [party(c.caller), c.caller.name, names.queue(c.queue)].filter(Boolean).join(', ');
  let said = '';
  if (me?.offer)
    said = [t(kindOf(me.offer)), who(me.offer), me.offer.auto ? '' : t('bar.spokenKeys')].join('. ');
  else if (me?.wrap_up) said = `${t('bar.wrapUp')}. ${t('bar.wrapHint')}`;
  else if (me?.call && !me.call.ended)
    said = `${t(me.state === 'held' ? 'bar.hears' : 'state.talking')}. ${who(me.call)}`;
  else if (me) said = t(me.state === 'ready' ? 'bar.idle' : 'bar.notReady');
  return (
    <p className="visually-hidden" aria-live="assertive" data-testid="spoken">
      {said}
    </p>
  );
}

function Idle({ me }: { me: Me | null }) {
  const { do: perform } = useSession();
  const phone = usePhone();
  const names = useNames();
  const { t } = useWords();
  const on = phone?.usable ?? false;
  const desk = me?.phone?.in_use ?? false;
  const ready = me?.state === 'ready';
  // What says no more than "not ready" need not be said twice.
  const reason = me?.state === 'not-ready' && me.reason ? names.reason(me.reason) : '';
  const why = reason === t('presence.notReady') ? '' : reason;
  const idle = ready ? t('bar.idle') : t('bar.notReady');
  return (
    <div className={css.line}>
      <div className={css.who}>
        <span className={css.calm}>
          {me?.other_tab && !desk ? t('phone.elsewhere') : !on && phone ? t('phone.off') : idle}
          {why && <span className={css.soft}> {why}</span>}
        </span>
      </div>
      {!ready && on && (
        <Tooltip label="Alt + R">
          <Button
            size="md"
            leftSection={<Circle size={13} fill="currentColor" />}
            onClick={() => {
              askForNotifications();
              void perform({ do: 'ready' }).catch(() => {});
            }}
            aria-keyshortcuts="Alt+R"
            data-testid="ready"
          >
            {t('bar.goReady')}
          </Button>
        </Tooltip>
      )}
    </div>
  );
}

function kindOf(offer: OfferView) {
  if (offer.asked) return offer.answered ? ('bar.offerBackHere' as const) : ('bar.offerBack' as const);
  return offer.auto ? ('bar.offerAuto' as const) : ('bar.offer' as const);
}

function Offer({ offer }: { offer: OfferView }) {
  const { do: perform } = useSession();
  const names = useNames();
  const party = useParty();
  const { t } = useWords();
  const [, go] = useLocation();
  const why = useWhy();
  const left = useUntil(offer.until);
  const waited = useSince(offer.asked ?? offer.entered);
  const accept = () => {
    go('/desk');
    void perform({ do: 'accept', offer: offer.offer }).catch(() => {});
  };
  const enterIsTaken = useEnterTaken();
  useKeys({ accept: offer.auto ? undefined : accept });
  return (
    <section className={css.offer} data-testid="offer" aria-label={t('bar.offer')}>
      <div className={css.offerSign} aria-hidden>
        <PhoneIncoming size={30} />
      </div>
      <div className={css.offerWho}>
        <p className={css.kind} data-testid="offer-kind">
          {t(kindOf(offer))}
        </p>
        <p className={css.big}>
          <strong data-testid="offer-number">{party(offer.caller)}</strong>
          {offer.caller.name && <span>{offer.caller.name}</span>}
          {offer.caller.region && <span className={css.soft}>{offer.caller.region}</span>}
          {offer.via === 'browser' && <span className={css.soft}>{t('bar.browser')}</span>}
        </p>
        <div className={css.path}>
          <b data-testid="offer-queue">{names.queue(offer.queue)}</b>
          <span className={css.dot} />
          <Path path={offer.path} />
        </div>
        <p className={css.why} data-testid="offer-why">
          {t('bar.why', { why: why(offer) })}
        </p>
      </div>
      <div className={css.offerWaited}>
        <span className={css.figure} data-testid="offer-waited">
          {clock(waited)}
        </span>
        <span className={css.soft}>{offer.asked ? t('bar.askedAgo') : t('caller.waited')}</span>
      </div>
      <div className={css.offerDo}>
        {!offer.auto && (
          <Button
            size="lg"
            className={css.accept}
            leftSection={<PhoneIncoming size={20} />}
            rightSection={<kbd className={css.kbd}>{enterIsTaken ? 'Ctrl + Enter' : 'Enter'}</kbd>}
            onClick={accept}
            aria-keyshortcuts="Enter Control+Enter"
            data-testid="accept"
          >
            {t('bar.accept')}
          </Button>
        )}
        <Button
          variant="subtle"
          color="gray"
          onClick={() => void perform({ do: 'reject', offer: offer.offer }).catch(() => {})}
          data-testid="reject"
        >
          {t('bar.reject')}
        </Button>
        <span className={css.soft}>{t('bar.left', { time: duration(Math.ceil(left)) })}</span>
      </div>
      <Fuse key={offer.offer} seconds={left} />
    </section>
  );
}

/** A line that burns down while the offer stands. */
function Fuse({ seconds }: { seconds: number }) {
  return (
    <span className={css.fuse} style={{ animationDuration: `${Math.max(0.1, seconds)}s` }} aria-hidden />
  );
}

function Call({ call, held }: { call: CallView; held: boolean }) {
  const { me, do: perform } = useSession();
  const phone = usePhone();
  const names = useNames();
  const party = useParty();
  const { t } = useWords();
  const page = !me?.phone?.in_use; // a desk phone has keys of its own
  const run = (command: string) => () => void perform({ do: command, call: call.call }).catch(() => {});
  const muted = phone?.muted ?? false;
  const toggleHold = run(held ? 'retrieve' : 'hold');
  const toggleMute = () => phone?.mute(!muted);
  const end = run('end');
  useKeys({ hold: toggleHold, mute: toggleMute, end });
  return (
    <div className={css.line} data-testid="call">
      <div className={css.who}>
        <span className={css.callSign}>
          <StateSign state={held ? 'held' : 'talking'} size={22} />
        </span>
        <div className={css.names}>
          <p className={css.number}>
            <strong data-testid="call-number">{party(call.caller)}</strong>
            {call.caller.name && <span>{call.caller.name}</span>}
          </p>
          <p className={css.soft}>
            {names.queue(call.queue)}
            {call.from && <> · {t('bar.from', { name: names.agent(call.from) })}</>}
            {call.via === 'browser' && <> · {t('bar.browser')}</>}
            {call.asked && (
              <>
                {' '}
                · {t('bar.callBack')} · {t('callback.asked')} <Ago at={call.asked} />
              </>
            )}
          </p>
        </div>
        <div className={css.times}>
          {held ? (
            <>
              <span className={css.figure} data-testid="held-since">
                <Since at={call.held_since} format={clock} />
              </span>
              <span className={css.heldWord}>{t('bar.hears')}</span>
            </>
          ) : (
            <>
              <span className={css.figure} data-testid="talked">
                {call.connected ? (
                  <Since at={call.connected} format={clock} />
                ) : (
                  t(call.dialling ? 'bar.dialling' : 'bar.connecting')
                )}
              </span>
              <span className={css.soft}>
                {muted ? (
                  <b className={css.mutedWord}>{t('bar.muted')}</b>
                ) : (
                  t(call.dialling ? 'bar.diallingWord' : 'state.talking')
                )}
              </span>
            </>
          )}
        </div>
        <span className={css.rec} data-on={call.recording}>
          {call.recording ? t('bar.recording') : t('bar.notRecording')}
        </span>
      </div>
      <div className={css.tools}>
        <Tool
          sign={held ? <Play size={18} /> : <Pause size={18} />}
          word={held ? t('bar.retrieve') : t('bar.hold')}
          keys="Alt + H"
          on={held}
          onClick={toggleHold}
          testid={held ? 'retrieve' : 'hold'}
        />
        {page && (
          <>
            <Tool
              sign={muted ? <MicOff size={18} /> : <Mic size={18} />}
              word={muted ? t('bar.unmute') : t('bar.mute')}
              keys="Alt + M"
              on={muted}
              onClick={toggleMute}
              testid="mute"
            />
            <KeypadButton />
          </>
        )}
        <TransferButton call={call} />
        <Tooltip label="Alt + E">
          <Button
            color="var(--bad)"
            variant="outline"
            size="md"
            className={css.end}
            leftSection={<PhoneOff size={18} />}
            onClick={end}
            aria-keyshortcuts="Alt+E"
            data-testid="end"
          >
            {t('bar.end')}
          </Button>
        </Tooltip>
      </div>
    </div>
  );
}

/**
 * A button of the call bar. One that is on has another word then ("Retrieve"), so it is not said to be pressed, too; one
 * that opens something says whether it is open.
 */
export function Tool({
  sign,
  word,
  keys,
  on,
  open,
  onClick,
  testid,
}: {
  sign: ReactNode;
  word: string;
  keys: string;
  on?: boolean;
  open?: boolean;
  onClick: () => void;
  testid: string;
}) {
  return (
    <Tooltip label={keys} disabled={on || open}>
      <button
        type="button"
        className={css.tool}
        data-on={on || open || undefined}
        aria-expanded={open}
        aria-haspopup={open === undefined ? undefined : 'dialog'}
        aria-keyshortcuts={keys.replaceAll(' ', '')}
        onClick={onClick}
        data-testid={testid}
      >
        {sign}
        {word}
      </button>
    </Tooltip>
  );
}

function WrapUp({ wrapUp, me }: { wrapUp: WrapUpView; me: AgentView }) {
  const { do: perform } = useSession();
  const names = useNames();
  const party = useParty();
  const { t } = useWords();
  const left = useUntil(wrapUp.until);
  const whole = (Date.parse(wrapUp.until) - Date.parse(wrapUp.since)) / 1000;
  const done = () => void perform({ do: 'wrap-up-done' }).catch(() => {});
  useKeys({ done });
  return (
    <div className={css.line} data-testid="wrap-up">
      <div className={css.who}>
        <Ring left={left} whole={whole} />
        <div className={css.names}>
          <p className={css.number}>
            <PenLine size={16} aria-hidden />
            <strong>{t('bar.wrapUp')}</strong>
            <span className={css.soft}>{party(me.call?.caller)}</span>
          </p>
          <p className={css.soft}>
            {me.pending ? t('bar.wrapThen', { reason: names.reason(me.pending) }) : t('bar.wrapHint')}
          </p>
        </div>
      </div>
      <div className={css.tools}>
        <Tooltip label={t('bar.moreLeft', { n: wrapUp.extensions })}>
          <Button
            variant="default"
            size="md"
            leftSection={<Hand size={17} />}
            disabled={wrapUp.extensions <= 0}
            onClick={() => void perform({ do: 'wrap-up-more' }).catch(() => {})}
            data-testid="wrap-up-more"
          >
            {t('bar.more')}
          </Button>
        </Tooltip>
        <Tooltip label="Alt + D">
          <Button size="md" onClick={done} aria-keyshortcuts="Alt+D" data-testid="wrap-up-done">
            {t('bar.done')}
          </Button>
        </Tooltip>
      </div>
    </div>
  );
}
