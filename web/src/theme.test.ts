import { expect, test } from 'vitest';
import css from './theme.css?raw';

/** The tokens, light and dark. */
const tokens = new Map(
  [...css.matchAll(/--([\w-]+): light-dark\((#\w{6}), (#\w{6})\)/g)].map((m) => [
    m[1],
    [m[2] ?? '', m[3] ?? ''],
  ]),
);

/** Relative luminance, WCAG 2.2. */
function luminance(hex: string): number {
  const [r = 0, g = 0, b = 0] = [1, 3, 5].map((i) => {
    const c = Number.parseInt(hex.slice(i, i + 2), 16) / 255;
    return c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

function contrast(a: string, b: string): number {
  const [dark = 0, light = 0] = [luminance(a), luminance(b)].sort((x, y) => x - y);
  return (light + 0.05) / (dark + 0.05);
}

test('every ink can be read on every ground (WCAG AA), by day and by night', () => {
  for (const ink of ['ink', 'ink-2', 'ink-3', 'accent-ink', 'warn', 'bad'])
    for (const ground of ['page', 'panel', 'raised', 'sunk', 'accent-soft', 'warn-soft', 'bad-soft'])
      for (const scheme of [0, 1])
        expect(
          contrast(tokens.get(ink)?.[scheme] ?? '', tokens.get(ground)?.[scheme] ?? ''),
          `${ink} on ${ground}, ${scheme ? 'dark' : 'light'}`,
        ).toBeGreaterThanOrEqual(4.5);
});
