// GraphQL over HTTP, held to the audits of npm `graphql-http`.

import assert from 'node:assert/strict';
import { after, before } from 'node:test';

import { serverAudits } from 'graphql-http';

import { Server, testsOf } from './support/server.js';

let server;
before(async () => (server = await Server.start()));
after(() => server.stop());
const test = testsOf(() => server);

/** `fetch` with the admin's token. */
function signedIn(url, options = {}) {
  const headers = { ...options.headers, authorization: server.authorization };
  return fetch(url, { ...options, headers });
}

test('every audit of graphql-http is ok', async () => {
  const audits = serverAudits({ url: () => server.url, fetchFn: signedIn });
  assert.equal(audits.length, 61);
  const complaints = [];
  for (const audit of audits) {
    const result = await audit.fn();
    if (result.status !== 'ok') {
      complaints.push(`${result.id} ${result.status}: ${result.name}: ${result.reason}`);
    }
  }
  assert.deepEqual(complaints, []);
});

test('a preferred media type is answered in, one that nobody speaks is refused', async () => {
  const body = JSON.stringify({ query: '{ me { username } }' });
  const ask = (accept) =>
    signedIn(server.url, {
      method: 'POST',
      headers: { 'content-type': 'application/json', accept },
      body,
    });
  const ours = 'application/graphql-response+json';
  for (const [accept, type] of [
    [`application/json;q=0.5, ${ours}`, ours],
    [`application/json, ${ours};q=0.5`, 'application/json'],
    [`${ours};q=0, */*`, 'application/json'],
    ['application/*', 'application/json'],
    ['text/html, */*;q=0.1', 'application/json'],
  ]) {
    const answer = await ask(accept);
    assert.equal(answer.status, 200, accept);
    assert.equal(answer.headers.get('content-type').split(';')[0], type, accept);
    assert.deepEqual(await answer.json(), { data: { me: { username: 'admin' } } });
  }
  for (const accept of ['text/html', `${ours};q=0`]) {
    assert.equal((await ask(accept)).status, 406, accept);
  }
});

test('a mutation is not run by GET', async () => {
  const url = new URL(server.url);
  url.searchParams.set('query', 'mutation { endSessions(keepThis: true) }');
  const answer = await signedIn(url);
  assert.equal(answer.status, 405);
  assert.match(answer.headers.get('allow'), /POST/);
});

test('a token that is not good is answered with 401, and no token with an error', async () => {
  const ask = (headers) =>
    fetch(server.url, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body: JSON.stringify({ query: '{ me { username } }' }),
    });
  const refused = await ask({ authorization: 'Bearer nonsense' });
  assert.equal(refused.status, 401);
  const { data, errors } = await refused.json();
  assert.equal(data, undefined);
  assert.equal(errors[0].extensions.code, 'UNAUTHENTICATED');
  const anonymous = await (await ask({})).json();
  assert.equal(anonymous.errors[0].extensions.code, 'UNAUTHENTICATED');
});
