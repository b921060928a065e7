import { Button, Checkbox, Menu, NumberInput } from '@mantine/core';
import { ChevronDown, RotateCcw, X } from 'lucide-react';
import { type ReactNode, useEffect, useState } from 'react';
import { Link } from 'wouter';
import { useWords } from '../i18n';
import { ApiError, api } from '../lib/api';
import { clock, titled } from '../lib/format';
import { newId } from '../lib/link';
import { useNames, useSession } from '../lib/session';
import { Panel, Since, StateSign } from '../lib/ui';
import type { AgentCommand, BoardAgent, Membership } from '../wire';
import css from './AgentPanel.module.css';
import { type Levels, levelsOf, type Orders, ordersOf, queuesOf, same, skillsOf } from './overrule';

/** One agent under a supervisor's hand: the state, the queues with their order, the skills. Each takes effect at once. */
export function AgentPanel({ agent, close }: { agent: BoardAgent; close: () => void }) {
  const { t, word } = useWords();
  const names = useNames();
  const [busy, setBusy] = useState(false);
  const [trouble, setTrouble] = useState('');

  useEffect(() => {
    const press = (e: KeyboardEvent) => {
      if (e.key === 'Escape' && !e.defaultPrevented) close();
    };
    window.addEventListener('keydown', press);
    return () => window.removeEventListener('keydown', press);
  }, [close]);

  const act = async (command: Omit<AgentCommand, 'id'>): Promise<boolean> => {
    setBusy(true);
    setTrouble('');
    try {
      await api.overrule(agent.agent, { id: newId(), ...command });
      return true;
    } catch (e) {
      setTrouble(e instanceof ApiError ? word('refusal', e.code) : String(e));
      return false;
    } finally {
      setBusy(false);
    }
  };

  return (
    <Panel
      title={
        <span className={css.name} data-testid="agent-panel-name">
          {names.agent(agent.agent)}
        </span>
      }
      aside={
        <button type="button" className={css.close} onClick={close} aria-label={t('app.close')}>
          <X size={17} aria-hidden />
        </button>
      }
      className={css.panel}
      testid="agent-panel"
    >
      <p className={css.state}>
        <StateSign state={agent.state} />
        <b data-testid="agent-panel-state">
          {agent.state === 'not-ready' ? names.reason(agent.reason) : word('state', agent.state)}
        </b>
        <Since at={agent.since} format={clock} />
        <Link href={`/calls?agent=${encodeURIComponent(agent.agent)}`}>{t('overrule.calls')}</Link>
      </p>
      <States agent={agent} busy={busy} act={act} />
      <Queues agent={agent} busy={busy} act={act} />
      <Skills agent={agent} busy={busy} act={act} />
      {trouble && (
        <p className={css.trouble} role="alert" data-testid="agent-panel-trouble">
          {t('bar.failed', { why: trouble })}
        </p>
      )}
      <p className={css.note}>{t('overrule.note')}</p>
    </Panel>
  );
}

interface Part {
  agent: BoardAgent;
  busy: boolean;
  act: (command: Omit<AgentCommand, 'id'>) => Promise<boolean>;
}

function States({ agent, busy, act }: Part) {
  const { profile } = useSession();
  const { t, lang } = useWords();
  const away = agent.state === 'signed-out';
  const inCall = ['offered', 'talking', 'held'].includes(agent.state);
  const stays = agent.state === 'ready' && !agent.line;
  return (
    <section className={css.part}>
      <div className={css.buttons}>
        <Button
          size="xs"
          variant="default"
          disabled={busy || away || stays || (inCall && !agent.pending && !agent.line)}
          onClick={() => void act({ do: 'ready' })}
          data-testid="overrule-ready"
        >
          {t('overrule.ready')}
        </Button>
        <Menu position="bottom-start">
          <Menu.Target>
            <Button
              size="xs"
              variant="default"
              disabled={busy || away}
              rightSection={<ChevronDown size={13} aria-hidden />}
              data-testid="overrule-not-ready"
            >
              {t('overrule.notReady')}
            </Button>
          </Menu.Target>
          <Menu.Dropdown>
            {profile.not_ready.map((r) => (
              <Menu.Item
                key={r.reason}
                onClick={() => void act({ do: 'not-ready', reason: r.reason })}
                data-testid={`overrule-not-ready-${r.reason}`}
              >
                {titled(r.title, lang, r.reason)}
              </Menu.Item>
            ))}
            <Menu.Item onClick={() => void act({ do: 'not-ready' })}>{t('presence.justNotReady')}</Menu.Item>
          </Menu.Dropdown>
        </Menu>
        <Button
          size="xs"
          variant="default"
          disabled={busy || away || inCall}
          onClick={() => void act({ do: 'sign-out' })}
          data-testid="overrule-sign-out"
        >
          {t('overrule.signOut')}
        </Button>
      </div>
      <p className={css.hint}>{away ? t('overrule.away') : inCall ? t('overrule.inCall') : ' '}</p>
    </section>
  );
}

