/** An hour of a shop, as lines: calm traffic, and a database that stalls for some minutes. The same each time, apart from
 * when it was. */
import { MINUTE, type Line } from "../e2e/lines.ts";

const HOUR = 60 * MINUTE;
/** When the database stalls, and for how long; counted from the beginning of the hour. */
const STALLS_AT = 38 * MINUTE;
const STALLS_FOR = 6 * MINUTE;

/** So many lines over the last hour, the oldest first. */
export function story(count: number, seed = 7): readonly Line[] {
  const next = chance(seed);
  const pick = <Item>(items: readonly Item[]): Item => items[Math.floor(next() * items.length)]!;
  const moments = Array.from({ length: count }, () => {
    const busier = next() < 0.22;
    return busier ? STALLS_AT + next() * STALLS_FOR : next() * HOUR;
  });
  return moments.toSorted((one, other) => one - other).map((at) => {
    const stalls = at >= STALLS_AT && at < STALLS_AT + STALLS_FOR;
    const teller = stalls && next() < 0.45 ? pick(TROUBLE) : pick(CALM);
    return { ...teller({ pick, number: (least, most) => Math.floor(least + next() * (most - least + 1)) }), ago: HOUR - at };
  });
}

/** What a line is made of. */
interface Chance {
  readonly pick: <Item>(items: readonly Item[]) => Item;
  readonly number: (least: number, most: number) => number;
}

type Teller = (chance: Chance) => Line;

const PATHS = ["/", "/cart", "/search?q=lamp", "/api/v1/orders", "/api/v1/items/4471", "/static/app.css", "/healthz"];
const CUSTOMERS = ["c-1042", "c-1177", "c-1350", "c-2001", "c-2210"];

const nginx: Teller = ({ pick, number }) => {
  const [path, status, took] = [pick(PATHS), pick([200, 200, 200, 200, 200, 200, 204, 301, 304, 404]), number(2, 90)];
  return {
    app: "nginx", host: pick(["web-01", "web-02", "web-03"]), level: status === 404 ? "notice" : "info",
    message: `10.4.${number(0, 9)}.${number(2, 250)} "GET ${path} HTTP/1.1" ${status} ${number(180, 40_000)} ${took} ms`,
    attributes: { http: { status, path, took_ms: took } },
  };
};

const checkout: Teller = ({ pick, number }) => {
  const order = number(70_000, 79_999);
  return {
    app: "checkout", host: pick(["shop-1", "shop-2"]), level: "info",
    message: pick([`order ${order} placed`, `order ${order} paid by card`, `cart of order ${order} priced in ${number(3, 30)} ms`]),
    attributes: { order: { id: order, customer: pick(CUSTOMERS), total: number(900, 48_000) / 100 } },
  };
};

const postgres: Teller = ({ number }) => ({
  app: "postgres", host: "db-1", level: "info",
  message: `checkpoint complete: wrote ${number(40, 900)} buffers; sync=0.0${number(10, 99)} s, total=${number(1, 27)}.${number(100, 999)} s`,
});

const worker: Teller = ({ pick, number }) => ({
  app: "mailer", host: pick(["worker-1", "worker-2"]), level: pick(["debug", "info"]),
  message: `delivered "your order is on its way" to ${pick(CUSTOMERS)} in ${number(80, 700)} ms`, attributes: { queue: "mail", attempt: 1 },
});

const sshd: Teller = ({ pick, number }) => ({
  app: "sshd", host: "bastion-1", level: "warning",
  message: `Failed password for invalid user ${pick(["admin", "oracle", "test", "git"])} from 203.0.113.${number(2, 250)} port ${number(20_000, 60_000)} ssh2`,
});

const CALM = [nginx, nginx, nginx, nginx, nginx, nginx, nginx, nginx, nginx, checkout, checkout, checkout, checkout, worker, worker, worker, postgres, sshd];

const TROUBLE: readonly Teller[] = [
  ({ pick, number }) => ({
    app: "checkout", host: pick(["shop-1", "shop-2"]), level: "error",
    message: `order ${number(70_000, 79_999)} not saved: connection to db-1:5432 timed out after 5000 ms`,
    attributes: { error: { kind: "Timeout", pool: { size: 20, waiting: number(8, 60) } }, order: { customer: pick(CUSTOMERS) } },
  }),
  ({ pick, number }) => ({
    app: "nginx", host: pick(["web-01", "web-02", "web-03"]), level: "error",
    message: `upstream timed out (110: Connection timed out) while reading response header from upstream, request: "POST /api/v1/orders HTTP/1.1"`,
    attributes: { http: { status: 504, path: "/api/v1/orders", took_ms: number(5_000, 5_090) } },
  }),
  ({ number }) => ({
    app: "postgres", host: "db-1", level: "warning",
    message: `process ${number(2_000, 9_000)} still waiting for ShareLock on transaction ${number(884_000, 884_900)} after ${number(1_000, 9_000)}.${number(100, 999)} ms`,
  }),
  ({ number }) => ({
    app: "postgres", host: "db-1", level: "critical",
    message: `remaining connection slots are reserved for roles with the SUPERUSER attribute (${number(97, 100)} of 100 in use)`,
  }),
];

/** Numbers from 0 to 1 that are the same for the same seed (mulberry32). */
function chance(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}
