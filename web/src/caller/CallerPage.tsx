import { Button } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { Delete, Mic, MicOff, PhoneOff, Phone as PhoneSign } from 'lucide-react';
import { useEffect, useState } from 'react';
import { choose, languages, useWords } from '../i18n';
import { api } from '../lib/api';
import { serverNow, useSecond } from '../lib/clock';
import { dial } from '../lib/dial';
import { clock, titled } from '../lib/format';
import { Mark } from '../lib/ui';
import css from './CallerPage.module.css';
import { useVisit } from './useVisit';

/** The page by which anybody calls the centre: one button, and during the call the keys. */
export function CallerPage() {
  const { t, lang } = useWords();
  const centre = useQuery({ queryKey: ['centre'], queryFn: api.centre, retry: 2 });
  const visit = useVisit(lang);
  const name = titled(centre.data?.name, lang, 'hotline');
  const line = centre.data?.line ?? '';
  useEffect(() => {
    document.title = name;
  }, [name]);
  const hours = titled(centre.data?.hours, lang, '');
  return (
    <main className={css.page}>
      <div className={css.card}>
        <header className={css.head}>
          <Mark size={34} />
          <div>
            <h1>{name}</h1>
            <p>{line}</p>
          </div>
        </header>
        {visit.live ? (
          <Talking visit={visit} />
        ) : (
          <>
            <div className={css.start}>
              {visit.problem && (
                // What the machine says of it is in English, and for whoever is asked for help.
                <p className={css.problem} role="alert" title={visit.why} data-testid="caller-problem">
                  {t(`callPage.${visit.problem}`, { line })}
                </p>
              )}
              {visit.lasted !== undefined && !visit.problem && (
                <p className={css.thanks} data-testid="caller-ended">
                  {t('callPage.thanks')} {t('callPage.lasted', { time: clock(visit.lasted) })}
                </p>
              )}
              {centre.data && !centre.data.caller_page ? (
                <p className={css.problem}>{t('callPage.off', { line })}</p>
              ) : (
                <button
                  type="button"
                  className={css.call}
                  onClick={visit.begin}
                  disabled={!centre.data}
                  data-testid="caller-call"
                >
                  <PhoneSign size={30} aria-hidden />
                  {visit.lasted === undefined ? t('callPage.call') : t('callPage.again')}
                </button>
              )}
              {centre.isError && <p className={css.problem}>{t('callPage.unreachable', { line })}</p>}
              <p className={css.free}>{t('callPage.free')}</p>
            </div>
            {hours && (
              <section>
                <h2>{t('callPage.hours')}</h2>
                <p className={css.hours}>{hours}</p>
              </section>
            )}
            <section>
              <h2>{t('callPage.expect')}</h2>
              <ol className={css.expect}>
                <li>{t('callPage.expect1')}</li>
                <li>{t('callPage.expect2')}</li>
                <li>{t('callPage.expect3')}</li>
                <li>{t('callPage.expect4')}</li>
              </ol>
              <p className={css.free}>{t('callPage.recorded')}</p>
            </section>
          </>
        )}
      </div>
      <footer className={css.langs}>
        {languages.map((l) => (
          <button
            key={l.code}
            type="button"
            aria-pressed={lang === l.code}
            onClick={() => choose(l.code)}
            disabled={visit.live}
            data-testid={`language-${l.code}`}
          >
            {l.name}
          </button>
        ))}
      </footer>
    </main>
  );
}

function Talking({ visit }: { visit: ReturnType<typeof useVisit> }) {
  const { t, word } = useWords();
  const [typed, setTyped] = useState('');
  useSecond();
  const lasted = visit.began ? (serverNow() - visit.began) / 1000 : 0;
  const press = (key: string) => {
    setTyped((s) => (s + key).slice(-24));
    visit.press(key);
  };
  useEffect(() => {
    const key = (e: KeyboardEvent) => {
      if (dial.includes(e.key) && !e.ctrlKey && !e.metaKey && !e.altKey) press(e.key);
    };
    window.addEventListener('keydown', key);
    return () => window.removeEventListener('keydown', key);
  });
  return (
    <div className={css.talking} data-testid="caller-talking">
      <p className={css.time} data-testid="caller-time">
        {clock(lasted)}
      </p>
      <p className={css.phase} role="status" data-testid="caller-phase" data-phase={visit.phase}>
        {word('visitor', visit.phase)}
      </p>
      <p className={css.typed} aria-live="polite">
        {typed || '\u00a0'}
        {typed && (
          <button type="button" onClick={() => setTyped('')} aria-label={t('app.close')}>
            <Delete size={16} />
          </button>
        )}
      </p>
      <fieldset className={css.keypad} aria-label={t('callPage.keypad')}>
        {dial.map((key) => (
          <button key={key} type="button" onClick={() => press(key)} data-testid={`key-${key}`}>
            {key}
          </button>
        ))}
      </fieldset>
      <div className={css.do}>
        <Button
          variant="default"
          size="lg"
          leftSection={visit.muted ? <MicOff size={20} /> : <Mic size={20} />}
          aria-pressed={visit.muted}
          onClick={() => visit.mute(!visit.muted)}
          data-testid="caller-mute"
        >
          {visit.muted ? t('callPage.unmute') : t('callPage.mute')}
        </Button>
        <Button
          color="var(--bad)"
          size="lg"
          leftSection={<PhoneOff size={20} />}
          onClick={visit.end}
          data-testid="caller-end"
        >
          {t('callPage.end')}
        </Button>
      </div>
    </div>
  );
}
