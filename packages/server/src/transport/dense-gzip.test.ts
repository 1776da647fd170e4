import { randomBytes } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { crc32, gunzipSync, inflateRawSync } from "node:zlib";
import fc from "fast-check";
import { expect, test } from "vitest";
import { denseGzip } from "./dense-gzip.ts";

async function gzipped(chunks: readonly Uint8Array[]): Promise<Buffer> {
  const pieces: Uint8Array[] = [];
  async function* source() {
    yield* chunks;
  }
  for await (const piece of denseGzip(source())) pieces.push(piece);
  return Buffer.concat(pieces);
}

test("whatever the chunks, gunzip gives them back, and there is one member: readers of the first only get all", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.uint8Array({ maxLength: 5000 }), { maxLength: 6 }), async (chunks) => {
      const whole = Buffer.concat(chunks);
      const bytes = await gzipped(chunks);
      expect(gunzipSync(bytes).equals(whole)).toBe(true);
      expect(inflateRawSync(bytes.subarray(10, -8)).equals(whole)).toBe(true);
      expect(bytes.readUInt32LE(bytes.length - 8)).toBe(crc32(whole));
    }),
    { numRuns: 50 },
  );
});

test("of many parts, in their order", async () => {
  const chunks = Array.from({ length: 90 }, (_, i) => new Uint8Array(40_000 + i).fill(i));
  expect(gunzipSync(await gzipped(chunks)).equals(Buffer.concat(chunks))).toBe(true);
});

test("is smaller for a slow reader, and in no time for a fast one", async () => {
  const whole = randomBytes(12 * 2 ** 20);
  const text = Buffer.from(whole.toString("latin1"));
  const sizeFor = async (milliseconds: number) => {
    const pieces: Uint8Array[] = [];
    async function* source() {
      for (let at = 0; at < text.length; at += 65_536) yield text.subarray(at, at + 65_536);
    }
    for await (const piece of denseGzip(source())) {
      pieces.push(piece);
      if (milliseconds > 0) await sleep(milliseconds);
    }
    const bytes = Buffer.concat(pieces);
    expect(gunzipSync(bytes).equals(text)).toBe(true);
    return bytes.length;
  };
  expect(await sizeFor(40)).toBeLessThan(0.8 * text.length);
  expect(await sizeFor(0)).toBeGreaterThan(0.9 * text.length);
});

test("an error of the source comes out", async () => {
  async function* source() {
    yield new Uint8Array(2_000_000);
    throw new Error("the disk is gone");
  }
  await expect(
    (async () => {
      for await (const _ of denseGzip(source()));
    })(),
  ).rejects.toThrow("the disk is gone");
});
