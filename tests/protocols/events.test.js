// GraphQL over server-sent events with the client that most programs use: npm `graphql-sse`.

import assert from 'node:assert/strict';
import { after, before } from 'node:test';

import { createClient } from 'graphql-sse';

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
    url: server.url,
    headers: () => ({ authorization: server.authorization }),
    retry: async () => {},
    ...options,
  });
}

/** Every answer to an operation. */
async function answers(client, query) {
  const all = [];
  for await (const answer of client.iterate({ query })) all.push(answer);
  return all;
}

test('a query is answered once and completed', async () => {
  const ours = client();
  assert.deepEqual(await answers(ours, '{ me { username } }'), [
    { data: { me: { username: 'admin' } } },
  ]);
  ours.dispose();
});

test('a tail that is cut goes on after its cursor: each line once, in order', async () => {
  const wire = await Wire.to(server.port);
  const ours = client({ url: `http://127.0.0.1:${wire.port}/graphql` });
  await follow(ours, server, wire);
  ours.dispose();
  wire.close();
});

test('an error of a field comes beside its data', async () => {
  const ours = client();
  const [answer] = await answers(ours, '{ logs(first: 1001) { edges { cursor } } }');
  assert.equal(answer.data.logs, null);
  assert.equal(answer.errors[0].extensions.code, 'BAD_USER_INPUT');
  ours.dispose();
});

test('a wrong cursor ends a tail with an error', async () => {
  const ours = client();
  const tail = ours.iterate({ query: TAIL, variables: { after: 'nonsense' } });
  const { value: answer } = await tail.next();
  assert.equal(answer.errors[0].extensions.code, 'BAD_USER_INPUT');
  assert.equal((await tail.next()).done, true);
  ours.dispose();
});

test('who is not let in is told so by the status', async () => {
  const ours = client({ headers: { authorization: 'Bearer nonsense' }, retryAttempts: 0 });
  await assert.rejects(answers(ours, '{ me { username } }'), (error) => error.response.status === 401);
  ours.dispose();
});
