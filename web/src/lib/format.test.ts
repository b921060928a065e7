import { describe, expect, test } from 'vitest';
import { clock, duration, moment, percent, phoneNumber, relative, startOfDay, titled } from './format';

describe('durations', () => {
  test('are minutes and seconds, with hours only when there are any', () => {
    expect([0, 7, 161, 3599, 3600, 3725].map(duration)).toEqual([
      '0:00',
      '0:07',
      '2:41',
      '59:59',
      '1:00:00',
      '1:02:05',
    ]);
  });
  test('never run backwards below nought when two clocks differ', () => {
    expect(duration(-3)).toBe('0:00');
  });
  test('line up as clocks', () => {
    expect([5, 161, 3725].map(clock)).toEqual(['00:05', '02:41', '1:02:05']);
  });
});

test('a rate is cut, not rounded up to its target', () => {
  expect(percent(0.8499, 'en')).toBe('84.9%');
  expect(percent(0.85, 'en')).toBe('85.0%');
  expect(percent(1, 'en')).toBe('100.0%');
  expect(percent(null, 'en')).toBe('–');
});

test('numbers read as people say them', () => {
  expect(phoneNumber('+8613800138000')).toBe('138-0013-8000');
  expect(phoneNumber('+861065551234')).toBe('010-6555-1234');
  expect(phoneNumber('+8675586551234')).toBe('0755-8655-1234');
  expect(phoneNumber('+447700900123')).toBe('+447700900123');
  expect(phoneNumber(undefined)).toBe('');
});

test("Go's zero time is no time", () => {
  expect(moment('0001-01-01T00:00:00Z')).toBeUndefined();
  expect(moment(undefined)).toBeUndefined();
  expect(moment('2026-11-21T10:00:00Z')).toBe(Date.UTC(2026, 10, 21, 10));
});

test('time is told from now, in the language of the reader', () => {
  const now = Date.UTC(2026, 10, 21, 10);
  expect(relative(now - 2000, now, 'en')).toBe('2 sec. ago');
  expect(relative(now - 200_000, now, 'en')).toBe('3 min. ago');
  expect(relative(now - 200_000, now, 'zh')).toBe('3分钟前');
});

test("a title falls back to the centre's first language, then to the id", () => {
  expect(titled({ zh: '投诉', en: 'Complaints' }, 'en', 'complaint')).toBe('Complaints');
  expect(titled({ zh: '投诉' }, 'en', 'complaint')).toBe('投诉');
  expect(titled(undefined, 'en', 'complaint')).toBe('complaint');
});

test("the day begins at the centre's midnight, not at the reader's", () => {
  const now = Date.UTC(2026, 10, 21, 17, 30, 5, 250); // 01:30 of the 22nd in Shanghai
  expect(startOfDay(now, 'Asia/Shanghai')).toBe(Date.UTC(2026, 10, 21, 16));
  expect(startOfDay(now, 'UTC')).toBe(Date.UTC(2026, 10, 21));
});
