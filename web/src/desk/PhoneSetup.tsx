import { Button } from '@mantine/core';
import { Headphones, PhoneCall } from 'lucide-react';
import { useWords } from '../i18n';
import type { en } from '../i18n/en';
import { phoneName } from '../lib/format';
import { usePhone } from '../lib/phone';
import { useSession } from '../lib/session';
import type { PhoneView } from '../wire';
import { askForNotifications } from './attention';
import css from './Desk.module.css';

/** Says why this page is not a telephone yet, and has the one button that changes it. */
export function PhoneSetup() {
  const { me, do: perform } = useSession();
  const phone = usePhone();
  const { t } = useWords();
  if (!phone || !me) return null;

  if (me.phone?.in_use) return <DeskPhone phone={me.phone} />;

  if (me.other_tab)
    return (
      <section className={css.setup} data-testid="other-tab">
        <Headphones size={30} aria-hidden />
        <div>
          <h2>{t('phone.elsewhere')}</h2>
          <p>{t('phone.elsewhereHint')}</p>
        </div>
        <Button
          size="md"
          onClick={() => {
            phone.start();
            void perform({ do: 'take-phone' }).catch(() => {});
          }}
          data-testid="take-phone"
        >
          {t('phone.take')}
        </Button>
      </section>
    );

  if (phone.fault === 'blocked')
    return (
      <section className={css.setup}>
        <Headphones size={30} aria-hidden />
        <p>{t('phone.blocked')}</p>
        <Button size="md" onClick={phone.unlock} data-testid="phone-unlock">
          {t('phone.hear')}
        </Button>
      </section>
    );

  const trouble = {
    '': '',
    insecure: t('phone.insecure'),
    denied: t('phone.denied'),
    missing: t('phone.none'),
    busy: t('phone.failed', { why: phone.why }),
    codec: t('phone.failed', { why: phone.why }),
    refused: t('phone.failed', { why: phone.why }),
    unreachable: t('phone.noDoor'),
    unheard: t('phone.unheard'),
    output: t('phone.failed', { why: phone.why }),
  }[phone.fault];
  const idle = phone.state === 'off' || phone.state === 'refused';
  return (
    <section className={css.setup} data-testid="phone-setup">
      <Headphones size={30} aria-hidden />
      <div>
        <h2>{t('phone.title')}</h2>
        {trouble ? (
          <>
            <p className={css.trouble} role="alert" data-testid="phone-fault" data-fault={phone.fault}>
              {trouble}
            </p>
            {phone.fault === 'denied' && <p>{t('phone.deniedHow')}</p>}
          </>
        ) : (
          <p>{t('phone.explain')}</p>
        )}
      </div>
      <div className={css.choices}>
        {idle && (
          <Button
            size="md"
            disabled={phone.fault === 'insecure'}
            onClick={() => {
              askForNotifications();
              phone.start();
            }}
            data-testid="phone-start"
          >
            {phone.fault ? t('phone.restart') : t('phone.start')}
          </Button>
        )}
        {me.phone && (
          <Button
            size="md"
            variant="default"
            onClick={() => {
              askForNotifications();
              void perform({ do: 'use-phone' }).catch(() => {});
            }}
            data-testid="use-phone"
          >
            {t('phone.useDesk')}
          </Button>
        )}
      </div>
    </section>
  );
}

/** A desk phone that is being called, or that rests until its agent asks for it. */
function DeskPhone({ phone }: { phone: PhoneView }) {
  const { do: perform } = useSession();
  const { t } = useWords();
  const run = (command: string) => () => void perform({ do: command }).catch(() => {});
  const name = phoneName(phone);
  return (
    <section className={css.setup} data-testid="desk-phone" data-resting={phone.resting}>
      <PhoneCall size={30} aria-hidden />
      <div>
        <h2>{phone.resting ? t('phone.deskRests', { name }) : t('phone.deskRings', { name })}</h2>
        {phone.why && (
          <p className={css.trouble} role="alert" data-testid="desk-phone-why" data-why={phone.why}>
            {t(`phone.deskWhy.${phone.why as PhoneWhy}`)}
          </p>
        )}
        {!phone.resting && <p>{t('phone.deskPickUp')}</p>}
      </div>
      <div className={css.choices}>
        {phone.resting && (
          <Button size="md" onClick={run('ring-phone')} data-testid="ring-phone">
            {t('phone.deskAgain')}
          </Button>
        )}
        <Button size="md" variant="default" onClick={run('use-browser')} data-testid="use-browser">
          {t('phone.useBrowser')}
        </Button>
      </div>
    </section>
  );
}

type PhoneWhy = keyof typeof en.phone.deskWhy;
