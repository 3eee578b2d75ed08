// GraphQL over WebSocket with the client that most programs use: npm `graphql-ws`.

import assert from 'node:assert/strict';
import { after, before } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';

import { createClient } from 'graphql-ws';
import WebSocket from 'ws';

import { follow, TAIL } from './support/follow.js';
import { Server, testsOf } from './support/server.js';
import { Wire } from './support/wire.js';

let server;
before(async () => (server = await Server.start()));
after(() => server.stop());
const test = testsOf(() => server);

/** A client that gives its token, and comes back at once after a cut. */
function client(options = {}) {
  return createClient({
    url: server.socketUrl,
    webSocketImpl: WebSocket,
    connectionParams: () => ({ authorization: server.authorization }),
    retryWait: async () => {},
    ...options,
  });
}

/** The answers to an operation, or what its sink is given as the error. */
function answers(client, query) {
  return new Promise((resolve, reject) => {
    const all = [];
    client.subscribe(
      { query },
      { next: (answer) => all.push(answer), error: reject, complete: () => resolve(all) },
    );
  });
}

test('a query is answered once and completed', async () => {
  const ours = client();
  assert.deepEqual(await answers(ours, '{ me { username } }'), [
    { data: { me: { username: 'admin' } } },
  ]);
  await ours.dispose();
});

test('a tail that is cut goes on after its cursor: each line once, in order', async () => {
  const wire = await Wire.to(server.port);
  const ours = client({
    url: `ws://127.0.0.1:${wire.port}/graphql`,
    shouldRetry: () => true,
  });
  await follow(ours, server, wire);
  await ours.dispose();
  wire.close();
});

test('a document that cannot run is an error, and the socket stays open', async () => {
  const closed = [];
  const ours = client({ lazy: false, on: { closed: (event) => closed.push(event) } });
  await assert.rejects(answers(ours, '{ nothing }'), (errors) => {
    assert.equal(errors[0].extensions.code, 'BAD_USER_INPUT');
    return true;
  });
  const [answer] = await answers(ours, '{ me { username } }');
  assert.equal(answer.data.me.username, 'admin');
  assert.deepEqual(closed, []);
  await ours.dispose();
});

test('an error of a field comes beside its data', async () => {
  const ours = client();
  const [answer] = await answers(ours, '{ logs(first: 1001) { edges { cursor } } }');
  assert.equal(answer.data.logs, null);
  assert.equal(answer.errors[0].extensions.code, 'BAD_USER_INPUT');
  await ours.dispose();
});

test('who is not let in is told so by the code of the close', async () => {
  for (const connectionParams of [{}, { authorization: 'Bearer nonsense' }]) {
    const ours = client({ connectionParams, retryAttempts: 0 });
    await assert.rejects(answers(ours, '{ me { username } }'), (event) => event.code === 4403);
    await ours.dispose();
  }
});

test('a tail that its client ends is over on the server too', async () => {
  const ours = client();
  const tail = ours.iterate({ query: TAIL, variables: { after: null } });
  await tail.next();
  await tail.return();
  // The client closes the socket with its last operation.
  const open = async () => {
    const page = await (await fetch(`${server.origin}/metrics`)).text();
    return page.match(/^tailwater_tails (\d+)$/m)?.[1];
  };
  while ((await open()) !== '0') await pause(10);
});
