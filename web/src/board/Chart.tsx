import 'uplot/dist/uPlot.min.css';
import { useMantineColorScheme } from '@mantine/core';
import { useEffect, useRef } from 'react';
import uPlot from 'uplot';
import { resolved } from '../calls/Player';
import { useWords } from '../i18n';
import { percent } from '../lib/format';
import type { Minute } from '../wire';
import css from './Board.module.css';

/**
 * The last hour in two strips over one axis of time: what became of calls as bars, answered with abandoned on top, and
 * arrivals as a step over them; below, the service level as a line with those waiting as a step.
 */
export function Chart({ minutes, target }: { minutes: Minute[]; target: number | undefined }) {
  const { t, lang } = useWords();
  const { colorScheme } = useMantineColorScheme();
  const host = useRef<HTMLDivElement>(null);
  const plots = useRef<uPlot[]>([]);
  const latest = useRef<Minute[]>(minutes);
  latest.current = minutes;
  const words = [
    t('board.arrivals'),
    t('board.answered'),
    t('board.abandoned'),
    t('board.waiting'),
    t('board.level'),
  ];
  const said = words.join('|');

  // colorScheme and the words are not read here but change what is drawn.
  // biome-ignore lint/correctness/useExhaustiveDependencies: see above
  useEffect(() => {
    const box = host.current;
    if (!box) return;
    const c = (name: string) => resolved(box, `var(${name})`);
    const ink = c('--ink-3');
    const line = c('--line');
    const accent = c('--accent');
    const axis = (more: Partial<uPlot.Axis>): uPlot.Axis => ({
      stroke: ink,
      font: `12px ${getComputedStyle(document.body).fontFamily}`,
      grid: { stroke: line, width: 1 },
      ticks: { show: false },
      ...more,
    });
    const time = axis({
      size: 24,
      grid: { show: false },
      space: 70,
      values: (_, at) =>
        at.map((s) =>
          new Intl.DateTimeFormat(lang, { hour: '2-digit', minute: '2-digit', hourCycle: 'h23' }).format(
            s * 1000,
          ),
        ),
    });
    const bars = (share: number) => uPlot.paths.bars?.({ size: [share, 24], align: 1 });
    const cursor: uPlot.Cursor = {
      sync: { key: 'board' },
      drag: { x: false, y: false },
      points: { show: false },
    };
    const both = { width: 300, height: 150, cursor, legend: { show: false } };
    const now = latest.current;
    const upper = new uPlot(
      {
        ...both,
        scales: { y: { range: (_, __, max) => [0, Math.max(4, Math.ceil((max ?? 0) * 1.15))] } },
        padding: [8, 30, 0, 0],
        axes: [time, axis({ size: 38, space: 30, incrs: whole })],
        series: [
          {},
          // Answered lies over the sum, so that abandoned stands on top of it.
          { label: words[2], fill: c('--bad'), width: 0, paths: bars(0.8), points: { show: false } },
          { label: words[1], fill: accent, width: 0, paths: bars(0.8), points: { show: false } },
          {
            label: words[0],
            stroke: c('--ink-2'),
            width: 1.5,
            paths: uPlot.paths.stepped?.({ align: 1 }),
            points: { show: false },
          },
        ],
      },
      upperData(now),
      box.querySelector<HTMLElement>('[data-plot=upper]') ?? box,
    );
    const lower = new uPlot(
      {
        ...both,
        height: 140,
        scales: {
          level: { range: (_, min) => [(min ?? 1) < 0.5 ? 0 : 0.5, 1] },
          waiting: { range: (_, __, max) => [0, Math.max(4, Math.ceil((max ?? 0) * 1.5))] },
        },
        axes: [
          time,
          axis({
            scale: 'level',
            size: 38,
            space: 30,
            values: (_, v) => v.map((x) => `${Math.round(x * 100)}%`),
          }),
          axis({ scale: 'waiting', side: 1, size: 30, space: 30, incrs: whole, grid: { show: false } }),
        ],
        series: [
          {},
          {
            label: words[3],
            scale: 'waiting',
            stroke: c('--ink-3'),
            fill: c('--line'),
            width: 1,
            paths: uPlot.paths.stepped?.({ align: 1 }),
            points: { show: false },
          },
          {
            label: words[4],
            scale: 'level',
            stroke: accent,
            width: 2,
            spanGaps: true,
            points: { show: false },
          },
        ],
        hooks: { draw: [(u) => target !== undefined && drawTarget(u, target, c('--bad'))] },
      },
      lowerData(now),
      box.querySelector<HTMLElement>('[data-plot=lower]') ?? box,
    );
    plots.current = [upper, lower];
    const resize = () => {
      const hosts = box.querySelectorAll<HTMLElement>('[data-plot]');
      plots.current.forEach((p, i) => {
        const h = hosts[i];
        if (h && h.clientWidth > 0) p.setSize({ width: h.clientWidth, height: Math.max(90, h.clientHeight) });
      });
    };
    resize();
    const watch = new ResizeObserver(resize);
    watch.observe(box);
    return () => {
      watch.disconnect();
      for (const p of plots.current) p.destroy();
      plots.current = [];
    };
  }, [colorScheme, said, lang, target]);

  useEffect(() => {
    const [upper, lower] = plots.current;
    upper?.setData(upperData(minutes));
    lower?.setData(lowerData(minutes));
  }, [minutes]);

  const last = minutes.at(-1);
  return (
    <div className={css.chart} ref={host}>
      <p className={css.legend}>
        <span data-series="arrivals">{words[0]}</span>
        <span data-series="answered">{words[1]}</span>
        <span data-series="abandoned">{words[2]}</span>
        <em>{t('board.perMinute')}</em>
      </p>
      <div data-plot="upper" className={css.plot} />
      <p className={css.legend}>
        <span data-series="level">
          {words[4]} {last ? percent(last.service_level, lang) : ''}
        </span>
        {target !== undefined && (
          <span data-series="target">{t('board.target', { target: percent(target, lang) })}</span>
        )}
        <span data-series="waiting">{words[3]}</span>
      </p>
      <div data-plot="lower" className={css.plot} />
    </div>
  );
}

/** Calls come in whole ones. */
const whole = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000];

function drawTarget(u: uPlot, target: number, colour: string): void {
  const y = Math.round(u.valToPos(target, 'level', true)) + 0.5;
  u.ctx.save();
  u.ctx.strokeStyle = colour;
  u.ctx.setLineDash([6, 5]);
  u.ctx.lineWidth = 1;
  u.ctx.beginPath();
  u.ctx.moveTo(u.bbox.left, y);
  u.ctx.lineTo(u.bbox.left + u.bbox.width, y);
  u.ctx.stroke();
  u.ctx.restore();
}

const seconds = (m: Minute[]) => m.map((x) => Date.parse(x.at) / 1000);

function upperData(m: Minute[]): uPlot.AlignedData {
  return [
    seconds(m),
    m.map((x) => x.answered + x.abandoned),
    m.map((x) => x.answered),
    m.map((x) => x.arrivals),
  ];
}

function lowerData(m: Minute[]): uPlot.AlignedData {
  return [seconds(m), m.map((x) => x.waiting), m.map((x) => x.service_level)];
}
