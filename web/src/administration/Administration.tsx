import { useSearch } from 'wouter';
import { Accounts } from './Accounts';
import css from './Administration.module.css';
import { Audit } from './Audit';

/** Who may come in, who is in, and what was done: for administrators. A person or a day that is chosen stands in the address. */
export function Administration() {
  const search = new URLSearchParams(useSearch());
  return (
    <div className={css.page}>
      <Accounts chosen={search.get('person') ?? ''} />
      <Audit person={search.get('person') ?? ''} day={search.get('day') ?? ''} />
    </div>
  );
}
