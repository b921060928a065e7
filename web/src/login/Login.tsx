import { Button, PasswordInput, TextInput } from '@mantine/core';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { Link, useLocation } from 'wouter';
import { choose, languages, useWords } from '../i18n';
import { ApiError, api } from '../lib/api';
import { titled } from '../lib/format';
import { Mark } from '../lib/ui';
import css from './Login.module.css';

/** Signs in; what is refused is told under the form, and the fields keep what was typed. */
export function Login() {
  const { t, lang, word } = useWords();
  const client = useQueryClient();
  const [, go] = useLocation();
  const centre = useQuery({ queryKey: ['centre'], queryFn: api.centre, retry: 1 });
  const [busy, setBusy] = useState(false);
  const [refused, setRefused] = useState<ApiError | null>(null);

  async function submit(e: FormEvent<HTMLFormElement>) {
    e.preventDefault();
    const form = new FormData(e.currentTarget);
    setBusy(true);
    setRefused(null);
    try {
      const profile = await api.signIn(String(form.get('login')).trim(), String(form.get('password')));
      client.setQueryData(['me'], profile);
      const next = new URLSearchParams(location.search).get('next');
      go(next?.startsWith('/') && !next.startsWith('//') ? next : '/', { replace: true });
    } catch (err) {
      setBusy(false);
      if (!(err instanceof ApiError)) throw err;
      setRefused(err);
    }
  }

  // In the reader's language at all times, also when that is changed under the refusal.
  function why(e: ApiError): string {
    if (e.status === 401 || e.status === 403) return t('login.wrong');
    if (e.status === 429) return t('login.tooMany', { n: Math.max(1, Math.ceil(e.after / 60)) });
    if (e.status === 0) return t('login.unreachable');
    if (e.status === 503) return t('login.away');
    return t('bar.failed', { why: word('refusal', e.code) });
  }

  return (
    <main className={css.page}>
      <div className={css.box}>
        <div className={css.brand}>
          <Mark size={40} />
          <div>
            <h1>{titled(centre.data?.name, lang, 'hotline')}</h1>
            <p>{centre.data?.line ?? '\u00a0'}</p>
          </div>
        </div>
        <form onSubmit={submit} className={css.form} data-testid="login-form">
          <TextInput
            name="login"
            label={t('login.login')}
            size="md"
            required
            withAsterisk={false}
            autoFocus
            autoComplete="username"
            autoCapitalize="none"
            spellCheck={false}
            data-testid="login-name"
          />
          <PasswordInput
            name="password"
            label={t('login.password')}
            size="md"
            required
            withAsterisk={false}
            autoComplete="current-password"
            data-testid="login-password"
          />
          <p className={css.wrong} role="alert" data-testid="login-error">
            {refused && why(refused)}
          </p>
          <Button type="submit" size="md" fullWidth loading={busy} data-testid="login-submit">
            {t('login.go')}
          </Button>
        </form>
        <footer className={css.foot}>
          {centre.data?.caller_page ? <Link href="/call">{t('login.caller')}</Link> : <span />}
          <span className={css.langs}>
            {languages.map((l) => (
              <button
                key={l.code}
                type="button"
                aria-pressed={lang === l.code}
                onClick={() => choose(l.code)}
                data-testid={`language-${l.code}`}
              >
                {l.name}
              </button>
            ))}
          </span>
        </footer>
      </div>
    </main>
  );
}
