import { Button } from '@mantine/core';
import { Headphones } from 'lucide-react';
import { useWords } from '../i18n';
import { usePhone } from '../lib/phone';
import { useSession } from '../lib/session';
import { askForNotifications } from './attention';
import css from './Desk.module.css';

/** Says why this page is not a telephone yet, and has the one button that changes it. */
export function PhoneSetup() {
  const { me, do: perform } = useSession();
  const phone = usePhone();
  const { t } = useWords();
  if (!phone || !me) return null;

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
    </section>
  );
}
