// A large house for the mock: accounts, an audit, call backs. Names are long where names may be long.
import type { Account, AuditEntry, CallbackView } from '../src/wire';
import { iso, people } from './centre.ts';

const families = ['赵', '钱', '孙', '李', '周', '吴', '郑', '王', '冯', '陈'];
const given: [string, string][] = [
  ['建国', 'Jianguo'],
  ['秀英', 'Xiuying'],
  ['志强', 'Zhiqiang'],
  ['桂兰', 'Guilan'],
  ['雪', 'Xue'],
];
const romanised = ['Zhao', 'Qian', 'Sun', 'Li', 'Zhou', 'Wu', 'Zheng', 'Wang', 'Feng', 'Chen'];
const queues = ['consult', 'complaint', 'english'];

function one(i: number): Account {
  const [zh, en] = given[i % given.length] as [string, string];
  const family = i % families.length;
  const out = i % 3 === 2;
  return {
    login: `${(romanised[family] ?? '').toLowerCase()}${en.toLowerCase()}${i}`,
    name: `${families[family]}${zh}`,
    names: { zh: `${families[family]}${zh}`, en: `${romanised[family]} ${en}` },
    role: i % 23 === 0 ? 'supervisor' : 'agent',
    agent: i % 23 === 0 ? undefined : `a${i}`,
    queues: i % 23 === 0 ? undefined : queues.slice(0, 1 + (i % 3)),
    skills: i % 23 === 0 ? undefined : { consult: 3 + (i % 6), ...(i % 2 ? { complaint: 5 } : {}) },
    disabled: i % 17 === 16 || undefined,
    created: iso(90 * 86400),
    last_in: i % 11 === 10 ? undefined : iso(600 + i * 3111),
    sessions: out || i % 17 === 16 || i % 11 === 10 ? 0 : 1 + (i % 7 === 0 ? 1 : 0),
  };
}

export const accounts: Account[] = [
  { login: 'root', name: '', role: 'admin', sessions: 1, created: iso(90 * 86400), last_in: iso(480) },
  {
    login: 'maximilian.von.oppersdorff-haugwitz',
    name: 'Maximilian Freiherr von Oppersdorff-Haugwitz zu Wolkenstein',
    role: 'agent',
    agent: 'smith',
    queues: ['english', 'consult', 'complaint'],
    skills: { consult: 9, complaint: 7, english: 10 },
    sessions: 2,
    created: iso(90 * 86400),
    last_in: iso(300),
  },
  ...people.map(
    ([login, name, of, en], i): Account => ({
      login,
      name,
      names: { zh: name, en: en ?? name },
      role: 'agent',
      agent: login,
      queues: of,
      skills: { consult: 5 + (i % 5) },
      sessions: i === 7 ? 0 : 1,
      created: iso(90 * 86400),
      last_in: iso(900 + i * 1300),
    }),
  ),
  ...Array.from({ length: 190 }, (_, i) => one(i)),
];

const acts: [AuditEntry['act'], string?, string?][] = [
  ['sign-in'],
  ['recording-played', 'r-1', 'call c5'],
  ['sign-in-refused'],
  ['agent-overruled', 'wang', 'not-ready break'],
  ['password-set', 'maximilian.von.oppersdorff-haugwitz'],
  ['announcement-switched', 'outage', 'on'],
  ['access-refused', 'c9', 'call'],
  ['user-changed', 'chen', 'agent'],
  ['sessions-ended', 'zhao'],
  ['callback-cancelled', 'cb-20261121-0007'],
  ['user-disabled', 'sun'],
  ['sign-out'],
  ['agent-overruled', 'li', 'set-skills complaint 5, english 60'],
  ['agent-overruled', 'zhao', 'set-queues consult, complaint'],
];

export const audit: AuditEntry[] = Array.from({ length: 100 }, (_, i) => {
  const [act, about, text] = acts[i % acts.length] as (typeof acts)[number];
  const login =
    i % 9 === 4 ? 'command line' : (['root', 'li', 'maximilian.von.oppersdorff-haugwitz'][i % 3] ?? '');
  return {
    id: 100 - i,
    at: iso(60 + i * 1900),
    login,
    addr: login === 'command line' ? undefined : i % 5 === 3 ? '2001:db8:85a3::8a2e:370:7334' : '192.0.2.17',
    act,
    about,
    text,
  };
});

export const callbacks: CallbackView[] = [
  ['waiting', 0, undefined],
  ['later', 2, 'busy'],
  ['dialling', 1, 'no-answer'],
].map(([state, tries, last], i) => ({
  callback: `b${i}`,
  queue: i % 2 ? 'complaint' : 'consult',
  caller: i === 2 ? { number: '+8613800138222' } : { number: `+861390013900${i}`, name: '赵建国' },
  lang: 'zh',
  asked: iso(1800 - i * 300),
  since: iso(1900 - i * 300),
  expires: iso(-7200),
  tries: tries as number,
  next: state === 'later' ? iso(-600) : undefined,
  last: last as CallbackView['last'],
  agent: state === 'dialling' ? 'li' : undefined,
  call: state === 'dialling' ? 'c77' : undefined,
  state: state as string,
  ticket: `20261121-000${i + 1}`,
}));
