import { ChevronRight } from 'lucide-react';
import { Fragment } from 'react';
import type { PathStep } from '../wire';
import css from './Path.module.css';

/** The way through the menu: what the caller chose, with the keys. */
export function Path({ path }: { path: PathStep[] | null | undefined }) {
  const steps = (path ?? []).filter((p) => p.key || p.label);
  if (steps.length === 0) return <span className={css.none}>–</span>;
  return (
    <span className={css.path} data-testid="path">
      {steps.map((p, i) => (
        // A caller may pass a node twice: the place is the identity.
        // biome-ignore lint/suspicious/noArrayIndexKey: the path only grows at its end
        <Fragment key={i}>
          {i > 0 && <ChevronRight size={13} aria-hidden />}
          <span className={css.step}>
            {p.key && <kbd>{p.key}</kbd>}
            {p.label ?? p.node}
          </span>
        </Fragment>
      ))}
    </span>
  );
}
