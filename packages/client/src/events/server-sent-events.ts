/** Reads `text/event-stream` (HTML standard §9.2.6), as far as our server uses it. */
import { type NetworkEvent, readEvent } from "./network-event.ts";

/**
 * The events of one body; true at its end, as there is always more to come. `onPosition` is told each id, also one without an event, once
 * the events before it have been taken.
 */
export async function* readServerSentEvents(
  chunks: AsyncIterable<Uint8Array>,
  onPosition: (id: string) => void,
): AsyncGenerator<NetworkEvent, boolean> {
  let data = "";
  let id: string | undefined;
  for await (const line of linesOf(chunks)) {
    if (line !== "") {
      const [, field = "", value = ""] = /^([^:]*):? ?(.*)$/.exec(line) ?? [];
      if (field === "data") data += data === "" ? value : `\n${value}`;
      else if (field === "id") id = value;
      continue;
    }
    if (data !== "") {
      const event = readEvent(JSON.parse(data));
      if (event === undefined) throw new Error(`an event of another form: ${data.slice(0, 200)}`);
      yield event;
    }
    if (id !== undefined) onPosition(id);
    data = "";
    id = undefined;
  }
  return true;
}

async function* linesOf(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<string> {
  const decoder = new TextDecoder();
  let rest = "";
  for await (const chunk of chunks) {
    const lines = (rest + decoder.decode(chunk, { stream: true })).split(/\r\n|\n|\r(?!$)/);
    rest = lines.pop() ?? "";
    yield* lines;
  }
}