function Queues({ agent, busy, act }: Part) {
  const { profile } = useSession();
  const { t } = useWords();
  const names = useNames();
  const [draft, setDraft] = useState<Orders | null>(null);
  const now = ordersOf(agent.queues);
  const shown = draft ?? now;
  const set = (queue: string, order: number | undefined) => setDraft({ ...shown, [queue]: order });
  const apply = async () => {
    if (await act({ do: 'set-queues', queues: queuesOf(shown, agent.queues as Membership[]) }))
      setDraft(null);
  };
  return (
    <Form
      title={t('overrule.queues')}
      changed={agent.moved}
      dirty={draft !== null && !same(shown, now)}
      busy={busy}
      apply={apply}
      drop={() => setDraft(null)}
      reset={() => void act({ do: 'set-queues', reset: true }).then((done) => done && setDraft(null))}
      testid="overrule-queues"
    >
      <table className={css.rows}>
        <thead>
          <tr>
            <th />
            <th>{t('overrule.order')}</th>
          </tr>
        </thead>
        <tbody>
          {profile.queues.map((q) => (
            <tr key={q.queue}>
              <td>
                <Checkbox
                  size="sm"
                  label={names.queue(q.queue)}
                  checked={shown[q.queue] !== undefined}
                  onChange={(e) => set(q.queue, e.currentTarget.checked ? 1 : undefined)}
                  data-testid={`overrule-queue-${q.queue}`}
                />
              </td>
              <td>
                <NumberInput
                  size="xs"
                  w={72}
                  min={1}
                  max={1000}
                  allowDecimal={false}
                  clampBehavior="strict"
                  disabled={shown[q.queue] === undefined}
                  value={shown[q.queue] ?? ''}
                  onChange={(v) => typeof v === 'number' && set(q.queue, v)}
                  aria-label={`${t('overrule.order')}: ${names.queue(q.queue)}`}
                  data-testid={`overrule-order-${q.queue}`}
                />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </Form>
  );
}

function Skills({ agent, busy, act }: Part) {
  const { profile } = useSession();
  const { t, word } = useWords();
  const [draft, setDraft] = useState<Levels | null>(null);
  const now = levelsOf(agent.skills);
  const shown = draft ?? now;
  const apply = async () => {
    if (await act({ do: 'set-skills', skills: skillsOf(shown) })) setDraft(null);
  };
  const all = [...new Set([...profile.skills, ...Object.keys(now)])];
  if (all.length === 0) return null;
  return (
    <Form
      title={t('overrule.skills')}
      changed={agent.trained}
      dirty={draft !== null && !same(skillsOf(shown), now)}
      busy={busy}
      apply={apply}
      drop={() => setDraft(null)}
      reset={() => void act({ do: 'set-skills', reset: true }).then((done) => done && setDraft(null))}
      testid="overrule-skills"
    >
      <table className={css.rows}>
        <thead>
          <tr>
            <th />
            <th>{t('overrule.level')}</th>
          </tr>
        </thead>
        <tbody>
          {all.map((skill) => (
            <tr key={skill}>
              <td>{word('skill', skill)}</td>
              <td>
                <NumberInput
                  size="xs"
                  w={72}
                  min={0}
                  max={100}
                  allowDecimal={false}
                  clampBehavior="strict"
                  placeholder="–"
                  value={shown[skill] || ''}
                  onChange={(v) => setDraft({ ...shown, [skill]: typeof v === 'number' ? v : 0 })}
                  aria-label={`${t('overrule.level')}: ${word('skill', skill)}`}
                  data-testid={`overrule-skill-${skill}`}
                />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </Form>
  );
}

/** A part with a draft: applied, dropped, or set back to the configuration. */
function Form({
  title,
  changed,
  dirty,
  busy,
  apply,
  drop,
  reset,
  testid,
  children,
}: {
  title: string;
  changed: boolean | undefined;
  dirty: boolean;
  busy: boolean;
  apply: () => Promise<void>;
  drop: () => void;
  reset: () => void;
  testid: string;
  children: ReactNode;
}) {
  const { t } = useWords();
  return (
    <section className={css.part} data-testid={testid}>
      <h3 className={css.title}>
        {title}
        {changed && (
          <span className={css.changed} data-testid={`${testid}-changed`}>
            {t('overrule.changed')}
          </span>
        )}
      </h3>
      {children}
      <div className={css.buttons}>
        <Button
          size="xs"
          disabled={!dirty || busy}
          onClick={() => void apply()}
          data-testid={`${testid}-apply`}
        >
          {t('overrule.apply')}
        </Button>
        {dirty && (
          <Button size="xs" variant="default" disabled={busy} onClick={drop}>
            {t('app.cancel')}
          </Button>
        )}
        {changed && !dirty && (
          <Button
            size="xs"
            variant="default"
            disabled={busy}
            leftSection={<RotateCcw size={13} aria-hidden />}
            onClick={reset}
            data-testid={`${testid}-reset`}
          >
            {t('overrule.reset')}
          </Button>
        )}
      </div>
    </section>
  );
}
