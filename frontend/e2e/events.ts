/** Server-sent events, for tests that wait for what the server says. */

/** The data of each event of an answer, as JSON; whoever stops asking for them ends the answer. */
export async function* eventsOf(response: Response): AsyncGenerator<unknown, void> {
  if (!response.ok || response.body === null) throw new Error(`no events: ${response.status} ${await response.text()}`);
  let rest = "";
  for await (const text of response.body.pipeThrough(new TextDecoderStream())) {
    const lines = (rest + text).split("\n");
    rest = lines.pop() ?? "";
    for (const line of lines) {
      if (/^data: ?\S/.test(line)) yield JSON.parse(line.slice("data:".length));
    }
  }
}
