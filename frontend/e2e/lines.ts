/** Lines as machines write them: made by the tests, with what each of them is about. */

export interface Line {
  readonly message: string;
  readonly app?: string;
  readonly host?: string;
  readonly level?: string;
  /** How long ago its sender wrote it, in milliseconds. */
  readonly ago?: number;
  readonly attributes?: Readonly<Record<string, unknown>>;
}

export const MINUTE = 60_000;

/** A line on the wire: one JSON object, so that any text fits into it. */
export function written({ message, app = "test", host = "web-1", level = "info", ago = 0, attributes }: Line): string {
  const timestamp = new Date(Date.now() - ago).toISOString();
  return JSON.stringify({ timestamp, level, host, app, message, ...attributes });
}

/** So many lines, each made from its number. */
export function many(count: number, make: (n: number) => Line): readonly Line[] {
  return Array.from({ length: count }, (_, n) => make(n));
}
