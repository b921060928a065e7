// The fake centre: names, callers, tickets and figures for the mock server. Nothing here is random twice.
import type {
  Board,
  BoardAgent,
  BoardQueue,
  CallDetail,
  CentreInfo,
  Figures,
  HistoryCall,
  Me,
  Message,
  Minute,
  Profile,
  Recording,
  Ticket,
  TicketDetail,
} from '../src/wire';

export const now = () => Date.now();
export const iso = (secondsAgo = 0) => new Date(now() - secondsAgo * 1000).toISOString();

let seed = 7;
export function random(): number {
  seed = (seed * 16807) % 2147483647;
  return seed / 2147483647;
}
const pick = <T>(list: readonly T[]): T => list[Math.floor(random() * list.length)] as T;

export const centre: CentreInfo = {
  name: { zh: '临江市民热线 12345', en: 'Linjiang City Hotline 12345' },
  languages: ['zh', 'en'],
  timezone: 'Asia/Shanghai',
  line: '12345',
  hours: {
    zh: '周一至周五 08:30 – 17:30\n法定节假日休息，可留言',
    en: 'Monday to Friday 08:30 – 17:30\nClosed on public holidays; leave a message',
  },
  caller_page: true,
};

export const people: [string, string, string[], string?][] = [
  ['li', '李娜', ['consult', 'complaint'], 'Li Na'],
  ['wang', '王强', ['consult', 'complaint'], 'Wang Qiang'],
  ['zhang', '张敏', ['complaint'], 'Zhang Min'],
  ['chen', '陈静', ['consult', 'english'], 'Chen Jing'],
  ['zhao', '赵磊', ['consult'], 'Zhao Lei'],
  ['liu', '刘洋', ['consult', 'complaint'], 'Liu Yang'],
  ['sun', '孙丽', ['complaint'], 'Sun Li'],
  ['smith', 'Anna Smith', ['english']],
];

const staff = {
  agent: { login: 'li', name: '李娜', names: { zh: '李娜', en: 'Li Na' } },
  supervisor: { login: 'zhou', name: '周梅', names: { zh: '周梅', en: 'Zhou Mei' } },
  admin: { login: 'root', name: 'root', names: undefined },
};
const longNames = {
  zh: '临江市人民政府政务服务便民热线与城市运行管理联动指挥中心 12345',
  en: 'Linjiang Municipal Government Services and City Operations Hotline 12345',
};

export const profile = (role: keyof typeof staff, long = false): Profile => ({
  ...staff[role],
  role,
  agent: role === 'agent' ? 'li' : undefined,
  centre: long ? { ...centre, name: longNames } : centre,
  queues: [
    { queue: 'consult', title: { zh: '咨询', en: 'Questions' }, threshold: 20, target: 0.85, formula: 'SL3' },
    {
      queue: 'complaint',
      title: { zh: '投诉', en: 'Complaints' },
      threshold: 20,
      target: 0.85,
      formula: 'SL3',
    },
    { queue: 'english', title: { zh: '英语', en: 'English' }, threshold: 30, target: 0.8, formula: 'SL2' },
  ],
  not_ready: [
    { reason: 'break', title: { zh: '小休', en: 'Break' }, limit: 900, at_once: 2 },
    { reason: 'lunch', title: { zh: '用餐', en: 'Lunch' }, limit: 2700 },
    { reason: 'training', title: { zh: '培训', en: 'Training' } },
    { reason: 'meeting', title: { zh: '会议', en: 'Meeting' } },
  ],
  skills: ['consult', 'complaint', 'english'],
  lists: [{ list: 'deputies', title: { zh: '人大代表', en: 'Deputies' } }],
  agents: people.map(([agent, name, queues, en], i) => ({
    agent,
    name,
    names: { zh: name, en: en ?? name },
    queues,
    state: ['talking', 'ready', 'wrap-up', 'talking', 'ready', 'not-ready', 'held', 'signed-out'][i],
  })),
  categories: ['consult', 'complaint', 'report', 'help', 'suggestion', 'praise', 'other'],
  grades: ['grievance', 'class-2', 'class-1', 'major'],
});

