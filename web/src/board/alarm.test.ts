import { renderHook } from '@testing-library/react';
import { afterEach, expect, test } from 'vitest';
import { choose, setUpLanguages, useWords } from '../i18n';
import { en } from '../i18n/en';
import type { Alarm, AlarmCause, AlarmKind, SetupFault, TroubleKind } from '../wire';
import { alarmIn } from './alarm';

setUpLanguages();
afterEach(() => choose('en'));

/** In the board's words, by language. */
function says(lang: string, a: Partial<Alarm>) {
  choose(lang);
  const { result } = renderHook(() => useWords());
  return alarmIn(
    { id: 'x', at: '2026-11-27T02:00:00Z', text: 'SERVER', ...a } as Alarm,
    result.current,
    () => '休息',
  );
}

// The books have all kinds, causes and troubles that the server knows: `satisfies` in en.ts holds them to the wire's lists.
const kinds = Object.keys(en.alarm) as AlarmKind[];
const causes = Object.keys(en.alarmCause) as AlarmCause[];
const troubles = Object.keys(en.trouble) as TroubleKind[];

const whole: Partial<Alarm> = {
  about: 'c-17',
  state: 'talking',
  since: '2026-11-27T01:00:00Z',
  due: '2026-11-27T01:30:00Z',
  node: 'a',
  count: 7,
  by: -75,
  mended: true,
};

const every: Partial<Alarm>[] = [
  ...kinds.map((kind) => ({
    ...whole,
    kind,
    cause: 'reset' as AlarmCause,
    trouble: 'call-overdue' as TroubleKind,
  })),
  ...causes.map((cause) => ({ ...whole, kind: 'asterisk' as AlarmKind, cause })),
  ...causes.map((cause) => ({ ...whole, kind: 'postgres' as AlarmKind, cause })),
  ...troubles.map((trouble) => ({ ...whole, kind: 'watchdog' as AlarmKind, trouble })),
];

test.each(every)(
  'an alarm is said in both languages, not in the words of the server: $kind $cause $trouble',
  (a) => {
    for (const lang of ['en', 'zh']) {
      const { text } = says(lang, a);
      expect(text).not.toMatch(/SERVER|{{|undefined/);
      expect(/[\u4e00-\u9fff]{2}/.test(text.replace('休息', ''))).toBe(lang === 'zh');
    }
  },
);

test('what the watchdog found is told with its particulars', () => {
  const late: Partial<Alarm> = { ...whole, kind: 'watchdog', trouble: 'projector-lag' };
  expect(says('en', late).text).toBe('The archive is 1:15 behind, 7 records. It is being put right.');
  expect(says('zh', late).text).toBe('归档库落后 1:15，共 7 条记录。正在自动恢复。');
  const alone: Partial<Alarm> = {
    kind: 'watchdog',
    trouble: 'agent-without-call',
    state: 'wrap-up',
    since: whole.since,
  };
  expect(says('zh', alone).text).toMatch(/^自 [\d:]+ 起为“话后处理”，但没有对应的通话。$/);
  const full: Partial<Alarm> = {
    kind: 'watchdog',
    trouble: 'recording-lag',
    full: true,
    count: 3,
    why: 'no space left',
  };
  expect(says('zh', full)).toEqual({
    text: '录音磁盘已满：3 段录音在 Asterisk 中等待空间。',
    detail: 'no space left',
  });
});

test('what an exchange lacks is told with its modules', () => {
  const faults = Object.keys(en.setupFault) as SetupFault[];
  const a: Partial<Alarm> = { kind: 'setup', node: 'a', faults, modules: ['app_stasis', 'chan_rtp'] };
  expect(says('en', a).text).toMatch(
    /^The exchange a is not.*app_stasis, chan_rtp \(load.*; it runs.*; it has no sound/,
  );
  expect(says('zh', a).text).toMatch(/^交换机 a .*app_stasis, chan_rtp（请.*；运行了.*；缺少提示音 beep/);
});

test('what a queue lacks is told in the language of the reader', () => {
  const a: Partial<Alarm> = {
    kind: 'nobody-suits',
    count: 2,
    why: 'no agent is a member',
    why_in: { zh: '没有话务员' },
  };
  expect(says('zh', a).detail).toBe('没有话务员');
  expect(says('en', a).detail).toBe('no agent is a member');
});

test('a kind that this page does not know yet is told by the server', () => {
  const a = { kind: 'flood' as AlarmKind };
  expect(says('en', a)).toEqual({ text: 'SERVER' });
  expect(says('zh', a)).toEqual({ text: '出现异常情况。', detail: 'SERVER' });
});
