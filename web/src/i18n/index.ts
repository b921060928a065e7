import i18next from 'i18next';
import { useCallback } from 'react';
import { initReactI18next, useTranslation } from 'react-i18next';
import { en } from './en';
import { zh } from './zh';

export const languages = [
  { code: 'zh', name: '简体中文', short: '中' },
  { code: 'en', name: 'English', short: 'EN' },
] as const;

const KEY = 'hotline.language';

function first(): string {
  const asked = new URLSearchParams(location.search).get('lang') ?? localStorage.getItem(KEY);
  if (asked === 'zh' || asked === 'en') return asked;
  return navigator.languages.some((l) => l.startsWith('zh')) ? 'zh' : 'en';
}

declare module 'i18next' {
  interface CustomTypeOptions {
    defaultNS: 'translation';
    resources: { translation: typeof en };
  }
}

export function setUpLanguages(): void {
  void i18next.use(initReactI18next).init({
    lng: first(),
    fallbackLng: 'en',
    resources: { en: { translation: en }, zh: { translation: zh } },
    interpolation: { escapeValue: false },
    initAsync: false,
  });
  tell(i18next.language);
  i18next.on('languageChanged', tell);
}

function tell(lang: string): void {
  document.documentElement.lang = lang === 'zh' ? 'zh-CN' : lang;
}

export function choose(lang: string): void {
  localStorage.setItem(KEY, lang);
  void i18next.changeLanguage(lang);
}

/** t for known keys, lang for Intl, and `word` for the server's closed lists: word('state', 'wrap-up'). */
export function useWords() {
  const { t, i18n } = useTranslation();
  const lang = i18n.language;
  const word = useCallback(
    (list: WordList, key: string | undefined): string =>
      key ? i18n.t(`${list}.${key}` as never, { defaultValue: key, lng: lang }) : '',
    [i18n, lang],
  );
  return { t, lang, word };
}

export type WordList =
  | 'state'
  | 'away'
  | 'skill'
  | 'category'
  | 'grade'
  | 'channel'
  | 'ticketState'
  | 'outcome'
  | 'cameFrom'
  | 'noCallback'
  | 'ending'
  | 'offerResult'
  | 'talkEnd'
  | 'mark'
  | 'callback'
  | 'miss'
  | 'field'
  | 'formula'
  | 'alarm'
  | 'alarmCause'
  | 'trouble'
  | 'phase'
  | 'passed'
  | 'visitor'
  | 'refusal'
  | 'role'
  | 'act'
  | 'overruled'
  | 'stored'
  | 'staffingNote'
  | 'language';