const texts: [string, string, Ticket['category']][] = [
  [
    '小区楼下施工队每天凌晨五点开始作业，噪音很大，老人无法休息。',
    '要求限定施工时间，并有人到现场查看。',
    'complaint',
  ],
  ['询问办理居住证需要哪些材料，可否网上预约。', '告知流程。', 'consult'],
  ['解放路与人民路交叉口路灯已坏一周，夜间行人过街危险。', '尽快修复。', 'help'],
  ['反映某餐馆后厨垃圾倒入下水道，气味严重。', '希望执法部门查处并回复。', 'report'],
  ['建议 18 路公交早高峰增加班次。', '转交公交公司研究。', 'suggestion'],
  ['表扬城东派出所民警帮助找回走失老人。', '转达感谢。', 'praise'],
  ['Asked how to register a foreign guest staying at home.', 'Send the list of documents.', 'consult'],
  ['自来水连续两天浑浊，无法饮用。', '检测水质并说明原因。', 'complaint'],
];
const names = ['赵建国', '钱秀英', '孙志强', '', '周桂兰', '吴刚', '', '郑华'];
const regions = ['城东区', '城西区', '高新区', '江北区'];
const number = (i: number) => `+861${38 + (i % 5)}${String(10000000 + ((i * 7919) % 89999999)).slice(0, 8)}`;

export const tickets: TicketDetail[] = Array.from({ length: 26 }, (_, i) => {
  const [happened, asked, category] = texts[i % texts.length] as (typeof texts)[number];
  const id = `20261121-${String(41 - i).padStart(4, '0')}`;
  return {
    id,
    version: 3,
    state: i % 4 === 3 ? 'closed' : 'open',
    opened: iso(600 + i * 2700),
    channel: i % 6 === 5 ? 'message' : i % 5 === 4 ? 'browser' : 'phone',
    queue: 'complaint',
    owner: i % 2 ? 'wang' : 'li',
    call: `c${i + 1}`,
    name: names[i % names.length] as string,
    number: number(i),
    address: `${pick(regions)}解放路 ${i + 3} 号`,
    region: pick(regions),
    category,
    grade: i % 3 === 0 ? 'grievance' : '',
    happened,
    asked,
    edited: iso(300 + i * 2600),
    edited_by: 'li',
    calls: [call(i + 1)],
    recordings: [recording(`r${i + 1}`, `c${i + 1}`)],
    timeline: [
      {
        version: 2,
        at: iso(500 + i * 2700),
        by: 'li',
        fields: [{ field: 'category', from: '', to: category }],
      },
      {
        version: 3,
        at: iso(400 + i * 2700),
        by: 'li',
        fields: [
          { field: 'happened', from: '', to: happened },
          { field: 'asked', from: '', to: asked },
        ],
      },
    ],
  };
});

export function call(i: number): HistoryCall {
  const ending =
    (['caller', 'agent', 'caller', 'abandoned', 'message', 'caller', 'ivr-hangup'] as const)[i % 7] ??
    'caller';
  const talked = ending === 'caller' || ending === 'agent';
  return {
    call: `c${i}`,
    line: '12345',
    via: i % 5 === 4 ? 'browser' : 'sip',
    caller:
      i % 9 === 8
        ? { withheld: true }
        : { number: number(i), name: names[i % names.length], region: pick(regions) },
    lang: i % 7 === 6 ? 'en' : 'zh',
    arrived: iso(400 + i * 740),
    answered: iso(399 + i * 740),
    ended: iso(400 + i * 740 - 240),
    ending,
    queue: ending === 'ivr-hangup' ? undefined : (['consult', 'complaint'] as const)[i % 2],
    agent: talked ? (i % 3 ? 'li' : 'wang') : undefined,
    waited: 4 + ((i * 13) % 40),
    talked: talked ? 90 + ((i * 37) % 300) : 0,
    tickets: talked ? [`20261121-${String(41 - (i % 30)).padStart(4, '0')}`] : [],
    recorded: talked,
  };
}

export const calls: HistoryCall[] = Array.from({ length: 60 }, (_, i) => call(i + 1));

export function recording(id: string, of: string): Recording {
  return {
    recording: id,
    call: of,
    kind: 'talk',
    began: iso(900),
    state: 'ready',
    duration: 24,
    bytes: 90000,
    channels: 2,
    agents: ['li', 'wang'],
  };
}

