// `graphql-transport-ws` frame by frame: what a client must not send, and how it is told.

import assert from 'node:assert/strict';
import { after, before } from 'node:test';

import WebSocket from 'ws';

import { Server, testsOf } from './support/server.js';

let server;
before(async () => (server = await Server.start()));
after(() => server.stop());
const test = testsOf(() => server);

/** An open socket whose frames are read one by one. */
class Socket {
  #frames = [];
  #waiting = [];

  static async open(protocol = 'graphql-transport-ws') {
    const socket = new Socket();
    socket.raw = new WebSocket(server.socketUrl, protocol);
    socket.raw.on('message', (text) => socket.#push(JSON.parse(text)));
    socket.raw.on('close', (code, reason) => socket.#push({ closed: code, reason }));
    await new Promise((resolve, reject) => socket.raw.on('open', resolve).on('error', reject));
    return socket;
  }

  /** One that has been acknowledged. */
  static async ready() {
    const socket = await Socket.open();
    socket.send(init());
    assert.equal((await socket.next()).type, 'connection_ack');
    return socket;
  }

  #push(frame) {
    const waiting = this.#waiting.shift();
    if (waiting) waiting(frame);
    else this.#frames.push(frame);
  }

  /** The next message, `{ closed, reason }` at the end; pings are passed over. */
  async next() {
    const frame =
      this.#frames.shift() ?? (await new Promise((resolve) => this.#waiting.push(resolve)));
    return frame.type === 'ping' ? this.next() : frame;
  }

  send(...messages) {
    for (const message of messages) {
      this.raw.send(typeof message === 'object' ? JSON.stringify(message) : message);
    }
  }

  /** Reads to the close, whose reason must be one that every client can read. */
  async closed() {
    let frame = await this.next();
    while (frame.closed === undefined) frame = await this.next();
    assert(frame.reason.length <= 123, `${frame.reason.length} bytes of reason`);
    assert(frame.reason.length > 0 || frame.closed === 1005, `${frame.closed} without a reason`);
    return frame.closed;
  }
}

const init = () => ({ type: 'connection_init', payload: { authorization: server.authorization } });
const subscribe = (id, query) => ({ type: 'subscribe', id, payload: { query } });
const tail = (id) => subscribe(id, 'subscription { tail { cursor } }');
const me = (id) => subscribe(id, '{ me { username } }');
const long = 'x'.repeat(10_000);
const longest = 'i'.repeat(256);

/** What is sent on a fresh socket, and the code that it is closed with. */
const BEFORE_INIT = [
  ['an operation', () => [tail('1')], 4401],
  ['an operation after a ping', () => [{ type: 'ping' }, me('1')], 4401],
  ['no token', () => [{ type: 'connection_init' }], 4403],
  ['a payload that is no object', () => [{ type: 'connection_init', payload: 7 }], 4400],
  [
    'a wrong token',
    () => [{ type: 'connection_init', payload: { authorization: 'Bearer no' } }],
    4403,
  ],
  [
    'a token without its scheme',
    () => [{ type: 'connection_init', payload: { authorization: server.token } }],
    4403,
  ],
  ['a second init', () => [init(), init()], 4429],
  ['text that is no JSON', () => ['hello'], 4400],
];

/** What is sent on a socket that was acknowledged, and the code that it is closed with. */
const AFTER_ACK = [
  ['an empty message', () => [''], 4400],
  ['text that is no JSON', () => [`{ "type": ${long}`], 4400],
  ['a list', () => ['[]'], 4400],
  ['null', () => ['null'], 4400],
  ['no type', () => ['{}'], 4400],
  ['an unknown type', () => [{ type: long }], 4400],
  ['a type that is no text', () => [{ type: { a: 1 } }], 4400],
  ['no id', () => [{ type: 'subscribe', payload: { query: '{ me { username } }' } }], 4400],
  ['an id that is no text', () => [{ ...tail('1'), id: 1 }], 4400],
  ['no payload', () => [{ type: 'subscribe', id: '1' }], 4400],
  ['a payload without a query', () => [{ type: 'subscribe', id: '1', payload: {} }], 4400],
  ['a query that is no text', () => [subscribe('1', 7)], 4400],
  ['a message of the server', () => [{ type: 'next', id: '1', payload: {} }], 4400],
  ['a binary frame', () => [Buffer.from('{"type":"ping"}')], 4400],
  ['the same id twice', () => [tail('same'), tail('same')], 4409],
  ['the same long id twice', () => [tail(longest), tail(longest)], 4409],
  ['an id that is too long', () => [tail(`${longest}x`)], 4400],
  ['more than the server reads', () => [subscribe('1', ' '.repeat(1 << 20))], 4400],
  ['a third init', () => [init()], 4429],
];

for (const [state, table] of [
  ['before init', BEFORE_INIT],
  ['after the acknowledgement', AFTER_ACK],
]) {
  for (const [what, messages, code] of table) {
    test(`${state}, ${what} closes the socket with ${code}`, async () => {
      const socket = await (state === 'before init' ? Socket.open() : Socket.ready());
      for (const message of messages()) {
        if (Buffer.isBuffer(message)) socket.raw.send(message);
        else socket.send(message);
      }
      const closed = await socket.closed();
      assert.equal(closed, code);
    });
  }
}

test('a client that says nothing is closed with 4408 after 10 seconds', async () => {
  const socket = await Socket.open();
  const opened = performance.now();
  assert.equal(await socket.closed(), 4408);
  const seconds = (performance.now() - opened) / 1_000;
  assert(seconds > 9 && seconds < 20, `closed after ${seconds} s`);
});

test('a document that cannot run is one `error`, and the socket stays open', async () => {
  const socket = await Socket.ready();
  for (const query of ['{', '{ nothing }', 'query A { me { id } } query B { me { id } }', '']) {
    socket.send(subscribe('1', query));
    const { type, id, payload } = await socket.next();
    assert.deepEqual([type, id], ['error', '1'], query);
    assert(payload.length > 0 && payload[0].message, query);
    assert.equal(payload[0].extensions.code, 'BAD_USER_INPUT', query);
  }
  socket.send(me('1'));
  const { type, payload } = await socket.next();
  assert.deepEqual([type, payload.data], ['next', { me: { username: 'admin' } }]);
  assert.deepEqual(await socket.next(), { type: 'complete', id: '1' });
  socket.raw.close();
  assert.equal(await socket.closed(), 1005);
});

test('an id may be used again once it is completed, by either side', async () => {
  const socket = await Socket.ready();
  socket.send(me('1'));
  assert.equal((await socket.next()).type, 'next');
  assert.equal((await socket.next()).type, 'complete');
  socket.send(tail('1'));
  assert.equal((await socket.next()).type, 'next');
  socket.send({ type: 'complete', id: '1' }, me('1'));
  let frame = await socket.next();
  while (frame.payload?.data?.tail) frame = await socket.next();
  assert.deepEqual(frame.payload.data, { me: { username: 'admin' } });
  socket.raw.close();
});

test('completing what is not there, and a pong nobody asked for, are let pass', async () => {
  const socket = await Socket.ready();
  socket.send({ type: 'complete', id: 'no such' }, { type: 'pong' }, { type: 'ping' });
  assert.equal((await socket.next()).type, 'pong');
  socket.raw.close();
});

test('a ping is answered before init too', async () => {
  const socket = await Socket.open();
  socket.send({ type: 'ping', payload: { a: 1 } });
  assert.equal((await socket.next()).type, 'pong');
  socket.raw.close();
});

test('operations of one socket run side by side', async () => {
  const socket = await Socket.ready();
  socket.send(tail('1'), tail('2'), me('3'));
  const ended = new Set();
  const seen = new Set();
  while (seen.size < 3 || !ended.has('3')) {
    const { type, id } = await socket.next();
    (type === 'complete' ? ended : seen).add(id);
  }
  assert.deepEqual([...ended], ['3']);
  socket.raw.close();
});

test('a socket that speaks another protocol is not opened', async () => {
  for (const protocol of ['graphql-ws', 'nonsense', []]) {
    const opened = await Socket.open(protocol).catch((error) => error.message);
    assert.match(String(opened), /response: 400/);
  }
});
