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
  const { t, lang } = useWords();
  const client = useQueryClient();
  const [, go] = useLocation();
  const centre = useQuery({ queryKey: ['centre'], queryFn: api.centre, retry: 1 });
  const [busy, setBusy] = useState(false);
  const [wrong, setWrong] = useState('');

  async function submit(e: FormEvent<HTMLFormElement>) {
    e.preventDefault();
    const form = new FormData(e.currentTarget);
    setBusy(true);
    setWrong('');
    try {
      const profile = await api.signIn(String(form.get('login')).trim(), String(form.get('password')));
      client.setQueryData(['me'], profile);
      const next = new URLSearchParams(location.search).get('next');
      go(next?.startsWith('/') && !next.startsWith('//') ? next : '/', { replace: true });
    } catch (err) {
      setBusy(false);
      if (!(err instanceof ApiError)) throw err;
      if (err.status === 401 || err.status === 403) setWrong(t('login.wrong'));
      else if (err.status === 429) setWrong(t('login.tooMany'));
      else if (err.status === 0) setWrong(t('login.unreachable'));
      else setWrong(err.message);
    }
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
            {wrong}
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
