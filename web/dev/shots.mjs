// Renders every screen from the mock: node dev/shots.mjs [--out DIR] [--only NAME] [--lang zh] [--width 1440] [--dark]
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { chromium } from 'playwright-core';
import { build, preview } from 'vite';

const { values: args } = parseArgs({
  options: {
    out: { type: 'string' },
    only: { type: 'string' },
    lang: { type: 'string' },
    width: { type: 'string' },
    dark: { type: 'boolean' },
    chromium: { type: 'string', default: process.env.CHROMIUM ?? '/usr/bin/chromium' },
  },
});

/** A list that cannot be had is asked for again some times, before it says so. */
const failed = (page) => page.getByRole('alert').first().waitFor({ timeout: 20_000 });

const typed = async (page) => {
  await page
    .getByTestId('ticket-happened')
    .fill('小区楼下施工队每天凌晨五点开始作业，噪音很大，老人无法休息，已向物业反映两次未果。');
  await page.getByTestId('ticket-asked').fill('要求限定施工时间，并有人到现场查看。');
};

/** name, path, scene, role, and what is done before the picture is taken. */
const screens = [
  ['login', '/login', 'x', ''],
  [
    'login-wrong',
    '/login',
    'x',
    '',
    async (page) => {
      await page.getByTestId('login-name').fill('li');
      await page.getByTestId('login-password').fill('wrong');
      await page.getByTestId('login-submit').click();
    },
  ],
  ['desk-idle-empty', '/desk', 'idle-empty', 'agent'],
  ['desk-idle', '/desk', 'idle', 'agent'],
  ['desk-not-ready', '/desk', 'not-ready', 'agent', (page) => page.getByTestId('presence').click()],
  ['desk-line', '/desk', 'line', 'agent', (page) => page.getByTestId('presence').click()],
  ['desk-other-tab', '/desk', 'other-tab', 'agent'],
  ['desk-phone-rings', '/desk', 'phone-rings', 'agent'],
  ['desk-phone-rests', '/desk', 'phone-rests', 'agent'],
  ['desk-phone-call', '/desk', 'phone-call', 'agent', (page) => page.getByTestId('audio').click()],
  ['desk-offer', '/desk', 'offer', 'agent'],
  ['desk-call', '/desk', 'call', 'agent', typed],
  ['desk-call-empty', '/desk', 'call-empty', 'agent'],
  ['desk-transfer', '/desk', 'call', 'agent', (page) => page.getByTestId('transfer').click()],
  ['desk-held', '/desk', 'held', 'agent', (page) => page.getByTestId('keypad').click()],
  [
    'desk-conflict',
    '/desk',
    'call-conflict',
    'agent',
    async (page) => {
      await typed(page);
      await page.getByTestId('ticket-conflict').waitFor();
    },
  ],
  [
    'desk-delayed',
    '/desk',
    'call-delayed',
    'agent',
    async (page) => {
      await typed(page);
      await page.locator('[data-testid=ticket-saved][data-state=delayed]').waitFor();
    },
  ],
  [
    'desk-worklists',
    '/desk',
    'call',
    'agent',
    async (page) => {
      await page.locator('[aria-expanded][aria-label]').last().click();
    },
  ],
  ['desk-wrap-up', '/desk', 'wrap', 'agent', typed],
  ['board-empty', '/board', 'board-empty', 'supervisor'],
  ['board', '/board', 'board', 'supervisor'],
  [
    'board-agent',
    '/board',
    'board',
    'supervisor',
    async (page) => {
      await page.getByTestId('board-agent-wang-open').click();
      await page.getByTestId('overrule-queue-english').check();
    },
  ],
  ['board-stale', '/board', 'board-stale', 'supervisor', (page) => page.getByTestId('board-stale').waitFor()],
  ['board-wall', '/board?wall=1', 'board', 'supervisor'],
  ['staffing-empty', '/staffing', 'x-empty', 'supervisor'],
  ['staffing', '/staffing', 'x', 'supervisor'],
  [
    'staffing-running',
    '/staffing',
    'running',
    'supervisor',
    (page) => page.getByTestId('staffing-run').click(),
  ],
  [
    'staffing-failed',
    '/staffing',
    'failed',
    'supervisor',
    (page) => page.getByTestId('staffing-run').click(),
  ],
  [
    'staffing-what-if',
    '/staffing',
    'x',
    'supervisor',
    async (page) => {
      const fewer = page.getByTestId('staffing-fewer-li +2');
      await fewer.click();
      await fewer.click();
      await page.getByTestId('staffing-run').click();
      await page.getByTestId('staffing-queues').waitFor();
    },
  ],
  [
    'staffing-plan',
    '/staffing',
    'x',
    'supervisor',
    async (page) => {
      await page.locator('label', { hasText: /How many agents|需要多少人/ }).click();
      await page.getByTestId('staffing-search').click();
      await page.getByTestId('staffing-plan').waitFor();
    },
  ],
  [
    'staffing-text',
    '/staffing',
    'x',
    'supervisor',
    async (page) => {
      await page.locator('label', { hasText: /Scenario text|方案文本/ }).click();
      const text = page.getByTestId('staffing-text');
      await text.fill((await text.inputValue()).replace('length', 'lenght'));
      await page.getByTestId('staffing-problem').waitFor();
    },
  ],
  [
    'staffing-nobody',
    '/staffing',
    'nobody-hopeless',
    'supervisor',
    async (page) => {
      await page.getByTestId('staffing-run').click();
      await page.getByTestId('staffing-queues').waitFor();
    },
  ],
  ['administration', '/administration', 'x', 'admin'],
  ['administration-empty', '/administration?person=root&day=2026-01-01', 'x-empty', 'admin'],
  [
    'administration-asked',
    '/administration',
    'x',
    'admin',
    async (page) => {
      await page.getByTestId('account-li-password').click();
      await page.getByTestId('account-li-sure').click();
      await page.getByTestId('account-wang-out').click();
      await page.getByTestId('new-password').waitFor();
    },
  ],
  ['administration-long', '/administration', 'x-long', 'admin'],
  ['callbacks', '/callbacks', 'x', 'agent'],
  ['callbacks-empty', '/callbacks', 'x-empty', 'agent'],
  ['calls', '/calls', 'x', 'supervisor'],
  ['calls-empty', '/calls', 'x-empty', 'supervisor'],
  ['calls-away', '/calls', 'x-away', 'supervisor', failed],
  ['call-refused', '/calls/c5', 'x-refused', 'agent'],
  ['call-gone', '/calls/c5', 'x-gone', 'supervisor'],
  ['tickets-empty', '/tickets', 'x-empty', 'agent'],
  ['tickets-away', '/tickets', 'x-away', 'agent', failed],
  ['messages-empty', '/messages', 'x-empty', 'agent'],
  ['messages-away', '/messages', 'x-away', 'agent', failed],
  ['desk-call-long', '/desk', 'call-long', 'agent', typed],
  ['nowhere', '/nowhere', 'x', 'agent'],
  ['call', '/calls/c5', 'x', 'supervisor'],
  ['tickets', '/tickets/20261121-0041', 'x', 'agent'],
  ['messages', '/messages', 'x', 'agent'],
  ['caller', '/call', 'x', ''],
  [
    'caller-talking',
    '/call',
    'x',
    '',
    async (page) => {
      await page.getByTestId('caller-call').click();
      await page.getByTestId('key-2').click();
    },
  ],
];

