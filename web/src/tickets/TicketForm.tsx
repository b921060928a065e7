import { Button, SegmentedControl, Select, Textarea, TextInput } from '@mantine/core';
import { Archive, Check, CloudOff, GitCompareArrows, LoaderCircle, TriangleAlert } from 'lucide-react';
import { type ReactNode, useEffect, useRef } from 'react';
import { useWords } from '../i18n';
import type { Draft, Field } from '../lib/draft';
import { useNames, useSession } from '../lib/session';
import { Ago, Panel } from '../lib/ui';
import css from './Tickets.module.css';
import { type OpenTicket, useDraft } from './useTicket';

/** The ticket as a form that saves itself while one types. */
export function TicketForm({ id, ticket, focus }: { id: string; ticket: OpenTicket; focus?: boolean }) {
  const { t } = useWords();
  if (!ticket.draft)
    return (
      <Panel title={<TicketTitle id={id} />} testid="ticket">
        <p className={css.soft}>{ticket.missing ? t('ticket.unknown') : t('app.loading')}</p>
      </Panel>
    );
  return <Form key={id} draft={ticket.draft} away={ticket.away} focus={focus} />;
}

function TicketTitle({ id }: { id: string }) {
  const { t } = useWords();
  return (
    <span className={css.title} data-testid="ticket-id" data-ticket={id}>
      {t('ticket.title', { id })}
    </span>
  );
}

function Form({ draft: d, away, focus }: { draft: Draft; away: boolean; focus?: boolean }) {
  const { profile } = useSession();
  const { t, word } = useWords();
  const draft = useDraft(d);
  const values = draft.values;
  const story = useRef<HTMLTextAreaElement>(null);
  useEffect(() => {
    if (!focus) return;
    // Behind what a colleague has written already: one goes on from there.
    story.current?.focus();
    story.current?.setSelectionRange(story.current.value.length, story.current.value.length);
  }, [focus]);
  const text = (field: Field) => ({
    label: t(`ticket.${field}`),
    value: values[field],
    onChange: (e: { currentTarget: { value: string } }) => draft.set(field, e.currentTarget.value),
    onBlur: () => void draft.flush(),
    'data-testid': `ticket-${field}`,
    maxLength: field === 'happened' || field === 'asked' ? 20000 : 200,
  });
  return (
    <Panel title={<TicketTitle id={draft.id} />} aside={<SaveState draft={draft} />} testid="ticket">
      <div className={css.form}>
        {away && <p className={css.away}>{t('ticket.unavailable')}</p>}
        {Object.keys(draft.conflicts).length > 0 && <Conflict draft={draft} />}
        <fieldset className={css.chips} data-testid="ticket-category" data-value={values.category}>
          <legend>{t('ticket.category')}</legend>
          <div>
            {profile.categories.filter(Boolean).map((c) => (
              <label key={c}>
                <input
                  type="radio"
                  name={`category-${draft.id}`}
                  checked={values.category === c}
                  onChange={() => draft.set('category', c)}
                  onClick={() => values.category === c && draft.set('category', '')}
                  data-testid={`ticket-category-${c}`}
                />
                <span>{word('category', c)}</span>
              </label>
            ))}
          </div>
        </fieldset>
        <div className={css.row}>
          <Select
            label={t('ticket.grade')}
            data={profile.grades.filter(Boolean).map((g) => ({ value: g, label: word('grade', g) }))}
            value={values.grade || null}
            onChange={(v) => draft.set('grade', v ?? '')}
            placeholder="–"
            clearable
            data-testid="ticket-grade"
          />
          <TextInput {...text('region')} />
          <TextInput {...text('address')} autoComplete="off" />
        </div>
        <div className={css.pair}>
          <TextInput {...text('name')} autoComplete="off" />
          <TextInput {...text('number')} autoComplete="off" inputMode="tel" />
        </div>
        <Textarea
          {...text('happened')}
          placeholder={t('ticket.happenedHint')}
          ref={story}
          classNames={{ root: css.grow, wrapper: css.fill, input: css.fill }}
        />
        <Textarea
          {...text('asked')}
          placeholder={t('ticket.askedHint')}
          classNames={{ root: css.growLess, wrapper: css.fill, input: css.fill }}
        />
        <div className={css.foot}>
          <SegmentedControl
            value={draft.closed ? 'closed' : 'open'}
            onChange={(v) => draft.decide(v === 'closed')}
            data={[
              { value: 'open', label: <span data-testid="ticket-keep-open">{t('ticket.keepOpen')}</span> },
              { value: 'closed', label: <span data-testid="ticket-close">{t('ticket.closeNow')}</span> },
            ]}
            aria-label={t('ticket.outcome')}
          />
        </div>
      </div>
    </Panel>
  );
}

