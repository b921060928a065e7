import { Button, Popover, SegmentedControl, Select } from '@mantine/core';
import { HeadphoneOff, Headphones, PhoneCall, PhoneOff } from 'lucide-react';
import { useEffect, useRef, useState } from 'react';
import { useWords } from '../i18n';
import { phoneName } from '../lib/format';
import { usePhone } from '../lib/phone';
import { useSession } from '../lib/session';
import type { Devices, Phone } from '../phone/index';
import css from './Shell.module.css';

/** The phone's health in the top bar, and behind it the choice of device, microphone and speaker. */
export function Audio() {
  const { me, do: perform } = useSession();
  const phone = usePhone();
  const { t } = useWords();
  const [devices, setDevices] = useState<Devices | null>(null);
  const [open, setOpen] = useState(false);
  const engine = phone?.engine;

  useEffect(() => {
    if (!open || !engine) return;
    let gone = false;
    void engine.devices().then((d) => !gone && setDevices(d));
    const off = engine.on('devices', setDevices);
    return () => {
      gone = true;
      off();
    };
  }, [open, engine]);

  // An offer must not wait under a menu: Accept is where this one opens.
  const offered = me?.offer?.offer;
  useEffect(() => {
    if (offered) setOpen(false);
  }, [offered]);

  if (!phone) return null;
  const on = phone.state === 'connected';
  const own = me?.phone;
  const desk = own?.in_use ?? false;
  const name = own ? t('phone.desk', { name: phoneName(own) }) : '';
  const off = phone.state === 'off' || phone.state === 'refused';
  const word = desk
    ? name
    : on
      ? t(`phone.quality.${phone.quality}`)
      : off
        ? t('phone.off')
        : t('phone.connecting');
  const DeskSign = phone.usable ? PhoneCall : PhoneOff;
  const choices = (list: MediaDeviceInfo[] | undefined) => [
    { value: '', label: t('phone.standard') },
    ...(list ?? [])
      .filter((d) => d.deviceId && d.deviceId !== 'default')
      .map((d) => ({ value: d.deviceId, label: d.label || d.deviceId })),
  ];
  return (
    <Popover position="bottom-end" opened={open} onChange={setOpen}>
      <Popover.Target>
        <button
          type="button"
          className={css.quiet}
          onClick={() => setOpen((o) => !o)}
          onKeyDown={(e) => e.key === 'Escape' && setOpen(false)}
          aria-label={`${t('phone.settings')}: ${word}`}
          aria-expanded={open}
          data-testid="audio"
          data-state={desk ? 'desk' : phone.state}
          data-usable={phone.usable}
        >
          {desk ? (
            <DeskSign size={16} aria-hidden />
          ) : on ? (
            <Headphones size={16} aria-hidden />
          ) : (
            <HeadphoneOff size={16} aria-hidden />
          )}
          {on && <Bars />}
          {word}
        </button>
      </Popover.Target>
      <Popover.Dropdown>
        <div className={css.audio}>
          {own && (
            <>
              <h3>{t('phone.where')}</h3>
              <SegmentedControl
                fullWidth
                data={[
                  {
                    value: 'use-browser',
                    label: <span data-testid="device-browser">{t('phone.page')}</span>,
                  },
                  { value: 'use-phone', label: <span data-testid="device-phone">{name}</span> },
                ]}
                value={desk ? 'use-phone' : 'use-browser'}
                onChange={(d) => void perform({ do: d }).catch(() => {})}
              />
            </>
          )}
          {!desk && (
            <>
              <h3>{t('phone.settings')}</h3>
              <Select
                label={t('phone.input')}
                data={choices(devices?.inputs)}
                value={phone.chosen.input}
                allowDeselect={false}
                onChange={(v) => phone.choose('input', v ?? '')}
                comboboxProps={{ withinPortal: false }}
                disabled={!on}
              />
              <div>
                <div className={css.row}>
                  <span>{t('phone.level')}</span>
                </div>
                <Level />
              </div>
              <Select
                label={t('phone.output')}
                data={choices(devices?.outputs)}
                value={phone.chosen.output}
                allowDeselect={false}
                onChange={(v) => phone.choose('output', v ?? '')}
                comboboxProps={{ withinPortal: false }}
                disabled={!on}
              />
              <Button variant="default" disabled={!on} onClick={() => ringOnce(engine)}>
                {t('phone.ring')}
              </Button>
            </>
          )}
        </div>
      </Popover.Dropdown>
    </Popover>
  );
}

function ringOnce(engine: Phone | null | undefined): void {
  engine?.ring();
  setTimeout(() => engine?.stopRinging(), 1500);
}

/** The microphone's level as a moving bar: drawn past React, ten times a second. */
function Level() {
  const ref = useRef<HTMLDivElement>(null);
  useLevel((v) => {
    if (ref.current) ref.current.style.transform = `scaleX(${v.toFixed(2)})`;
  });
  return (
    <div className={css.level} data-testid="level">
      <div ref={ref} />
    </div>
  );
}

/** Four bars, for the corner of an eye. */
function Bars() {
  const ref = useRef<HTMLSpanElement>(null);
  useLevel((v) => {
    ref.current?.querySelectorAll('i').forEach((bar, i) => {
      bar.dataset.on = String(v > 0.02 + i * 0.18);
    });
  });
  return (
    <span className={css.meter} ref={ref} aria-hidden>
      {[5, 8, 11, 14].map((h) => (
        <i key={h} style={{ height: h }} />
      ))}
    </span>
  );
}

function useLevel(draw: (level: number) => void): void {
  const engine = usePhone()?.engine;
  const latest = useRef(draw);
  latest.current = draw;
  useEffect(() => {
    if (!engine) return;
    return engine.on('levels', (l) => latest.current(l.microphone));
  }, [engine]);
}
