import { cleanup, fireEvent, render } from '@testing-library/react';
import { afterEach, expect, test, vi } from 'vitest';
import { type Keys, useKeys } from './keys';

function Page(props: Keys) {
  useKeys(props);
  return (
    <>
      <p>page</p>
      <textarea aria-label="text" />
      <button type="button">other</button>
    </>
  );
}

const accept = vi.fn();
afterEach(() => {
  accept.mockReset();
  cleanup();
});

test('Enter accepts the offer', () => {
  render(<Page accept={accept} />);
  fireEvent.keyDown(document.body, { key: 'Enter' });
  expect(accept).toHaveBeenCalledTimes(1);
});

test('a line break in the middle of a sentence takes no call; Ctrl + Enter does', () => {
  const { getByLabelText } = render(<Page accept={accept} />);
  fireEvent.keyDown(getByLabelText('text'), { key: 'Enter' });
  expect(accept).not.toHaveBeenCalled();
  fireEvent.keyDown(getByLabelText('text'), { key: 'Enter', ctrlKey: true });
  expect(accept).toHaveBeenCalledTimes(1);
});

test('Enter that chooses a Chinese word takes no call', () => {
  const { getByLabelText } = render(<Page accept={accept} />);
  fireEvent.keyDown(getByLabelText('text'), { key: 'Enter', ctrlKey: true, isComposing: true });
  expect(accept).not.toHaveBeenCalled();
});

test('a button that has the focus keeps its Enter, and a key that is held counts once', () => {
  const { getByText } = render(<Page accept={accept} />);
  fireEvent.keyDown(getByText('other'), { key: 'Enter' });
  fireEvent.keyDown(document.body, { key: 'Enter', repeat: true });
  expect(accept).not.toHaveBeenCalled();
});

test('Alt and a letter work from inside a field', () => {
  const hold = vi.fn();
  const { getByLabelText } = render(<Page hold={hold} />);
  fireEvent.keyDown(getByLabelText('text'), { key: 'h', code: 'KeyH', altKey: true });
  expect(hold).toHaveBeenCalledTimes(1);
});