/** Whether the words are safe, told by sign and word. */
function SaveState({ draft }: { draft: Draft }) {
  const { t } = useWords();
  const names = useNames();
  let body: ReactNode;
  switch (draft.state) {
    case 'clean':
      body = draft.savedAt ? (
        <>
          <Check size={15} aria-hidden />
          <SavedAgo at={draft.savedAt} />
        </>
      ) : null;
      break;
    case 'dirty':
      body = t('ticket.typing');
      break;
    case 'saving':
      body = (
        <>
          <LoaderCircle size={15} aria-hidden />
          {t('ticket.saving')}
        </>
      );
      break;
    case 'delayed':
      body = (
        <>
          <Archive size={15} aria-hidden />
          {t('ticket.delayed')}
        </>
      );
      break;
    case 'kept':
      body = (
        <>
          <CloudOff size={15} aria-hidden />
          {t('ticket.kept')}
        </>
      );
      break;
    case 'refused':
      body = (
        <>
          <TriangleAlert size={15} aria-hidden />
          {t('ticket.refused', { why: draft.why })}
        </>
      );
      break;
    case 'conflict':
      body = (
        <>
          <GitCompareArrows size={15} aria-hidden />
          {t('ticket.conflict', { who: names.agent(draft.other) || t('ticket.somebody') })}
        </>
      );
      break;
  }
  return (
    <span className={css.save} data-state={draft.state} data-testid="ticket-saved" role="status">
      {body}
    </span>
  );
}

function SavedAgo({ at }: { at: number }) {
  const { t } = useWords();
  const [before, after] = t('ticket.saved', { when: '\u0000' }).split('\u0000');
  return (
    <span>
      {before}
      <Ago at={at} />
      {after}
    </span>
  );
}

/** Both versions side by side; nothing is chosen for anybody. */
function Conflict({ draft }: { draft: Draft }) {
  const { t, word } = useWords();
  const names = useNames();
  const shown = (field: Field, value: string) => {
    if (field === 'category' || field === 'grade') return word(field, value) || t('ticket.empty');
    return value || t('ticket.empty');
  };
  return (
    <section className={css.conflict} data-testid="ticket-conflict">
      <header>
        <b>{t('ticket.conflict', { who: names.agent(draft.other) || t('ticket.somebody') })}</b>
        <span>{t('ticket.conflictHint')}</span>
      </header>
      {(Object.keys(draft.conflicts) as Field[]).map((field) => (
        <div key={field} className={css.versions}>
          <h4>{t(`ticket.${field}`)}</h4>
          <div>
            <small>{t('ticket.mine')}</small>
            <p>{shown(field, draft.values[field])}</p>
            <Button size="xs" variant="default" onClick={() => draft.resolve(field, true)}>
              {t('ticket.useMine')}
            </Button>
          </div>
          <div>
            <small>{names.agent(draft.other) || t('ticket.theirs')}</small>
            <p>{shown(field, draft.conflicts[field] ?? '')}</p>
            <Button size="xs" variant="default" onClick={() => draft.resolve(field, false)}>
              {t('ticket.useTheirs')}
            </Button>
          </div>
        </div>
      ))}
    </section>
  );
}
