import { expect, test } from 'vitest';
import { ApiError } from './api';

test('an error is read in the language of the page where the server can say it', () => {
  const body = { code: 'bad-request', message: 'the scenario is empty', message_in: { zh: '方案是空的' } };
  const e = new ApiError(400, 'bad-request', body.message, body);
  expect(e.in('zh')).toBe('方案是空的');
  expect(e.in('en')).toBe('the scenario is empty');
  expect(new ApiError(0, 'unreachable', 'The server cannot be reached.').in('zh')).toBe(
    'The server cannot be reached.',
  );
});
