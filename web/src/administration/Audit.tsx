import { Button, Select, TextInput } from '@mantine/core';
import { useInfiniteQuery } from '@tanstack/react-query';
import { Link, useLocation, useSearch } from 'wouter';
import { useWords } from '../i18n';
import { api } from '../lib/api';
import { absolute, dayAndTime, moment } from '../lib/format';
import listed from '../lib/list.module.css';
import { useNames } from '../lib/session';
import { Listed, Panel } from '../lib/ui';
import type { AuditEntry } from '../wire';
import css from './Administration.module.css';
import { bounds, callOf, inOrder, overruled, useAccounts, usePerson } from './people';

/** Who did what, when, and from where: latest first. */
export function Audit({ person, day }: { person: string; day: string }) {
  const { t } = useWords();
  const [, go] = useLocation();
  const search = new URLSearchParams(useSearch());
  const accounts = useAccounts();
  const name = usePerson();
  const choose = (key: string, value: string | null) => {
    if (value) search.set(key, value);
    else search.delete(key);
    go(`/administration${search.size ? `?${search}` : ''}`, { replace: true });
  };
  const list = useInfiniteQuery({
    queryKey: ['audit', person, day],
    queryFn: ({ pageParam }) =>
      api.audit({ login: person, ...bounds(day), before: pageParam || undefined, limit: 100 }),
    initialPageParam: '',
    getNextPageParam: (last) => last.next || undefined,
    placeholderData: (old) => old,
  });
  const entries = list.data?.pages.flatMap((p) => p.entries) ?? [];
  return (
    <Panel
      title={t('administration.audit')}
      flush
      testid="audit"
      above={
        <div className={`${listed.filter} ${css.filter}`}>
          <Select
            placeholder={t('administration.everybody')}
            aria-label={t('administration.person')}
            data={inOrder(accounts.data?.accounts ?? []).map((a) => ({
              value: a.login,
              label: name(a.login),
            }))}
            value={person || null}
            onChange={(v) => choose('person', v)}
            searchable
            clearable
          />
          <TextInput
            type="date"
            className={css.day}
            wrapperProps={{ 'data-word': t('administration.day'), 'data-empty': day === '' || undefined }}
            aria-label={t('administration.day')}
            value={day}
            onChange={(e) => choose('day', e.currentTarget.value)}
            data-testid="audit-day"
          />
        </div>
      }
    >
      <Listed list={list} none={entries.length === 0}>
        {t('administration.nothing')}
      </Listed>
      <ul className={`${listed.lines} ${css.lines}`}>
        {entries.map((e) => (
          <Line key={e.id} entry={e} />
        ))}
      </ul>
      {list.hasNextPage && (
        <Button
          variant="subtle"
          fullWidth
          loading={list.isFetchingNextPage}
          onClick={() => void list.fetchNextPage()}
        >
          {t('app.more')}
        </Button>
      )}
    </Panel>
  );
}

function Line({ entry: e }: { entry: AuditEntry }) {
  const { lang, word } = useWords();
  const name = usePerson();
  const at = moment(e.at) ?? 0;
  return (
    <li data-testid={`audit-${e.act}`}>
      <time className="num" dateTime={e.at} title={absolute(at, lang)}>
        {dayAndTime(at, lang)}
      </time>
      <span className={css.what}>
        <b>{name(e.login)}</b> {word('act', e.act)}
        <About entry={e} />
      </span>
      <span className={css.addr}>{e.addr}</span>
    </li>
  );
}

/** To what or whom it was done, as one reads it. */
function About({ entry: e }: { entry: AuditEntry }) {
  const { t, lang, word } = useWords();
  const names = useNames();
  const name = usePerson();
  const list = new Intl.ListFormat(lang, { type: 'conjunction' });
  const did = (text: string | undefined) => {
    const c = overruled(text);
    const what = [
      c.reset && t('administration.reset'),
      c.reason !== undefined && c.reason && names.reason(c.reason),
      c.queues && list.format(c.queues.map(names.queue)),
      c.skills && list.format(c.skills.map(([s, level]) => `${word('skill', s)} ${level}`)),
    ].filter(Boolean);
    return [word('overruled', c.act), ...what].join(' ');
  };
  const call = callOf(e);
  if (call) return <Link href={`/calls/${call}`}>{t('administration.call')}</Link>;
  switch (e.act) {
    case 'user-changed':
      return <i>{`${name(e.about ?? '')} · ${word('role', e.text)}`}</i>;
    case 'password-set':
    case 'user-disabled':
    case 'sessions-ended':
      return <i>{name(e.about ?? '')}</i>;
    case 'agent-overruled':
      return <i>{`${names.agent(e.about)} · ${did(e.text)}`}</i>;
    case 'announcement-switched':
      return <i>{`${e.about} · ${t(e.text === 'on' ? 'administration.on' : 'administration.off')}`}</i>;
    default:
      return <i>{e.about}</i>;
  }
}
