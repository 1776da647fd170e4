import fc from "fast-check";
import { expect, test } from "vitest";
import { readServerSentEvents } from "./server-sent-events.ts";

const text =
  "retry: 2000\nid: 1\n\n" +
  'id: 2\nevent: status\ndata: {"id":"2","at":"2026-01-01T00:00:00Z","kind":"status","task":"Task-1-o-c-p","network":null,"from":"waiting","to":"é"}\n\n' +
  ": still here\nid: 7\n\n" +
  'id: 8\ndata: {"id":"8",\ndata: "at":"x","kind":"action"}\n\n';

async function* chunks(parts: readonly Uint8Array[]): AsyncGenerator<Uint8Array> {
  yield* parts;
}

test("events are read wherever the chunks are cut, and positions told after what they follow", async () => {
  const bytes = new TextEncoder().encode(text);
  await fc.assert(
    fc.asyncProperty(fc.array(fc.nat({ max: bytes.length })), fc.constantFrom("\n", "\r\n"), async (cuts, lineEnd) => {
      const all = new TextEncoder().encode(text.replaceAll("\n", lineEnd));
      const ends = [...cuts, all.length].sort((a, b) => a - b);
      const parts = ends.map((end, i) => all.subarray(ends[i - 1] ?? 0, end));
      const found: string[] = [];
      const events = readServerSentEvents(chunks(parts), (id) => found.push(`at ${id}`));
      for await (const { id, kind, to } of events) found.push(`${id} ${kind} ${to}`);
      expect(found).toEqual(["at 1", "2 status é", "at 2", "at 7", "8 action null", "at 8"]);
    }),
  );
});
