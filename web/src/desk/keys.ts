import { useEffect, useRef, useSyncExternalStore } from 'react';

/** What keys do, wherever the focus is. Missing: nothing just now. */
export interface Keys {
  accept?: () => void;
  hold?: () => void;
  mute?: () => void;
  keypad?: () => void;
  transfer?: () => void;
  end?: () => void;
  done?: () => void;
}

const alt: Record<string, keyof Keys> = {
  KeyH: 'hold',
  KeyM: 'mute',
  KeyK: 'keypad',
  KeyT: 'transfer',
  KeyE: 'end',
  KeyD: 'done',
};

/** Whether keys that mean letters go into a field just now. */
export function isTyping(target: EventTarget | null): boolean {
  return (
    target instanceof HTMLElement &&
    (target.isContentEditable || ['INPUT', 'TEXTAREA', 'SELECT'].includes(target.tagName))
  );
}

/** Whether Enter has a meaning of its own where the focus is: in a text, on a button, in a menu. */
function takesEnter(target: EventTarget | null): boolean {
  return (
    isTyping(target) || (target instanceof HTMLElement && target.closest('button, a, [role=menu]') !== null)
  );
}

/** The same of the element that has the focus now, so that an offer names the key that accepts it. */
export function useEnterTaken(): boolean {
  return useSyncExternalStore(
    (changed) => {
      const soon = () => queueMicrotask(changed); // when the focus is where it goes
      document.addEventListener('focusin', soon);
      document.addEventListener('focusout', soon);
      return () => {
        document.removeEventListener('focusin', soon);
        document.removeEventListener('focusout', soon);
      };
    },
    () => takesEnter(document.activeElement),
  );
}

/**
 * Enter accepts an offer; somebody in the middle of a sentence needs Ctrl + Enter, so that no line break takes a call.
 * A button that has the focus keeps its own Enter.
 */
export function useKeys(keys: Keys): void {
  const latest = useRef(keys);
  useEffect(() => {
    latest.current = keys;
  });
  useEffect(() => {
    const press = (e: KeyboardEvent) => {
      if (e.repeat || e.isComposing) return;
      let what: keyof Keys | undefined;
      if (e.altKey && !e.ctrlKey && !e.metaKey) what = alt[e.code];
      else if (e.key === 'Enter' && !e.altKey && !e.shiftKey) {
        if (!takesEnter(e.target) || e.ctrlKey) what = 'accept';
      }
      const act = what && latest.current[what];
      if (!act) return;
      e.preventDefault();
      act();
    };
    window.addEventListener('keydown', press);
    return () => window.removeEventListener('keydown', press);
  }, []);
}
