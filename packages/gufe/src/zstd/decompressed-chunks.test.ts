import { setImmediate as turn } from "node:timers/promises";
import { gzipSync, zstdCompressSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import { GzipError, ZstdError } from "../errors.ts";
import { gunzipChunks, unzstdChunks } from "../zstd.ts";

async function collect(chunks: AsyncIterable<Uint8Array>): Promise<string> {
  const all: Uint8Array[] = [];
  for await (const chunk of chunks) all.push(chunk);
  return Buffer.concat(all).toString();
}

/** Pieces with so many turns of the event loop before each. */
async function* slowly(bytes: Uint8Array, size: number, turns: number): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += size) {
    for (let i = 0; i < turns; i += 1) await turn();
    yield bytes.subarray(at, at + size);
  }
}

const text = "abc".repeat(10_000);
const cases = [
  { name: "gzip", undo: gunzipChunks, bytes: gzipSync(text), kind: GzipError },
  { name: "zstd", undo: unzstdChunks, bytes: zstdCompressSync(text), kind: ZstdError },
] as const;

describe.each(cases)("$name in chunks", ({ undo, bytes, kind }) => {
  test.each([1, 13, 100_000])("of %i bytes is undone", async (size) => {
    expect(await collect(undo(slowly(bytes, size, 0), 2 ** 20))).toBe(text);
  });

  test("that is none, or cut short, is told as such, however it comes", async () => {
    const damaged = [Buffer.from("nothing of the kind, and a good deal more of it"), bytes.subarray(0, -3), Buffer.from("")];
    for (const content of damaged) {
      for (const size of [1, 5, 1000]) {
        for (const turns of [0, 1, 2, 3]) {
          const failure = await collect(undo(slowly(content, size, turns), 2 ** 20)).catch((error: unknown) => error);
          expect(failure).toBeInstanceOf(kind);
          expect(failure).toMatchObject({ code: "corrupt" });
        }
      }
    }
  });

  test("is not undone beyond the bound", async () => {
    await expect(collect(undo(slowly(bytes, 1000, 0), 20_000))).rejects.toMatchObject({ code: "too-large" });
  });

  test("lets the errors of its source through, and closes it", async () => {
    let closed = false;
    async function* failing() {
      try {
        yield bytes.subarray(0, 10);
        throw new RangeError("of the source");
      } finally {
        closed = true;
      }
    }
    await expect(collect(undo(failing(), 2 ** 20))).rejects.toThrow(new RangeError("of the source"));
    expect(closed).toBe(true);
    closed = false;
    async function* endless() {
      try {
        for (;;) yield Buffer.from("nothing of the kind");
      } finally {
        closed = true;
      }
    }
    await expect(collect(undo(endless(), 2 ** 20))).rejects.toBeInstanceOf(kind);
    await turn();
    expect(closed).toBe(true);
  });
});
