import { Button, Select } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useEffect, useState } from 'react';
import { useWords } from '../i18n';
import { api } from '../lib/api';
import { Panel } from '../lib/ui';
import type { CentreScenario, Scenario, Sketch } from '../wire';
import css from './Staffing.module.css';

const CENTRE = 'centre';
const KEY = 'hotline.scenario';
const days = ['any', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'] as const;

/** Where a scenario begins: this centre as measured, or a sample; what is typed over it outlives a reload. */
export function useStart() {
  const kept = sessionStorage.getItem(KEY);
  const [source, setSource] = useState(CENTRE);
  const [day, setDay] = useState<string>('any');
  const [weeks, setWeeks] = useState(4);
  const [typed, setTyped] = useState<string | undefined>(kept ?? undefined);
  const samples = useQuery({
    queryKey: ['staffing', 'scenarios'],
    queryFn: api.scenarios,
    staleTime: 600_000,
  });
  const centre = useQuery({
    queryKey: ['staffing', 'centre', weeks, day],
    queryFn: () => api.centreScenario(weeks, day),
    enabled: source === CENTRE,
    staleTime: 60_000,
    placeholderData: (old) => old,
  });
  const begun =
    source === CENTRE
      ? (centre.data?.text ?? '')
      : (samples.data?.scenarios.find((s) => s.id === source)?.text ?? '');
  useEffect(() => {
    if (typed === undefined) sessionStorage.removeItem(KEY);
    else sessionStorage.setItem(KEY, typed);
  }, [typed]);
  return {
    source,
    day,
    weeks,
    samples: samples.data?.scenarios ?? [],
    centre: source === CENTRE ? centre.data : undefined,
    text: typed ?? begun,
    edited: typed !== undefined && typed !== begun,
    setText: setTyped,
    restore: () => setTyped(undefined),
    choose: (s: string) => {
      setTyped(undefined);
      setSource(s);
    },
    chooseDay: (d: string) => {
      setTyped(undefined);
      setDay(d);
    },
    chooseWeeks: (n: number) => {
      setTyped(undefined);
      setWeeks(n);
    },
  };
}

export function Start({ start, sketch }: { start: ReturnType<typeof useStart>; sketch: Sketch | undefined }) {
  const { t, lang } = useWords();
  const weekday = (d: (typeof days)[number]) =>
    d === 'any'
      ? t('staffing.anyDay')
      : new Intl.DateTimeFormat(lang, { weekday: 'long', timeZone: 'UTC' }).format(
          Date.UTC(2024, 0, days.indexOf(d)), // the first of January 2024 was a Monday
        );
  return (
    <Panel title={t('staffing.scenario')} className={css.start}>
      <Select
        aria-label={t('staffing.start')}
        data={[
          { value: CENTRE, label: t('staffing.centre') },
          ...start.samples.map((s: Scenario) => ({ value: s.id, label: s.name })),
        ]}
        value={start.source}
        onChange={(v) => v && start.choose(v)}
        allowDeselect={false}
        data-testid="staffing-start"
      />
      {start.source === CENTRE && (
        <div className={css.pair}>
          <Select
            label={t('staffing.day')}
            data={days.map((d) => ({ value: d, label: weekday(d) }))}
            value={start.day}
            onChange={(v) => v && start.chooseDay(v)}
            allowDeselect={false}
          />
          <Select
            label={t('staffing.weeks')}
            data={[1, 2, 4, 8, 13, 26].map((n) => ({ value: String(n), label: t('staffing.weeksN', { n }) }))}
            value={String(start.weeks)}
            onChange={(v) => v && start.chooseWeeks(Number(v))}
            allowDeselect={false}
          />
        </div>
      )}
      {start.centre && <Basis centre={start.centre} />}
      {sketch && (
        <p className={css.soft} data-testid="staffing-inside">
          {t('staffing.inside', {
            queues: sketch.queues.length,
            groups: sketch.groups.length,
            calls: new Intl.NumberFormat(lang).format(Math.round(sketch.calls / sketch.runs)),
          })}
        </p>
      )}
      {start.edited && (
        <p className={css.edited}>
          {t('staffing.edited')}
          <Button size="compact-xs" variant="subtle" onClick={start.restore}>
            {t('staffing.restore')}
          </Button>
        </p>
      )}
    </Panel>
  );
}

function Basis({ centre }: { centre: CentreScenario }) {
  const { t, word, lang } = useWords();
  const n = (x: number) => new Intl.NumberFormat(lang).format(x);
  return (
    <>
      <p>
        {centre.calls > 0
          ? t('staffing.basis', { calls: n(centre.calls), days: centre.days })
          : t('staffing.noBasis')}
      </p>
      {centre.notes.length > 0 && (
        <ul className={css.notes}>
          {centre.notes.map((x) => (
            <li key={x}>{word('staffingNote', x)}</li>
          ))}
        </ul>
      )}
    </>
  );
}
