import { Menu, Tooltip, useMantineColorScheme } from '@mantine/core';
import { Check, ChevronDown, Moon, Sun, SunMoon, User } from 'lucide-react';
import { Link, useLocation } from 'wouter';
import { choose, languages, useWords } from '../i18n';
import { average, titled } from '../lib/format';
import { useNames, useSession } from '../lib/session';
import { Mark } from '../lib/ui';
import { Audio } from './Audio';
import { Presence } from './Presence';
import css from './Shell.module.css';

export function TopBar() {
  const { profile, me, lists, signOut } = useSession();
  const { t, lang, word } = useWords();
  const names = useNames();
  const { colorScheme, setColorScheme } = useMantineColorScheme();
  const name = titled(profile.names, lang, profile.name);
  const supervisor = profile.role !== 'agent';
  return (
    <header className={css.top}>
      <Link href="/" className={css.brand}>
        <Mark />
        <span title={names.centre}>{names.centre}</span>
      </Link>
      {profile.agent && <Presence />}
      <nav className={css.nav} aria-label={t('app.menu')}>
        {profile.agent && <Tab to="/desk">{t('app.desk')}</Tab>}
        {supervisor && <Tab to="/board">{t('app.board')}</Tab>}
        <Tab to="/messages" count={lists?.messages}>
          {t('app.messages')}
        </Tab>
        <Tab to="/callbacks" count={lists?.callbacks}>
          {t('lists.callbacks')}
        </Tab>
        <Tab to="/tickets" count={profile.agent ? lists?.open : undefined}>
          {t('app.tickets')}
        </Tab>
        <Tab to="/calls">{t('app.calls')}</Tab>
        {supervisor && <Tab to="/staffing">{t('app.staffing')}</Tab>}
        {profile.role === 'admin' && <Tab to="/administration">{t('app.administration')}</Tab>}
      </nav>
      <span className={css.spring} />
      {me && (
        <div className={css.day} data-testid="my-day">
          <span>
            <b data-testid="day-answered">{me.day.answered}</b> {t('day.answered')}
          </span>
          <span>
            <b data-testid="day-missed">{me.day.missed}</b> {t('day.missed')}
          </span>
          <Tooltip label={t('day.averageHint')}>
            <span>
              <b>{average(me.day.aht)}</b> {t('day.average')}
            </span>
          </Tooltip>
        </div>
      )}
      <div className={css.right}>
        {profile.agent && <Audio />}
        <Menu position="bottom-end" width={230}>
          <Menu.Target>
            <button
              type="button"
              className={css.quiet}
              aria-label={`${t('app.account')}: ${name}`}
              data-testid="account"
            >
              <User size={16} aria-hidden />
              {name}
              <ChevronDown size={14} aria-hidden />
            </button>
          </Menu.Target>
          <Menu.Dropdown>
            <Menu.Label>
              {profile.login} · {word('role', profile.role)}
            </Menu.Label>
            <Menu.Divider />
            <Menu.Label>{t('app.language')}</Menu.Label>
            {languages.map((l) => (
              <Menu.Item
                key={l.code}
                onClick={() => choose(l.code)}
                rightSection={lang === l.code && <Check size={14} />}
                data-testid={`language-${l.code}`}
              >
                {l.name}
              </Menu.Item>
            ))}
            <Menu.Divider />
            <Menu.Label>{t('app.theme')}</Menu.Label>
            {(
              [
                ['light', Sun],
                ['dark', Moon],
                ['auto', SunMoon],
              ] as const
            ).map(([scheme, Sign]) => (
              <Menu.Item
                key={scheme}
                leftSection={<Sign size={14} />}
                onClick={() => setColorScheme(scheme)}
                rightSection={colorScheme === scheme && <Check size={14} />}
              >
                {t(`app.${scheme}`)}
              </Menu.Item>
            ))}
            <Menu.Divider />
            <Menu.Item onClick={() => void signOut()} data-testid="sign-out">
              {t('app.signOut')}
            </Menu.Item>
          </Menu.Dropdown>
        </Menu>
      </div>
    </header>
  );
}

function Tab({ to, count, children }: { to: string; count?: number; children: string }) {
  const [at] = useLocation();
  return (
    <Link href={to} aria-current={at === to || at.startsWith(`${to}/`) ? 'page' : undefined}>
      {children}
      {count ? <span className={css.count}>{count}</span> : null}
    </Link>
  );
}
