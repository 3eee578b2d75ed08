// A tail that is followed through a wire that breaks.

import assert from 'node:assert/strict';

export const TAIL = `subscription ($after: String) {
  tail(after: $after) { cursor logs { id message } } }`;

const LINES = 3_000;
const CUTS = 5;

/**
 * Follows a tail with a client of `graphql-ws` or `graphql-sse` while lines flow and the wire is
 * cut, and asserts that every line comes once and in order. Both clients send the operation
 * again when they come back, and the operation names the cursor of the last batch.
 */
export async function follow(client, server, wire) {
  const variables = { after: null };
  const got = [];
  let started;
  const begun = new Promise((resolve) => (started = resolve));
  const done = new Promise((resolve, reject) => {
    const next = ({ data, errors }) => {
      if (errors) return reject(new Error(JSON.stringify(errors)));
      variables.after = data.tail.cursor;
      got.push(...data.tail.logs);
      started();
      if (got.length >= LINES) resolve();
    };
    const complete = () => reject(new Error('the tail was completed'));
    client.subscribe({ query: TAIL, variables }, { next, error: reject, complete });
  });
  await Promise.race([begun, done]);
  for (let piece = 0; piece < CUTS; piece += 1) {
    await server.send((piece * LINES) / CUTS, ((piece + 1) * LINES) / CUTS);
    wire.cut();
  }
  await done;
  const first = Number(got[0].id);
  got.forEach((log, n) => {
    assert.deepEqual(log, { id: String(first + n), message: `line ${n}` });
  });
  assert.equal(got.length, LINES);
}
