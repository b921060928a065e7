import { Popover } from '@mantine/core';
import { Grid3x3 } from 'lucide-react';
import { useState } from 'react';
import { useWords } from '../i18n';
import { dial } from '../lib/dial';
import { usePhone } from '../lib/phone';
import { Tool } from './CallBar';
import css from './CallBar.module.css';
import { useKeys } from './keys';

/** Sends tones into the call; the computer's own keys work while it is open. */
export function KeypadButton() {
  const phone = usePhone();
  const { t } = useWords();
  const [open, setOpen] = useState(false);
  const [typed, setTyped] = useState('');
  const toggle = () => {
    setOpen((o) => !o);
    setTyped('');
  };
  useKeys({ keypad: toggle });
  const press = (key: string) => {
    setTyped((s) => s + key);
    phone?.press(key);
  };
  return (
    <Popover opened={open} onChange={setOpen} position="bottom" trapFocus returnFocus withRoles={false}>
      <Popover.Target>
        <span>
          <Tool
            sign={<Grid3x3 size={18} />}
            word={t('bar.keypad')}
            keys="Alt + K"
            open={open}
            onClick={toggle}
            testid="keypad"
          />
        </span>
      </Popover.Target>
      <Popover.Dropdown
        role="dialog"
        aria-label={t('bar.keypad')}
        onKeyDown={(e) => dial.includes(e.key) && press(e.key)}
      >
        <div className={css.typed} aria-live="polite">
          {typed}
        </div>
        <div className={css.keypad}>
          {dial.map((key) => (
            <button key={key} type="button" onClick={() => press(key)} data-testid={`key-${key}`}>
              {key}
            </button>
          ))}
        </div>
      </Popover.Dropdown>
    </Popover>
  );
}
