import { SegmentedControl } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useEffect, useRef, useState } from 'react';
import { useWords } from '../i18n';
import { ApiError, api } from '../lib/api';
import { useNames } from '../lib/session';
import { Panel } from '../lib/ui';
import type { Sketch } from '../wire';
import { Outcome } from './Outcome';
import { HowMany, WhatIf } from './Question';
import css from './Staffing.module.css';
import { Start, useStart } from './Start';
import { useTrial } from './useTrial';

/** What if two agents fewer, and how many each half hour: the simulator for those who plan. */
export function Staffing() {
  const { t, lang } = useWords();
  const start = useStart();
  const { text, setText } = start;
  const checked = useChecked(text);
  const trial = useTrial();
  const [ask, setAsk] = useState<'if' | 'staff'>('if');
  const [tab, setTab] = useState<'result' | 'text'>('result');
  const running = trial.trial?.phase === 'running' || trial.trial?.phase === 'waiting';
  const questions = {
    text,
    sketch: checked.sketch,
    barred: running || checked.problem !== undefined,
    begin: trial.begin,
    show: () => setTab('result'),
  };
  return (
    <div className={css.page} data-testid="staffing">
      <div className={css.side}>
        <Start start={start} sketch={checked.sketch} />
        <Panel
          title={
            <SegmentedControl
              size="xs"
              value={ask}
              onChange={(v) => setAsk(v as typeof ask)}
              data={[
                { value: 'if', label: t('staffing.whatIf') },
                { value: 'staff', label: t('staffing.howMany') },
              ]}
            />
          }
          className={css.ask}
        >
          {ask === 'if' ? <WhatIf {...questions} /> : <HowMany {...questions} />}
        </Panel>
      </div>
      <Panel
        className={css.main}
        flush
        title={
          <SegmentedControl
            size="xs"
            value={tab}
            onChange={(v) => setTab(v as typeof tab)}
            data={[
              { value: 'result', label: t('staffing.result') },
              { value: 'text', label: t('staffing.text') },
            ]}
          />
        }
        aside={tab === 'text' ? t('staffing.textHint') : t('staffing.disturb')}
      >
        {checked.problem && (
          <div className={css.problem} role="alert" data-testid="staffing-problem">
            <b>{t('staffing.wrong')}</b>
            <pre>
              {checked.problem instanceof ApiError ? checked.problem.in(lang) : checked.problem.message}
            </pre>
          </div>
        )}
        {tab === 'text' ? (
          <textarea
            className={css.text}
            value={text}
            onChange={(e) => setText(e.currentTarget.value)}
            spellCheck={false}
            aria-label={t('staffing.text')}
            data-testid="staffing-text"
          />
        ) : (
          <Outcome trial={trial} sketch={checked.sketch} text={text} />
        )}
      </Panel>
    </div>
  );
}

/** What is in a text, shortly after it was typed; the last one that was right stays while a mistake is being made. */
function useChecked(text: string): { sketch: Sketch | undefined; problem: Error | undefined } {
  const [settled, setSettled] = useState(text);
  useEffect(() => {
    const timer = setTimeout(() => setSettled(text), 400);
    return () => clearTimeout(timer);
  }, [text]);
  const check = useQuery({
    queryKey: ['staffing', 'check', settled],
    queryFn: () => api.checkScenario(settled),
    enabled: settled.trim() !== '',
    placeholderData: (old) => old,
    retry: (n, e) => n < 3 && e instanceof ApiError && e.passing,
    staleTime: Number.POSITIVE_INFINITY,
  });
  const right = useRef<Sketch>(undefined);
  if (check.data) right.current = check.data;
  return {
    sketch: check.data ?? right.current,
    problem: check.error ?? undefined,
  };
}

/** A group of this centre's own is named by its first member's login: "lina +2". */
export function useGroupName() {
  const names = useNames();
  return (group: string): string => {
    const [, login = group, more = ''] = /^(.*?)( \+\d+)?$/.exec(group) ?? [];
    return names.agent(login) + more;
  };
}
