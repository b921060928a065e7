import { Button } from '@mantine/core';
import { Component, type ReactNode } from 'react';
import { useWords } from '../i18n';
import { Empty } from '../lib/ui';

/** A page that fails says so and leaves the call bar alive around it. */
export class Safe extends Component<{ children: ReactNode }, { failed: boolean }> {
  override state = { failed: false };
  static getDerivedStateFromError() {
    return { failed: true };
  }
  override render() {
    return this.state.failed ? <Broken /> : this.props.children;
  }
}

function Broken() {
  const { t } = useWords();
  return (
    <Empty>
      {t('app.broken')}{' '}
      <Button variant="default" onClick={() => location.reload()}>
        {t('app.reload')}
      </Button>
    </Empty>
  );
}
