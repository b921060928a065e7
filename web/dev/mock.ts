// Answers /api for `npm run mock` and for the screenshots. The cookie `scene` says what is to be seen; without one the
// desk is alive: go ready, and a call is offered after some seconds.
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Plugin, PreviewServer, ViteDevServer } from 'vite';
import { type WebSocket, WebSocketServer } from 'ws';
import type { Command, Me, TicketDetail } from '../src/wire';
import * as fake from './centre.ts';
import * as house from './house.ts';
import * as staffing from './staffing.ts';

const cookies = (r: IncomingMessage) =>
  Object.fromEntries((r.headers.cookie ?? '').split('; ').map((c) => c.split('=') as [string, string]));

export function mock(): Plugin {
  const edited = new Map<string, TicketDetail>();
  const ticket = (id: string) =>
    edited.get(id) ?? (id === fake.popped.id ? fake.popped : fake.tickets.find((t) => t.id === id));

  async function answer(req: IncomingMessage, res: ServerResponse): Promise<boolean> {
    const url = new URL(req.url ?? '/', 'http://mock');
    if (!url.pathname.startsWith('/api/')) return false;
    const scene = cookies(req).scene ?? '';
    const role = cookies(req).role ?? '';
    const empty = scene.includes('empty');
    const send = (body: unknown, status = 200) => {
      res.statusCode = status;
      res.setHeader('Content-Type', 'application/json');
      res.end(body === undefined ? '' : JSON.stringify(body));
      return true;
    };
    const path = url.pathname.slice('/api'.length);
    const [, room = '', id = '', part = ''] = path.split('/').map(decodeURIComponent);
    const last = room === 'staffing' ? 'x' : part;
    const what = `${req.method} ${room}${id ? '/id' : ''}${part ? `/${last}` : ''}`;
    const body = async () => {
      let text = '';
      for await (const chunk of req) text += chunk;
      return text ? JSON.parse(text) : {};
    };
    switch (what) {
      case 'GET centre':
        return send(fake.centre);
      case 'POST session': {
        const { login, password } = await body();
        if (password === 'wrong') return send({ code: 'unauthorized', message: 'no' }, 401);
        const as = login.startsWith('s') ? 'supervisor' : 'agent';
        res.setHeader('Set-Cookie', `role=${as}; Path=/`);
        return send(fake.profile(as));
      }
      case 'DELETE session':
        res.setHeader('Set-Cookie', 'role=; Path=/; Max-Age=0');
        return send(undefined, 204);
      case 'GET me':
        return role
          ? send(fake.profile(role as 'agent', scene.includes('long')))
          : send({ code: 'unauthorized', message: 'sign in' }, 401);
      case 'GET tickets': {
        if (scene.includes('away'))
          return send({ code: 'unavailable', message: 'The archive is away.' }, 503);
        const list = url.searchParams.get('list');
        return send({
          tickets: empty
            ? []
            : fake.tickets.filter(
                (t) => list === 'all' || (t.state === 'open' && (list === 'open' || t.owner === 'li')),
              ),
        });
      }
      case 'GET tickets/id': {
        if (scene) edited.delete(id); // pictures begin anew each time
        const t = ticket(id);
        return t ? send(t) : send({ code: 'not-found', message: 'no' }, 404);
      }
      case 'PATCH tickets/id': {
        const t = ticket(id);
        if (!t) return send({ code: 'not-found', message: 'no' }, 404);
        const { version, do: op, ...typed } = await body();
        if (scene.includes('conflict')) {
          const current = { ...t, happened: '对方写的版本。', version: version + 1, edited_by: 'wang' };
          return send({ code: 'conflict', message: 'changed', fields: ['happened'], current }, 409);
        }
        if (scene.includes('delayed')) return send({ id, version, delayed: true }, 202);
        const next = { ...t, ...typed, version: t.version + 1 };
        if (op) next.state = op === 'close' ? 'closed' : 'open';
        edited.set(id, next);
        return send(next);
      }
      case 'GET history':
        return send({
          number: url.searchParams.get('number'),
          calls: empty ? [] : fake.calls.slice(0, 4),
          tickets: empty ? [] : fake.tickets.slice(0, 2),
          calls_total: empty ? 0 : 7,
          tickets_total: empty ? 0 : 2,
        });
      case 'GET calls':
        if (scene.includes('away'))
          return send({ code: 'unavailable', message: 'The archive is away.' }, 503);
        return send({ calls: empty ? [] : fake.calls, next: '' });
      case 'GET calls/id':
        if (scene.includes('refused')) return send({ code: 'forbidden', message: 'not yours' }, 403);
        if (scene.includes('gone')) return send({ code: 'not-found', message: 'no' }, 404);
        return send(fake.callDetail(id));
      case 'GET callbacks':
        return send({ callbacks: empty ? [] : house.callbacks });
      case 'GET accounts':
        return send({ accounts: empty ? house.accounts.slice(0, 1) : house.accounts });
      case 'GET audit':
        return send({ entries: empty ? [] : house.audit, next: empty ? '' : 'x' });
      case 'POST accounts/id/password':
        return send({ password: 'k7mw-p3xq-9hvd' });
      case 'DELETE accounts/id/sessions':
        return send(undefined, 204);
      case 'GET messages':
        if (scene.includes('away'))
          return send({ code: 'unavailable', message: 'The archive is away.' }, 503);
        return send({
          messages: empty || url.searchParams.get('done') === 'true' ? [] : fake.messages,
        });
      case 'PUT announcements/id':
      case 'POST agents/id/commands':
        return send(undefined, 204);
      case 'POST messages/id/done':
      case 'DELETE messages/id/done':
        return send(undefined, 204);
      case 'GET recordings/id/peaks':
        return send(fake.peaks(24));
      case 'GET recordings/id/audio':
        res.setHeader('Content-Type', 'audio/wav');
        res.end(silence(24));
        return true;
      case 'GET staffing/id':
        return send(id === 'scenarios' ? staffing.scenarios : staffing.centre(empty));
      case 'POST staffing/id': {
        const asked = await body();
        if (id === 'trials') return send(staffing.begin(asked), 202);
        const wrong = asked.text.includes('lenght');
        return wrong
          ? send(
              {
                code: 'bad-request',
                message: 'line 3: field lenght not found in type sim.Scenario',
                place: 'text',
              },
              400,
            )
          : send(staffing.sketch(empty, scene.includes('hopeless')));
      }
      case 'GET staffing/id/x':
        setTimeout(
          () => send(staffing.trial(scene, Number(url.searchParams.get('after')))),
          scene.includes('running') && url.searchParams.get('after') !== '0' ? 60_000 : 30,
        );
        return true;
      case 'DELETE staffing/id/x':
        return send(undefined, 204);
      case 'POST phone':
        return send({ sdp: 'v=0', session: 's1' });
      case 'DELETE phone/id':
        return send(undefined, 204);
      case 'POST visitor':
        return send({ sdp: 'v=0', token: 'v1' });
      case 'GET visitor/id': {
        const after = Number(url.searchParams.get('after'));
        const phases = ['listening', 'waiting', 'talking'];
        if (after >= 3 || (after > 0 && scene !== '')) return true; // hangs, like a long poll
        setTimeout(
          () => send({ seq: after + 1, phase: phases[after], since: fake.iso() }),
          after === 0 ? 50 : 5000,
        );
        return true;
      }
      case 'POST visitor/id/hangup':
        return send(undefined, 204);
      default:
        return send({ code: 'not-found', message: what }, 404);
    }
  }

  function talk(ws: WebSocket, req: IncomingMessage) {
    const scene = cookies(req).scene ?? '';
    const seqs: Record<string, number> = {};
    let me: Me = scene ? fake.me(scene) : { ...fake.me('not-ready'), reason: undefined, since: fake.iso() };
    const timers = new Set<ReturnType<typeof setTimeout>>();
    const send = (topic: string, type: string, data: unknown) => {
      seqs[topic] = (seqs[topic] ?? 0) + 1;
      ws.send(JSON.stringify({ v: 1, topic, epoch: 'mock', seq: seqs[topic], type, data }));
    };
    const tell = (next: Partial<Me>) => {
      me = { ...me, offer: undefined, ...next, since: fake.iso() };
      send('me', 'delta', me);
    };
    const later = (ms: number, f: () => void) => timers.add(setTimeout(f, ms));
    const ready = () => {
      tell({ state: 'ready', call: undefined, wrap_up: undefined, reason: undefined });
      later(4000, () => me.state === 'ready' && tell({ state: 'offered', offer: fake.me('offer').offer }));
    };
    const act = (c: Command) => {
      const call = me.call;
      switch (c.do) {
        case 'ready':
          return ready();
        case 'not-ready':
          return call ? tell({ pending: c.reason }) : tell({ state: 'not-ready', reason: c.reason });
        case 'accept':
          return tell({
            state: 'talking',
            call: { ...(fake.me('call').call as NonNullable<Me['call']>), connected: fake.iso() },
          });
        case 'reject':
          return tell({ state: 'not-ready' });
        case 'hold':
          return call && tell({ state: 'held', call: { ...call, held_since: fake.iso() } });
        case 'retrieve':
          return call && tell({ state: 'talking', call: { ...call, held_since: undefined } });
        case 'end':
        case 'transfer':
          return call && tell({ ...fake.me('wrap'), call: { ...call, ended: fake.iso() } });
        case 'wrap-up-done':
          return ready();
        case 'take-phone':
          return tell({ other_tab: false });
      }
    };
    ws.on('message', (text) => {
      const m = JSON.parse(String(text));
      if (m.type === 'ping' && !scene.includes('stale')) ws.send(JSON.stringify({ v: 1, type: 'pong' }));
      if (m.type === 'command') {
        ws.send(JSON.stringify({ v: 1, type: 'reply', id: m.id, data: { ok: true } }));
        act(m.data);
      }
      if (m.type !== 'subscribe') return;
      const empty = scene.includes('empty');
      if (m.topic === 'me') send('me', 'snapshot', me);
      if (m.topic === 'lists')
        send('lists', 'snapshot', {
          messages: empty ? 0 : 5,
          callbacks: 0,
          open: empty ? 0 : 10,
          version: 1,
        });
      if (m.topic === 'board') {
        send('board', 'snapshot', fake.board(empty));
        if (!scene.includes('stale'))
          timers.add(setInterval(() => send('board', 'delta', { at: fake.iso() }), 1000));
      }
    });
    ws.on('close', () => {
      for (const t of timers) clearTimeout(t);
    });
  }

  const serve = (server: ViteDevServer | PreviewServer) => {
    server.middlewares.use((req, res, next) => {
      answer(req, res).then((done) => done || next(), next);
    });
    const sockets = new WebSocketServer({ noServer: true });
    server.httpServer?.on('upgrade', (req, socket, head) => {
      if (req.url?.startsWith('/api/ws')) sockets.handleUpgrade(req, socket, head, (ws) => talk(ws, req));
    });
  };
  return { name: 'mock', configureServer: serve, configurePreviewServer: serve };
}

function silence(seconds: number): Buffer {
  const n = seconds * 8000;
  const b = Buffer.alloc(44 + n, 0x80);
  b.write('RIFF', 0);
  b.writeUInt32LE(36 + n, 4);
  b.write('WAVEfmt ', 8);
  b.writeUInt32LE(16, 16);
  b.writeUInt16LE(1, 20);
  b.writeUInt16LE(1, 22);
  b.writeUInt32LE(8000, 24);
  b.writeUInt32LE(8000, 28);
  b.writeUInt16LE(1, 32);
  b.writeUInt16LE(8, 34);
  b.write('data', 36);
  b.writeUInt32LE(n, 40);
  return b;
}
