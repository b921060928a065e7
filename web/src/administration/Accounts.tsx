import { Button, CopyButton, TextInput } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { Search } from 'lucide-react';
import { useState } from 'react';
import { Link } from 'wouter';
import { useWords } from '../i18n';
import { api } from '../lib/api';
import { moment } from '../lib/format';
import listed from '../lib/list.module.css';
import { useNames, useSession } from '../lib/session';
import { Ago, Listed, Panel, useFault } from '../lib/ui';
import type { Account } from '../wire';
import css from './Administration.module.css';
import { found, inOrder, useAccounts, usePerson } from './people';

export function Accounts({ chosen }: { chosen: string }) {
  const { t } = useWords();
  const list = useAccounts();
  const accounts = inOrder(list.data?.accounts ?? []);
  const [find, setFind] = useState('');
  const shown = accounts.filter((a) => found(a, find));
  const signedIn = accounts.filter((a) => a.sessions > 0).length;
  return (
    <Panel
      title={t('administration.accounts')}
      aside={list.data && t('administration.signedIn', { n: signedIn, of: accounts.length })}
      flush
      testid="accounts"
      above={
        <div className={listed.filter}>
          <TextInput
            placeholder={t('administration.find')}
            aria-label={t('administration.find')}
            leftSection={<Search size={15} />}
            value={find}
            onChange={(e) => setFind(e.currentTarget.value)}
            className={css.find}
            data-testid="accounts-find"
          />
        </div>
      }
    >
      <Listed list={list} none={shown.length === 0}>
        {t('administration.nobody')}
      </Listed>
      {shown.length > 0 && (
        <table className={`${listed.table} ${css.table}`}>
          <thead>
            <tr>
              <th>{t('administration.person')}</th>
              <th>{t('administration.role')}</th>
              <th>{t('administration.work')}</th>
              <th>{t('administration.lastIn')}</th>
              <th>{t('administration.now')}</th>
              <th>
                <span className="visually-hidden">{t('administration.actions')}</span>
              </th>
            </tr>
          </thead>
          <tbody>
            {shown.map((a) => (
              <Line key={a.login} account={a} chosen={a.login === chosen} />
            ))}
          </tbody>
        </table>
      )}
    </Panel>
  );
}

function Line({ account: a, chosen }: { account: Account; chosen: boolean }) {
  const { t, word } = useWords();
  const names = useNames();
  const name = usePerson()(a.login);
  const queues = a.queues?.map((q) => names.queue(q)).join(' · ');
  const skills = Object.entries(a.skills ?? {}).map(([s, level]) => `${word('skill', s)} ${level}`);
  const everything = !a.agent && a.role !== 'agent' && !a.queues?.length;
  return (
    <tr
      data-chosen={chosen || undefined}
      data-disabled={a.disabled || undefined}
      data-testid={`account-${a.login}`}
    >
      <td>
        <Link href={chosen ? '/administration' : `/administration?person=${encodeURIComponent(a.login)}`}>
          <b>{name}</b>
        </Link>
        {name !== a.login && <span className={css.under}>{a.login}</span>}
      </td>
      <td>{word('role', a.role)}</td>
      <td className={css.work}>
        {everything ? t('administration.all') : queues || '–'}
        {skills.length > 0 && <span className={css.under}>{skills.join(' · ')}</span>}
      </td>
      <td>{moment(a.last_in) ? <Ago at={a.last_in} /> : t('administration.never')}</td>
      <td data-testid={`account-${a.login}-now`}>
        {a.disabled && <span className={listed.soft}>{t('administration.closed')}</span>}
        {!a.disabled && (a.sessions > 0 ? <b>{t('administration.browsers', { n: a.sessions })}</b> : '–')}
      </td>
      <td>
        <Actions account={a} name={name} />
      </td>
    </tr>
  );
}

/** Signing somebody out and a new password: each is asked for twice, since the person may be in a call. */
function Actions({ account: a, name }: { account: Account; name: string }) {
  const { t } = useWords();
  const { profile } = useSession();
  const fault = useFault();
  const client = useQueryClient();
  const [sure, setSure] = useState<'out' | 'password'>();
  const done = {
    onSettled: () => {
      setSure(undefined);
      void client.invalidateQueries({ queryKey: ['accounts'] });
      void client.invalidateQueries({ queryKey: ['audit'] });
    },
  };
  const out = useMutation({ mutationFn: () => api.endSessions(a.login), ...done });
  const reset = useMutation({ mutationFn: () => api.resetPassword(a.login), gcTime: 0, ...done });
  if (a.login === profile.login)
    return <p className={`${listed.soft} ${css.actions}`}>{t('administration.you')}</p>;
  if (reset.data)
    return (
      <div className={css.told} role="status">
        <span>{t('administration.told')}</span>
        <code data-testid="new-password">{reset.data.password}</code>
        <CopyButton value={reset.data.password}>
          {({ copied, copy }) => (
            <Button size="compact-xs" variant="default" onClick={copy}>
              {copied ? t('administration.copied') : t('administration.copy')}
            </Button>
          )}
        </CopyButton>
        <Button size="compact-xs" variant="subtle" onClick={() => reset.reset()}>
          {t('app.close')}
        </Button>
      </div>
    );
  const failed = out.error ?? reset.error;
  return (
    <div className={css.actions}>
      {failed && (
        <span className={css.failed} role="alert">
          {t('administration.failed', { why: fault(failed) })}
        </span>
      )}
      {sure ? (
        <>
          <Button size="compact-xs" variant="subtle" onClick={() => setSure(undefined)}>
            {t('app.cancel')}
          </Button>
          <Button
            size="compact-xs"
            color="var(--bad)"
            autoFocus
            loading={out.isPending || reset.isPending}
            onClick={() => (sure === 'out' ? out : reset).mutate()}
            data-testid={`account-${a.login}-sure`}
          >
            {t(sure === 'out' ? 'administration.sureOut' : 'administration.surePassword')}
          </Button>
        </>
      ) : (
        <>
          {a.sessions > 0 && (
            <Button
              size="compact-xs"
              variant="default"
              aria-label={`${t('administration.signOut')}: ${name}`}
              onClick={() => setSure('out')}
              data-testid={`account-${a.login}-out`}
            >
              {t('administration.signOut')}
            </Button>
          )}
          {!a.disabled && (
            <Button
              size="compact-xs"
              variant="default"
              aria-label={`${t('administration.newPassword')}: ${name}`}
              onClick={() => setSure('password')}
              data-testid={`account-${a.login}-password`}
            >
              {t('administration.newPassword')}
            </Button>
          )}
        </>
      )}
    </div>
  );
}
