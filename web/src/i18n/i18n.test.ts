import { expect, test } from 'vitest';
import { en } from './en';
import { zh } from './zh';

type Tree = { [key: string]: string | Tree };

function flat(tree: Tree, at = ''): [string, string][] {
  return Object.entries(tree).flatMap(([k, v]) =>
    typeof v === 'string' ? [[at + k, v] as [string, string]] : flat(v, `${at}${k} › `),
  );
}

test('both languages say the same things, with the same gaps to fill', () => {
  const english = new Map(flat(en));
  const chinese = new Map(flat(zh));
  expect([...chinese.keys()]).toEqual([...english.keys()]);
  const gaps = (s: string | undefined) => [...(s ?? '').matchAll(/{{(\w+)}}/g)].map((m) => m[1]).sort();
  for (const [key, text] of english) expect([key, gaps(chinese.get(key))]).toEqual([key, gaps(text)]);
});

test('nothing is left untranslated', () => {
  for (const [key, text] of flat(zh))
    expect([
      key,
      /[\u4e00-\u9fff]/.test(text) || text === 'Enter' || !/[a-z]{3}/i.test(text.replace(/{{\w+}}/g, '')),
    ]).toEqual([key, true]);
});
