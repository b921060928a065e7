import { act, renderHook, waitFor } from '@testing-library/react';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { Trial } from '../wire';
import { useTrial } from './useTrial';

const order = { text: 'length: 1h' };
const state = (seq: number, phase: Trial['phase'], done = 0): Trial => ({
  id: 't1',
  seq,
  phase,
  done,
  of: 2,
});

/** The server's answers, one after the other; the last one again and again. */
function answers(list: [number, unknown][]) {
  const asked: string[] = [];
  vi.stubGlobal('fetch', (path: string, init: RequestInit) => {
    asked.push(`${init.method} ${path}`);
    const [status, body] = (list.length > 1 ? list.shift() : list[0]) ?? [500, {}];
    return Promise.resolve(new Response(JSON.stringify(body), { status }));
  });
  return asked;
}

beforeEach(() => sessionStorage.clear());
afterEach(() => vi.unstubAllGlobals());

test('a trial is followed by its numbers until it is over', async () => {
  const asked = answers([
    [202, state(1, 'waiting')],
    [200, state(2, 'running')],
    [200, state(3, 'running', 1)],
    [200, state(4, 'done', 2)],
  ]);
  const { result } = renderHook(useTrial);
  await act(() => result.current.begin(order, ['09:00']));
  await waitFor(() => expect(result.current.trial?.phase).toBe('done'));
  expect(asked).toEqual([
    'POST /api/staffing/trials',
    'GET /api/staffing/trials/t1?after=0',
    'GET /api/staffing/trials/t1?after=2',
    'GET /api/staffing/trials/t1?after=3',
  ]);
  expect(result.current.asked).toEqual({ id: 't1', text: 'length: 1h', begins: ['09:00'] });
});

test('after a reload the trial is there again, and one that was forgotten is not', async () => {
  sessionStorage.setItem('hotline.trial', JSON.stringify({ id: 't1', text: 'x', begins: [] }));
  answers([[200, state(9, 'done', 2)]]);
  const first = renderHook(useTrial);
  await waitFor(() => expect(first.result.current.trial?.seq).toBe(9));
  first.unmount();
  answers([[404, { code: 'not-found', message: 'gone' }]]);
  const second = renderHook(useTrial);
  await waitFor(() => expect(sessionStorage.getItem('hotline.trial')).toBeNull());
  expect(second.result.current.problem).toBeUndefined();
});

test('a refusal is told in the words of the server, and nothing is followed', async () => {
  const asked = answers([[422, { code: 'illegal', message: 'A trial of yours is still running.' }]]);
  const { result } = renderHook(useTrial);
  await act(() => result.current.begin(order, []));
  expect(result.current.problem?.message).toBe('A trial of yours is still running.');
  expect(asked).toEqual(['POST /api/staffing/trials']);
  await act(() => Promise.resolve(sessionStorage.setItem('hotline.trial', 'nonsense')));
  expect(renderHook(useTrial).result.current.asked).toBeUndefined();
});