export function callDetail(id: string): CallDetail {
  const base = calls.find((c) => c.call === id) ?? call(1);
  const t = (s: number) => new Date(Date.parse(base.arrived) + s * 1000).toISOString();
  return {
    ...base,
    call: id,
    ended: t(318),
    ending: 'caller',
    agent: 'wang',
    waited: 47,
    talked: 214,
    path: path(),
    visits: [
      {
        visit: 'v1',
        queue: 'complaint',
        from: 'flow',
        began: t(31),
        ended: t(63),
        outcome: 'answered',
        waited: 32,
        offers: [
          {
            offer: 'o1',
            agent: 'zhang',
            reason: 'complaint 8 ≥ 5',
            made: t(33),
            ended: t(48),
            result: 'missed',
          },
          {
            offer: 'o2',
            agent: 'li',
            reason: 'complaint 6 ≥ 5, idle 3m12s',
            made: t(49),
            ended: t(62),
            result: 'accepted',
          },
        ],
      },
      {
        visit: 'v2',
        queue: 'consult',
        from: 'transfer',
        began: t(190),
        ended: t(205),
        outcome: 'answered',
        waited: 15,
        agent: 'wang',
        offers: [
          {
            offer: 'o3',
            agent: 'wang',
            reason: 'asked for',
            made: t(191),
            ended: t(204),
            result: 'accepted',
          },
        ],
      },
    ],
    talks: [
      {
        talk: 't1',
        visit: 'v1',
        queue: 'complaint',
        agent: 'li',
        began: t(63),
        ended: t(190),
        how: 'transferred',
        talked: 101,
        held: 26,
        holds: [{ from: t(120), to: t(146) }],
      },
      {
        talk: 't2',
        visit: 'v2',
        queue: 'consult',
        agent: 'wang',
        began: t(205),
        ended: t(318),
        how: 'caller',
        talked: 113,
        held: 0,
        holds: [],
      },
    ],
    messages: [],
    recordings: [recording('r1', id)],
    marks: [
      { at: t(0), kind: 'call.arrived' },
      { at: t(0.4), kind: 'call.answered' },
      { at: t(12), kind: 'flow.stepped', text: '1' },
      { at: t(24), kind: 'flow.stepped', text: '2' },
      { at: t(31), kind: 'visit.began', queue: 'complaint' },
      { at: t(33), kind: 'offer.made', agent: 'zhang' },
      { at: t(48), kind: 'offer.ended', agent: 'zhang', text: 'missed' },
      { at: t(49), kind: 'offer.made', agent: 'li' },
      { at: t(62), kind: 'offer.ended', agent: 'li', text: 'accepted' },
      { at: t(63), kind: 'talk.began', agent: 'li', queue: 'complaint' },
      { at: t(63), kind: 'ticket.opened', text: '20261121-0041' },
      { at: t(120), kind: 'talk.held', agent: 'li' },
      { at: t(146), kind: 'talk.retrieved', agent: 'li' },
      { at: t(190), kind: 'talk.transferred', agent: 'li' },
      { at: t(205), kind: 'talk.began', agent: 'wang' },
      { at: t(318), kind: 'talk.ended', agent: 'wang', text: 'caller' },
      { at: t(318), kind: 'call.ended', text: 'caller' },
    ],
  };
}

export const messages: Message[] = Array.from({ length: 5 }, (_, i) => ({
  message: `m${i + 1}`,
  call: `c${i + 40}`,
  ticket: `20261121-000${i + 1}`,
  queue: 'complaint',
  category: i % 2 ? 'complaint' : 'help',
  caller: { number: number(i + 50), name: names[i], region: pick(regions) },
  left: iso(43000 - i * 5200),
  duration: 18 + i * 11,
  recording: i === 4 ? 'fetching' : 'ready',
}));

export const path = () => [
  { node: 'language', key: '1', label: '中文' },
  { node: 'menu', key: '2', label: '投诉' },
];

const caller = { number: '+8613800138000', name: '赵建国', region: '城东区' };

