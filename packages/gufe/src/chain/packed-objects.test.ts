import fc from "fast-check";
import { expect, test } from "vitest";
import { joinKeyedChain, joinPackedChunks } from "./join-keyed-chain.ts";
import type { ChainEntry } from "./keyed-chain.ts";
import { blocksOf, isPacked, packEntries, packedReferences, packObjects, unpackObjects } from "./packed-objects.ts";

const texts = fc.array(fc.string({ unit: "binary" }), { maxLength: 40 });
const objectsOf = (all: readonly string[]) => all.map((text, i) => ({ key: `A-${i}`, text }));

test("what is packed comes out with the same characters", () => {
  fc.assert(
    fc.property(texts, (all) => {
      const objects = objectsOf(all.map((text) => text.toWellFormed()));
      expect([...unpackObjects(packObjects(objects))]).toEqual(objects);
    }),
  );
});

test("the chain of packed objects is that of the objects", () => {
  const sizes = fc.array(fc.oneof(fc.nat(100), fc.nat(200_000)), { maxLength: 30 });
  fc.assert(
    fc.property(sizes, (all) => {
      const objects = objectsOf(all.map((size, i) => `{"${i % 2 ? "ä" : "a".repeat(size)}": ${i}}`));
      const chunks = [...joinPackedChunks(packObjects(objects))];
      expect(Buffer.concat(chunks).toString()).toBe(joinKeyedChain(objects));
    }),
    { numRuns: 30 },
  );
});

test("references are places in the chain, and lead back only", () => {
  const entry = (key: string, references: readonly string[]): ChainEntry => ({
    key,
    qualname: "A",
    module: "m",
    text: "{}",
    references,
    height: 0,
  });
  const packed = packEntries([entry("A-0", []), entry("A-1", ["A-0"]), entry("A-2", []), entry("A-3", ["A-2", "A-0"])]);
  expect(packed.keys.map((_, i) => [...packedReferences(packed, i)])).toEqual([[], [0], [], [2, 0]]);
  expect(() => packEntries([entry("A-0", ["A-1"]), entry("A-1", [])])).toThrow("A-0 refers to A-1");
});

test("blocks that were handed over are told, and lost", () => {
  const packed = packEntries([]);
  expect(isPacked(packed)).toBe(true);
  const copy = structuredClone(packed, { transfer: blocksOf(packed) });
  expect(isPacked(copy)).toBe(true);
  expect(packed.ends.buffer.detached).toBe(true);
});
