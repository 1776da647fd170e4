import { describe, expect, test } from "vitest";
import { goldenChain, goldenObjects } from "../../test/golden.ts";
import { sliceKeyedChain } from "../chain/slice-keyed-chain.ts";
import { ChainError, JsonLimitError } from "../errors.ts";
import { scanMembers } from "../json/scan-members.ts";
import { verifyKey } from "../keys/verify-key.ts";
import { type ArchiveIndex, ArchiveScanner } from "./archive-scanner.ts";
import { ArchiveWriter } from "./archive-writer.ts";

const golden = goldenObjects()
  .filter(({ kind }) => kind === "archive")
  .map((entry) => ({ name: entry.name, key: entry.gufe_key, text: goldenChain(entry) }));

function scanned(text: string, chunk = 4096, maxTextBytes?: number): ArchiveIndex {
  const bytes = new TextEncoder().encode(text);
  const scanner = new ArchiveScanner(maxTextBytes === undefined ? {} : { maxTextBytes });
  for (let at = 0; at < bytes.length; at += chunk) scanner.write(bytes.slice(at, at + chunk));
  return scanner.end();
}

/** The text of a keyed chain of one object of an archive. */
function chainText(text: string, index: ArchiveIndex, key: string): string {
  const bytes = new TextEncoder().encode(text);
  const dict = (start: number, length: number) => new TextDecoder().decode(bytes.subarray(start, start + length));
  return `[${index
    .chainOf(key)
    .map(({ key, start, bytes }) => `["${key}", ${dict(start, bytes)}]`)
    .join(", ")}]`;
}

describe.each(golden)("the archive $name, that gufe has written", ({ key, text }) => {
  test("is found out in any cut: each object with what it needs, and the same characters", () => {
    const { entries, root } = sliceKeyedChain(text);
    const index = scanned(text, 7);
    expect(index.contents).toMatchObject({ key, gufeVersion: JSON.parse(scanMembers(root.text).get("version_gufe") ?? "null") });
    const byKey = new Map(entries.map((entry) => [entry.key, entry]));
    for (const wanted of [index.contents.network, ...[...index.contents.results.values()].flat()]) {
      const chain = sliceKeyedChain(chainText(text, index, wanted));
      expect(chain.root.key).toBe(wanted);
      for (const entry of chain.entries) expect(entry.text).toBe(byKey.get(entry.key)?.text);
    }
    expect(index.chainOf(key).length).toBe(entries.length);
  });

  test("is written again, with the key that gufe computes", () => {
    const index = scanned(text);
    const { root } = sliceKeyedChain(text);
    const writer = new ArchiveWriter(sliceKeyedChain(chainText(text, index, index.contents.network)));
    const pieces = [...writer.network()];
    for (const [transformation, results] of [...index.contents.results].reverse()) {
      for (const result of results.toReversed()) {
        pieces.push(...writer.result(transformation, sliceKeyedChain(chainText(text, index, result))));
      }
    }
    pieces.push(...writer.end(scanMembers(root.text).get("metadata") ?? ""));
    const again = sliceKeyedChain(pieces.join(""), { strict: true });
    const { contents } = scanned(pieces.join(""));
    expect(contents).toMatchObject({ network: index.contents.network });
    for (const [transformation, results] of contents.results) {
      expect(results.toSorted()).toEqual((index.contents.results.get(transformation) ?? []).toSorted());
    }
    // Ours names the transformations without results, too; this one does not.
    const unnamed = again.root.text.replaceAll(/\[\{":gufe-key:": "Transformation-[0-9a-f]{32}"\}, \[\]\](, )?/g, "");
    expect(verifyKey({ key, text: unnamed }).matches).toBe(true);
    expect(verifyKey(again.root).matches).toBe(true);
  });
});

describe("an archive", () => {
  const token = (n: number) => n.toString(16).padStart(32, "0");
  const ref = (key: string) => `{":gufe-key:": "${key}"}`;
  const pair = (key: string, members: string) =>
    `["${key}", {${members}, "__qualname__": "${key.split("-")[0]}", "__module__": "m"}]`;
  const [network, transformation] = [`AlchemicalNetwork-${token(1)}`, `Transformation-${token(2)}`];
  const result = (n: number) => `ProtocolDAGResult-${token(n)}`;
  const archiveOf = (results: readonly (readonly [n: number, extended: number | null])[]) =>
    `[${[
      pair(transformation, '"name": "é"'),
      pair(network, `"edges": [${ref(transformation)}]`),
      ...results.map(([n, extended]) => pair(result(n), `"extends_key": ${extended === null ? null : `"${result(extended)}"`}`)),
      pair(
        `AlchemicalArchive-${token(3)}`,
        `"network": ${ref(network)}, "transformation_results": [[${ref(transformation)}, [${results.map(([n]) => ref(result(n))).join(", ")}]]]`,
      ),
    ].join(",\n ")}]`;
  const order = (text: string) =>
    scanned(text)
      .contents.results.get(transformation)
      ?.map((key) => Number.parseInt(key.split("-")[1] ?? "", 16));

  test("gives results after those that they extend, also where these go in a circle", () => {
    expect(
      order(
        archiveOf([
          [9, 8],
          [8, 7],
          [7, null],
          [6, 8],
        ]),
      ),
    ).toEqual([7, 8, 9, 6]);
    expect(order(archiveOf([[9, 5]]))).toEqual([9]);
    expect(
      order(
        archiveOf([
          [9, 8],
          [8, 9],
        ]),
      )?.toSorted(),
    ).toEqual([8, 9]);
    expect(
      order(archiveOf(Array.from({ length: 20_000 }, (_, i) => [100 + i, i === 19_999 ? null : 101 + i] as const)))?.at(0),
    ).toBe(20_099);
  });

  test("tells of keys that come again, and refuses an object that is longer than is allowed", () => {
    const text = archiveOf([[9, null]]);
    const repeated = text.replace("[[", `[${pair(transformation, '"name": "other"')}, [`);
    expect(scanned(repeated, 3).repeats).toMatchObject([{ first: { key: transformation }, again: { key: transformation } }]);
    expect(() => scanned(text, 4096, 60)).toThrow(JsonLimitError);
    expect(scanned(text).chainOf("Nothing-1")).toEqual([]);
  });

  test("is written of a network, and of results of its transformations only", () => {
    const { key, text } = { key: golden[0]?.key ?? "", text: golden[0]?.text ?? "" };
    const index = scanned(text);
    const chainOf = (wanted: string) => sliceKeyedChain(chainText(text, index, wanted));
    const writer = new ArchiveWriter(chainOf(index.contents.network));
    const [first = ""] = [...index.contents.results.keys()];
    const one = [...index.contents.results.values()].flat()[0] ?? "";
    expect(() => [...writer.result(`Transformation-${token(0)}`, chainOf(one))]).toThrow(ChainError);
    expect(() => [...writer.result(first, chainOf(first))]).toThrow(expect.objectContaining({ code: "not-a-result" }));
    expect(() => new ArchiveWriter(chainOf(first))).toThrow();
    expect(key).toMatch(/^AlchemicalArchive-/);
  });
});