/** The agent's view in each of the scenes. */
export function me(scene: string): Me {
  const day = scene.includes('empty')
    ? { answered: 0, missed: 0, aht: 0, talk: 0, ready: 0 }
    : { answered: 41, missed: 1, aht: 370, talk: 11520, ready: 5230 };
  const base: Me = {
    agent: 'li',
    state: 'ready',
    since: iso(192),
    desk: true,
    media: true,
    leg: true,
    day,
    other_tab: false,
  };
  const call = {
    call: 'now',
    queue: 'complaint',
    line: '12345',
    via: 'sip',
    caller,
    lang: 'zh',
    path: path(),
    ticket: '20261121-0042',
    arrived: iso(198),
    entered: iso(179),
    connected: iso(161),
    recording: true,
  };
  if (scene.includes('not-ready')) return { ...base, state: 'not-ready', reason: 'break', since: iso(860) };
  if (scene.includes('line')) return { ...base, line: { reason: 'break', place: 2, since: iso(95) } };
  const phone = { phone: 'PJSIP/1001', in_use: true, resting: false };
  if (scene.includes('phone-rings')) return { ...base, state: 'not-ready', leg: false, media: false, phone };
  if (scene.includes('phone-rests'))
    return {
      ...base,
      state: 'not-ready',
      leg: false,
      media: false,
      phone: { ...phone, resting: true, why: 'hung-up' },
    };
  if (scene.includes('phone-call')) return { ...base, state: 'talking', since: iso(161), call, phone };
  if (scene.includes('other-tab')) return { ...base, other_tab: true };
  if (scene.includes('offer'))
    return {
      ...base,
      state: 'offered',
      since: iso(2),
      offer: {
        offer: 'o1',
        call: 'now',
        queue: 'complaint',
        caller,
        lang: 'zh',
        path: path(),
        why: 'complaint 8 ≥ 5, VIP list deputies: +10, idle 3m12s, longest of 4; not wang: break',
        because: {
          strategy: 'longest-idle',
          of: 4,
          idle: 192,
          skills: [{ skill: 'complaint', has: 8, needs: 5 }],
          boosts: [{ list: 'deputies', points: 10 }],
          not: [{ agent: 'wang', why: 'break' }],
        },
        entered: iso(18),
        until: iso(-13),
      },
    };
  if (scene.includes('held'))
    return { ...base, state: 'held', since: iso(24), call: { ...call, held_since: iso(24) } };
  if (scene.includes('wrap'))
    return {
      ...base,
      state: 'wrap-up',
      since: iso(17),
      call: { ...call, ended: iso(17) },
      wrap_up: { call: 'now', ticket: '20261121-0042', since: iso(17), until: iso(-43), extensions: 2 },
    };
  if (scene.includes('call')) return { ...base, state: 'talking', since: iso(161), call };
  return base;
}

/** The ticket that pops with the scene's call. */
export const popped: TicketDetail = {
  ...(tickets[0] as TicketDetail),
  id: '20261121-0042',
  version: 1,
  opened: iso(161),
  call: 'now',
  name: '赵建国',
  number: '+8613800138000',
  region: '城东区',
  address: '',
  category: '',
  grade: '',
  happened: '',
  asked: '',
  timeline: [],
  recordings: [],
  calls: [],
};

function figures(
  offered: number,
  answered: number,
  within: number,
  threshold: number,
  formula: string,
  target = 0.85,
): Figures {
  const abandoned = offered - answered - Math.floor(offered / 60);
  const done = answered + abandoned;
  return {
    offered,
    answered,
    answered_within: within,
    abandoned,
    messages: Math.floor(offered / 60),
    overflowed: 0,
    answer_rate: offered ? answered / offered : null,
    service_level: done ? within / done : null,
    formula,
    threshold,
    target,
    asa: answered ? 11 : null,
    aht: answered ? 371 : null,
    told: Math.floor(answered / 8),
    expected_off: answered ? 24 : null,
    expected_late: answered ? -9 : null,
    callbacks_promised: 0,
    callbacks_reached: 0,
    callbacks_unreached: 0,
    callbacks_expired: 0,
    callbacks_open: 0,
    callback_wait: null,
  };
}