const phone = ['caller', 'caller-talking', 'login'];
const out = args.out ?? (await mkdtemp(path.join(tmpdir(), 'hotline-shots-')));
await mkdir(out, { recursive: true });
const built = await mkdtemp(path.join(tmpdir(), 'hotline-web-'));
await build({ mode: 'mock', logLevel: 'error', build: { outDir: built, emptyOutDir: true } });
const server = await preview({
  mode: 'mock',
  logLevel: 'error',
  preview: { port: 0, host: '127.0.0.1' },
  build: { outDir: built },
});
const base = `http://127.0.0.1:${server.httpServer.address().port}`;
const browser = await chromium.launch({
  executablePath: args.chromium,
  args: [
    '--no-sandbox',
    '--disable-gpu',
    '--disable-quic',
    '--no-first-run',
    '--disable-background-networking',
    '--disable-component-update',
    '--disable-sync',
    '--use-fake-ui-for-media-stream',
    '--use-fake-device-for-media-stream',
  ],
});
let failures = 0;
try {
  for (const lang of args.lang ? [args.lang] : ['en', 'zh']) {
    for (const width of args.width ? [Number(args.width)] : [1440, 1920]) {
      for (const [name, at, scene, role, act] of screens) {
        if (args.only && !args.only.split(',').includes(name)) continue;
        const sizes = [[width, width === 1440 ? 900 : 1080, String(width)]];
        if (phone.includes(name) && width === 1440) sizes.push([390, 844, '390']);
        for (const [w, height, label] of sizes) {
          const context = await browser.newContext({
            viewport: { width: w, height },
            colorScheme: args.dark ? 'dark' : 'light',
            permissions: ['microphone'],
            timezoneId: 'Asia/Shanghai',
          });
          await context.addCookies([
            { name: 'scene', value: scene, url: base },
            ...(role ? [{ name: 'role', value: role, url: base }] : []),
          ]);
          const page = await context.newPage();
          page.on('pageerror', (e) => {
            failures++;
            console.error(name, lang, e.message);
          });
          page.on('console', (m) => {
            if (m.type() === 'error' && !m.text().includes('status of 4'))
              console.error(name, lang, m.text());
          });
          await page.goto(`${base}${at}${at.includes('?') ? '&' : '?'}lang=${lang}`);
          await page.waitForTimeout(900);
          try {
            await act?.(page);
          } catch (e) {
            failures++;
            console.error(name, lang, String(e).split('\n')[0]);
          }
          await page.waitForTimeout(400);
          const wide = await page.evaluate(() => document.documentElement.scrollWidth > innerWidth);
          if (wide) console.error(`${name} ${lang} ${label}: wider than its window`);
          await page.screenshot({
            path: path.join(out, `${name}-${lang}-${label}${args.dark ? '-dark' : ''}.png`),
          });
          await context.close();
        }
      }
    }
  }
} finally {
  await browser.close();
  await server.close();
  await rm(built, { recursive: true });
}
console.log(out);
process.exit(failures ? 1 : 0);
