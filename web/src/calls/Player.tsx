import { Tooltip } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { Download, Pause, Play, RotateCcw } from 'lucide-react';
import { useEffect, useRef, useState } from 'react';
import WaveSurfer from 'wavesurfer.js';
import { useWords } from '../i18n';
import { ApiError, api } from '../lib/api';
import { clock } from '../lib/format';
import { useNames } from '../lib/session';
import { Ago, useFault } from '../lib/ui';
import type { Recording } from '../wire';
import css from './Player.module.css';

type Playable = Pick<Recording, 'recording' | 'state' | 'duration' | 'why'> & Partial<Recording>;

/** Only one recording speaks at a time. */
let speaking: WaveSurfer | null = null;

/** A recording with its wave: the caller above, what the caller heard below. Small: one row of a list. */
export function Player({ recording, small }: { recording: Playable; small?: boolean }) {
  const { t, word } = useWords();
  const names = useNames();
  if (recording.state === 'lost')
    return <p className={css.not}>{t('call.lost', { why: recording.why || word('stored', 'lost') })}</p>;
  if (recording.state !== 'ready') return <p className={css.not}>{word('stored', recording.state)}</p>;
  return (
    <div className={small ? css.small : css.player} data-testid={`recording-${recording.recording}`}>
      {!small && (
        <p className={css.head}>
          {recording.began && <Ago at={recording.began} />}
          {recording.agents && recording.agents.length > 0 && (
            <span>{recording.agents.map(names.agent).join(' → ')}</span>
          )}
        </p>
      )}
      <Wave recording={recording} small={small} />
    </div>
  );
}

function Wave({ recording, small }: { recording: Playable; small?: boolean }) {
  const { t } = useWords();
  const fault = useFault();
  const host = useRef<HTMLDivElement>(null);
  const [wave, setWave] = useState<WaveSurfer | null>(null);
  const [playing, setPlaying] = useState(false);
  const [at, setAt] = useState(0);
  const [speed, setSpeed] = useState(1);
  const [wrong, setWrong] = useState('');
  const id = recording.recording;
  const peaks = useQuery({
    queryKey: ['peaks', id],
    queryFn: () => api.peaks(id),
    staleTime: Number.POSITIVE_INFINITY,
    retry: (n, e) => n < 3 && e instanceof ApiError && e.passing,
    retryDelay: 3000,
  });
  const stereo = (peaks.data?.channels.length ?? 1) > 1 && !small;

  useEffect(() => {
    const container = host.current;
    const known = peaks.data;
    if (!container || !known) return;
    const colour = (name: string) => resolved(container, `var(${name})`);
    const look = { waveColor: colour('--line-strong'), progressColor: colour('--accent') };
    const ws = WaveSurfer.create({
      container,
      height: small ? 30 : stereo ? 44 : 60,
      ...look,
      cursorColor: colour('--ink-2'),
      cursorWidth: 1,
      barWidth: 2,
      barGap: 1,
      barRadius: 1,
      normalize: false,
      splitChannels: stereo ? known.channels.map(() => look) : undefined,
      peaks: stereo ? known.channels : known.channels.slice(0, 1),
      duration: known.duration,
      url: api.audio(id),
      dragToSeek: true,
    });
    ws.on('play', () => {
      if (speaking && speaking !== ws) speaking.pause();
      speaking = ws;
      setPlaying(true);
    });
    ws.on('pause', () => setPlaying(false));
    ws.on('finish', () => setPlaying(false));
    ws.on('timeupdate', setAt);
    ws.on('error', (e) => setWrong(e.message));
    setWave(ws);
    return () => {
      if (speaking === ws) speaking = null;
      ws.destroy();
      setWave(null);
    };
  }, [peaks.data, id, small, stereo]);

  const failure = wrong || (peaks.isError ? fault(peaks.error) : '');
  if (failure) return <p className={css.not}>{t('player.failed', { why: failure })}</p>;
  return (
    <>
      <div className={css.wave} data-stereo={stereo}>
        {stereo && (
          <div className={css.sides} aria-hidden>
            <span>{t('player.caller')}</span>
            <span>{t('player.agent')}</span>
          </div>
        )}
        <div ref={host} className={css.host} style={{ minHeight: small ? 30 : stereo ? 88 : 60 }} />
      </div>
      <div className={css.controls}>
        <button
          type="button"
          className={css.play}
          onClick={() => void wave?.playPause()}
          disabled={!wave}
          aria-label={playing ? t('player.pause') : t('player.play')}
          data-testid="play"
        >
          {playing ? <Pause size={16} /> : <Play size={16} />}
        </button>
        <span className={css.time} data-testid="play-position">
          {clock(at)} / {clock(peaks.data?.duration ?? recording.duration)}
        </span>
        {!small && (
          <>
            <Tooltip label={t('player.back')}>
              <button
                type="button"
                className={css.quiet}
                aria-label={t('player.back')}
                onClick={() => wave?.setTime(Math.max(0, at - 5))}
              >
                <RotateCcw size={15} />
              </button>
            </Tooltip>
            <button
              type="button"
              className={css.quiet}
              aria-label={`${t('player.speed')}: ${speed} ×`}
              onClick={() => {
                const next = speed === 1 ? 1.5 : speed === 1.5 ? 2 : 1;
                wave?.setPlaybackRate(next, true);
                setSpeed(next);
              }}
            >
              {speed} ×
            </button>
            <a className={css.quiet} href={api.audio(id)} download aria-label={t('player.download')}>
              <Download size={15} />
            </a>
          </>
        )}
      </div>
    </>
  );
}

/** A colour as a canvas understands it: variables and light-dark() resolved where it will be used. */
export function resolved(near: Element, value: string): string {
  const probe = document.createElement('span');
  probe.style.color = value;
  probe.hidden = true;
  near.append(probe);
  const colour = getComputedStyle(probe).color;
  probe.remove();
  return colour;
}