export function board(empty: boolean): Board {
  const agents: Record<string, BoardAgent> = {};
  const states: [string, number, string?, string?, number?][] = [
    ['talking', 161, 'complaint'],
    ['ready', 44],
    ['wrap-up', 12, 'consult'],
    ['talking', 402, 'english'],
    ['not-ready', 962, undefined, 'break', 900],
    ['ready', 8],
    ['held', 21, 'complaint'],
    ['signed-out', 3600],
  ];
  const line = { reason: 'break', place: 1, since: iso(30) };
  people.forEach(([agent, , queues], i) => {
    const [state, since, queue, reason, limit] = states[i] as (typeof states)[number];
    agents[agent] = {
      agent,
      state: empty ? (i < 2 ? 'not-ready' : 'signed-out') : state,
      since: iso(since),
      queue: empty ? undefined : queue,
      call: empty || !queue ? undefined : `c${i + 1}`,
      reason: empty ? undefined : reason,
      limit: empty ? undefined : limit,
      line: empty || i !== 5 ? undefined : line,
      pending: empty || i !== 3 ? undefined : 'lunch',
      queues: queues.map((q, n) => ({ queue: q, order: n + 1 })),
      skills: { consult: 5 + (i % 5), ...(i % 2 ? { complaint: 3 + i } : { english: 4 }) },
      moved: i === 1,
      phone: !empty && state !== 'signed-out',
      day: empty
        ? { answered: 0, missed: 0, aht: 0, talk: 0, ready: 0 }
        : { answered: 20 + ((i * 7) % 25), missed: i % 3, aht: 300 + i * 21, talk: 9000, ready: 4000 },
    };
  });
  const queue = (
    q: string,
    waiting: number,
    longest: number,
    f: Figures,
    counts: Record<string, number>,
  ): BoardQueue => ({
    queue: q,
    waiting: empty ? 0 : waiting,
    offering: 0,
    longest: empty || !waiting ? undefined : iso(longest),
    talking: counts.talking ?? 0,
    agents: empty ? { 'not-ready': 1, 'signed-out': 4 } : counts,
    figures: empty ? figures(0, 0, 0, f.threshold, f.formula, f.target) : f,
  });
  const minutes: Minute[] = Array.from({ length: 60 }, (_, i) => {
    const wave = 3 + 2.5 * Math.sin(i / 9) + (i > 44 ? 2 : 0);
    const arrivals = empty ? 0 : Math.max(0, Math.round(wave + ((i * 29) % 5) - 2));
    const abandoned = arrivals > 5 && i % 4 === 0 ? 1 : 0;
    return {
      at: new Date(Math.floor(now() / 60000) * 60000 - (59 - i) * 60000).toISOString(),
      arrivals,
      answered: Math.max(0, arrivals - abandoned),
      abandoned,
      service_level: empty
        ? null
        : Math.min(1, 0.93 - (i > 44 ? (i - 44) * 0.012 : 0) + ((i * 13) % 7) / 100),
      waiting: empty ? 0 : Math.max(0, Math.round(wave / 2 - 1 + (i % 3))),
    };
  });
  return {
    at: iso(),
    queues: {
      consult: queue('consult', 1, 5, figures(210, 204, 191, 20, 'SL3'), {
        talking: 1,
        ready: 2,
        'wrap-up': 1,
        'not-ready': 1,
      }),
      complaint: queue('complaint', 3, 37, figures(84, 77, 64, 20, 'SL3'), {
        talking: 1,
        held: 1,
        ready: 1,
        'wrap-up': 1,
      }),
      english: queue('english', 0, 0, figures(12, 12, 11, 30, 'SL2', 0.8), { talking: 1, 'signed-out': 1 }),
    },
    agents,
    totals: empty ? figures(0, 0, 0, 20, 'SL3') : figures(306, 293, 266, 20, 'SL3'),
    minutes,
    calls: empty
      ? { ivr: 0, waiting: 0, talking: 0, message: 0 }
      : { ivr: 3, waiting: 4, talking: 3, message: 1 },
    announcements: [
      {
        announcement: 'outage',
        on: !empty,
        since: empty ? undefined : iso(1260),
        by: empty ? undefined : 'zhou',
        by_names: { zh: '周梅', en: 'Zhou Mei' },
        title: { zh: '停电公告', en: 'Power outage' },
        text: {
          zh: '城东区因线路检修停电，预计今天十八点恢复供电，给您带来不便敬请谅解。',
          en: 'There is a power outage in the eastern district. We expect it to end at 6 p.m. today.',
        },
      },
      {
        announcement: 'busy',
        on: false,
        title: { zh: '话务繁忙提示', en: 'Many are calling' },
        text: {
          zh: '当前来电较多，等待时间可能较长。',
          en: 'Many people are calling. You may have to wait longer than usual.',
        },
      },
    ],
    alarms: empty
      ? []
      : [
          {
            id: 'a1',
            at: iso(372),
            kind: 'service-level',
            queue: 'complaint',
            level: 0.771,
            target: 0.85,
            text: '投诉队列服务水平低于 85 % 已 6 分钟',
          },
          {
            id: 'a3',
            at: iso(62),
            kind: 'overrun',
            agent: 'liu',
            reason: 'break',
            limit: 900,
            text: 'liu: break for longer than 15m0s',
          },
          {
            id: 'a2',
            at: iso(1400),
            kind: 'watchdog',
            trouble: 'projector-lag',
            by: 84,
            count: 311,
            text: 'projector-lag: the archive is 1m24s behind, 311 records',
          },
        ],
  };
}

/** A voice-like wave: two people taking turns. */
export function peaks(seconds: number) {
  const n = 600;
  const speak = (side: number) =>
    Array.from({ length: n }, (_, i) => {
      const turn = Math.floor(i / 55) % 2 === side ? 1 : 0.04;
      return turn * (0.25 + 0.6 * Math.abs(Math.sin(i * 0.9) * Math.sin(i * 0.13 + side)));
    });
  return { duration: seconds, channels: [speak(0), speak(1)] };
}
