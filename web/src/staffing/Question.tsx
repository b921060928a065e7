import { ActionIcon, Button, NumberInput, Select } from '@mantine/core';
import { Minus, Play, Plus } from 'lucide-react';
import { useState } from 'react';
import { useWords } from '../i18n';
import { percent } from '../lib/format';
import type { Sketch, SketchGroup, TrialOrder } from '../wire';
import { useGroupName } from './Staffing';
import css from './Staffing.module.css';
import { whatIf } from './trial';

interface Asking {
  text: string;
  sketch: Sketch | undefined;
  /** a trial is running, or the text has a mistake */
  barred: boolean;
  begin: (o: TrialOrder, begins: string[]) => Promise<void>;
  show: () => void;
}

/** Two agents fewer, a fifth more calls. */
export function WhatIf({ text, sketch, barred, begin, show }: Asking) {
  const { t } = useWords();
  const [agents, setAgents] = useState<Record<string, number>>({});
  const [calls, setCalls] = useState(100);
  const [runs, setRuns] = useState<number>();
  const days = runs ?? sketch?.runs ?? 20;
  return (
    <form
      className={css.form}
      onSubmit={(e) => {
        e.preventDefault();
        if (!sketch) return;
        show();
        void begin(whatIf({ text, agents, calls, runs: days }, sketch), sketch.begins);
      }}
    >
      <p className={css.soft}>{t('staffing.whatIfHint')}</p>
      <div className={css.groups}>
        <fieldset aria-label={t('staffing.groups')}>
          {sketch?.groups.map((g) => (
            <Group
              key={g.group}
              group={g}
              more={agents[g.group] ?? 0}
              change={(n) => setAgents({ ...agents, [g.group]: n })}
            />
          ))}
        </fieldset>
      </div>
      <div className={css.pair}>
        <NumberInput
          label={t('staffing.calls')}
          suffix={` ${t('staffing.callsUnit')}`}
          value={calls}
          onChange={(v) => setCalls(Number(v) || 100)}
          min={1}
          max={1000}
          step={5}
          allowDecimal={false}
          clampBehavior="strict"
          data-testid="staffing-calls"
        />
        <Days value={days} change={setRuns} />
      </div>
      <Button
        type="submit"
        disabled={!sketch || barred}
        leftSection={<Play size={15} aria-hidden />}
        data-testid="staffing-run"
      >
        {t('staffing.run')}
      </Button>
    </form>
  );
}

function Days({ value, change }: { value: number; change: (n: number) => void }) {
  const { t } = useWords();
  return (
    <NumberInput
      label={t('staffing.runs')}
      value={value}
      onChange={(v) => change(Number(v) || 1)}
      min={1}
      max={1000}
      step={10}
      allowDecimal={false}
      clampBehavior="strict"
    />
  );
}

function Group({ group, more, change }: { group: SketchGroup; more: number; change: (n: number) => void }) {
  const { t } = useWords();
  const name = useGroupName()(group.group);
  return (
    <div className={css.group} data-testid={`staffing-group-${group.group}`}>
      <span title={name}>{name}</span>
      <span className={css.soft}>{t('staffing.size', { n: group.most })}</span>
      <ActionIcon
        variant="default"
        size={26}
        aria-label={t('staffing.fewer', { group: name })}
        data-testid={`staffing-fewer-${group.group}`}
        disabled={group.most + more <= 0}
        onClick={() => change(more - 1)}
      >
        <Minus size={14} aria-hidden />
      </ActionIcon>
      <output data-changed={more !== 0}>{more > 0 ? `+${more}` : more === 0 ? '±0' : `−${-more}`}</output>
      <ActionIcon
        variant="default"
        size={26}
        aria-label={t('staffing.moreOf', { group: name })}
        onClick={() => change(more + 1)}
      >
        <Plus size={14} aria-hidden />
      </ActionIcon>
    </div>
  );
}

/** How many of one group each half hour needs. */
export function HowMany({ text, sketch, barred, begin, show }: Asking) {
  const { t, lang } = useWords();
  const name = useGroupName();
  const [chosen, setChosen] = useState<string | null>(null);
  const [target, setTarget] = useState<number>();
  const [runs, setRuns] = useState<number>();
  const groups = sketch?.groups.filter((g) => g.queues.length > 0) ?? [];
  const group = groups.some((g) => g.group === chosen) ? chosen : (groups[0]?.group ?? null);
  const own = Math.max(0, ...(sketch?.queues.map((q) => q.target) ?? []));
  const wanted = target ?? Math.round(own * 100);
  const within = sketch?.queues.map((q) => q.within) ?? [];
  return (
    <form
      className={css.form}
      onSubmit={(e) => {
        e.preventDefault();
        if (!group || !sketch) return;
        show();
        void begin({ text, staff: group, target: wanted / 100, runs: runs ?? sketch.runs }, sketch.begins);
      }}
    >
      <p className={css.soft}>{t('staffing.howManyHint')}</p>
      <Select
        label={t('staffing.group')}
        data={groups.map((g) => ({ value: g.group, label: name(g.group) }))}
        value={group}
        onChange={setChosen}
        allowDeselect={false}
        data-testid="staffing-staff"
      />
      <div className={css.pair}>
        <NumberInput
          label={t('staffing.target')}
          suffix=" %"
          description={`${t('staffing.answeredIn')}${within.length ? ` (≤ ${Math.min(...within)} s)` : ''}`}
          placeholder={percent(own, lang)}
          value={wanted}
          onChange={(v) => setTarget(Number(v) || undefined)}
          min={1}
          max={99}
          clampBehavior="strict"
          inputWrapperOrder={['label', 'input', 'description']}
        />
        <Days value={runs ?? sketch?.runs ?? 20} change={setRuns} />
      </div>
      <Button
        type="submit"
        disabled={!group || barred}
        leftSection={<Play size={15} aria-hidden />}
        data-testid="staffing-search"
      >
        {t('staffing.search')}
      </Button>
    </form>
  );
}
