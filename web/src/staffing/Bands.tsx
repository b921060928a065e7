import 'uplot/dist/uPlot.min.css';
import { useMantineColorScheme } from '@mantine/core';
import { useEffect, useRef } from 'react';
import uPlot from 'uplot';
import { resolved } from '../calls/Player';
import { useWords } from '../i18n';
import css from './Staffing.module.css';
import { edges, type Line } from './trial';

/** Lines through the day, each within the band in which the true mean is likely to be; a dashed line for a target. */
export function Bands({
  title,
  begins,
  lines,
  format,
  rate,
  target,
  stepped,
  testid,
}: {
  title: string;
  begins: string[];
  lines: Line[];
  format: (x: number) => string;
  rate?: boolean;
  target?: number;
  stepped?: boolean;
  testid: string;
}) {
  const { colorScheme } = useMantineColorScheme();
  const { t } = useWords();
  const blank = lines.every((l) => l.mean.every((m) => m === null));
  const host = useRef<HTMLDivElement>(null);
  const shown = JSON.stringify([begins, lines, target]);

  // What is drawn is compared by its words; the colours follow the scheme.
  // biome-ignore lint/correctness/useExhaustiveDependencies: see above
  useEffect(() => {
    const box = host.current;
    if (!box) return;
    const c = (name: string) => resolved(box, `var(${name})`);
    const axis = (more: Partial<uPlot.Axis>): uPlot.Axis => ({
      stroke: c('--ink-3'),
      font: `12px ${getComputedStyle(document.body).fontFamily}`,
      grid: { stroke: c('--line'), width: 1 },
      ticks: { show: false },
      ...more,
    });
    const steps = stepped ? uPlot.paths.stepped?.({ align: 1 }) : undefined;
    const last = begins.length - 1;
    const plot = new uPlot(
      {
        width: 300,
        height: 150,
        legend: { show: false },
        cursor: { drag: { x: false, y: false }, sync: { key: 'staffing' }, points: { show: false } },
        padding: [8, 8, 0, 0],
        scales: {
          x: { time: false, range: [0, Math.max(1, stepped ? last + 1 : last)] },
          y: { range: (_, min, max) => scale(min, max, rate, target) },
        },
        axes: [
          axis({
            size: 24,
            space: 56,
            grid: { show: false },
            incrs: [1, 2, 4, 8, 16, 32, 48, 96],
            values: (_, at) => at.map((i) => begins[i] ?? ''),
          }),
          axis({ size: 44, space: 28, values: (_, at) => at.map(format) }),
        ],
        series: [
          {},
          ...lines.flatMap((l): uPlot.Series[] => {
            const edge: uPlot.Series = { width: 0, points: { show: false }, paths: steps };
            const mean: uPlot.Series = {
              label: l.label,
              stroke: c(l.colour),
              width: 2,
              dash: l.dashed ? [5, 4] : undefined,
              points: { show: begins.length === 1, size: 6 },
              paths: steps,
            };
            return [edge, mean, edge];
          }),
        ],
        bands: lines.map((l, i) => ({ series: [3 * i + 3, 3 * i + 1], fill: `${tint(c(l.colour))}` })),
        hooks: {
          draw: [(u) => target !== undefined && drawTarget(u, target, c('--bad'))],
          setCursor: [(u) => tell(box, u, begins, lines, format)],
        },
      },
      padded(begins.length, edges(lines, rate ?? false), stepped ?? false),
      box.querySelector<HTMLElement>('[data-plot]') ?? box,
    );
    const resize = () => {
      const inner = box.querySelector<HTMLElement>('[data-plot]');
      if (inner && inner.clientWidth > 0)
        plot.setSize({ width: inner.clientWidth, height: Math.max(110, inner.clientHeight) });
    };
    resize();
    const watch = new ResizeObserver(resize);
    watch.observe(box);
    return () => {
      watch.disconnect();
      plot.destroy();
    };
  }, [colorScheme, shown, rate, stepped]);

  return (
    <figure className={css.chart} ref={host} data-testid={testid}>
      <figcaption>
        <b>{title}</b>
        {lines.map((l) => (
          <span key={l.label} data-dashed={l.dashed}>
            <i style={{ borderColor: `var(${l.colour})` }} />
            {l.label}
          </span>
        ))}
        <output className={css.point} data-point />
      </figcaption>
      <div data-plot className={css.plot} />
      {blank && (
        <p className={css.blank}>
          <span>{t('staffing.noValues')}</span>
        </p>
      )}
    </figure>
  );
}

/** A rate's axis ends at 100 % and begins where the lines are. */
function scale(
  min: number | null,
  max: number | null,
  rate: boolean | undefined,
  target: number | undefined,
): [number, number] {
  if (rate) return [Math.min(min ?? 1, target ?? 1) < 0.5 ? 0 : 0.5, 1];
  return [0, Math.max(1, (max ?? 0) * 1.1)];
}

/** Steps need one more point, so that the last interval has its width. */
function padded(n: number, data: (number | null)[][], stepped: boolean): uPlot.AlignedData {
  const x = Array.from({ length: stepped ? n + 1 : n }, (_, i) => i);
  return [x, ...data.map((d) => (stepped ? [...d, d.at(-1) ?? null] : d))] as uPlot.AlignedData;
}

function tint(colour: string): string {
  return colour.replace(/^rgba?\(([^,]+),([^,]+),([^,)]+).*$/, 'rgba($1,$2,$3,0.16)');
}

/** The values under the cursor, in the caption: nothing pops up. */
function tell(box: HTMLElement, u: uPlot, begins: string[], lines: Line[], format: (x: number) => string) {
  const out = box.querySelector('[data-point]');
  if (!out) return;
  const i = Math.min(u.cursor.idx ?? -1, begins.length - 1);
  const at = lines.map((l) => l.mean[i]).map((m) => (m === null || m === undefined ? '–' : format(m)));
  out.textContent = i < 0 ? '' : `${begins[i]}  ${at.join(' · ')}`;
}

function drawTarget(u: uPlot, target: number, colour: string): void {
  const y = Math.round(u.valToPos(target, 'y', true)) + 0.5;
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
