import fc from "fast-check";
import { expect, test } from "vitest";
import { ByteReader, CutShort } from "./byte-reader.ts";

async function* chunks(parts: readonly Uint8Array[]): AsyncGenerator<Uint8Array> {
  yield* parts;
}

test("lines and runs of bytes are read wherever the chunks are cut, and a cut is an error", async () => {
  const frame = fc.record({
    line: fc.string({ unit: "grapheme" }).map((line) => line.replaceAll("\n", "")),
    run: fc.uint8Array(),
  });
  await fc.assert(
    fc.asyncProperty(fc.array(frame), fc.array(fc.nat({ max: 400 })), fc.nat({ max: 400 }), async (frames, cuts, end) => {
      const all = Buffer.concat(frames.flatMap(({ line, run }) => [Buffer.from(`${line}\n`), run]));
      const kept = all.subarray(0, end);
      const ends = [...cuts.map((cut) => Math.min(cut, kept.length)), kept.length].sort((a, b) => a - b);
      const reader = new ByteReader(chunks(ends.map((at, i) => kept.subarray(ends[i - 1] ?? 0, at))));
      let read = 0;
      const readAll = async () => {
        for (const { line, run } of frames) {
          const found = await reader.line();
          if (found === undefined) return;
          expect(found).toBe(new TextDecoder().decode(new TextEncoder().encode(line)));
          expect(await reader.take(run.length)).toEqual(run);
          read += Buffer.byteLength(line) + 1 + run.length;
        }
        expect(await reader.line()).toBeUndefined();
      };
      await readAll().catch((error: unknown) => expect(error).toBeInstanceOf(CutShort));
      expect(read).toBeLessThanOrEqual(kept.length);
      if (end >= all.length) expect(read).toBe(all.length);
    }),
  );
});
