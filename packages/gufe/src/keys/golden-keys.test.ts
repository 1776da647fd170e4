import { readdirSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { goldenChain, goldenObjects, goldenText, sharedFixtures } from "../../test/golden.ts";
import { joinKeyedChain } from "../chain/join-keyed-chain.ts";
import { sliceKeyedChain } from "../chain/slice-keyed-chain.ts";
import { parseJson } from "../json/parse-json.ts";
import { writeJson } from "../json/write-json.ts";
import { canonicalText } from "./canonical-text.ts";
import { verifyKey } from "./verify-key.ts";

const gufeShared = sharedFixtures && new URL("gufe/", sharedFixtures);
const sets: [string, URL | undefined][] = [["copied here", new URL("../../test/fixtures/", import.meta.url)]];
sets.push(["beside the repository (../shared)", gufeShared]);

describe.each(sets)("golden objects %s", (_, base) => {
  test.skipIf(base === undefined)("there are some", () => {
    expect(goldenObjects(base).length).toBeGreaterThan(100);
  });
  test
    .skipIf(base === undefined)
    .each(base === undefined ? [] : goldenObjects(base).map((entry) => [entry.name, entry] as const))(
    "%s: slicing, writing back, hashed texts and keys equal Python's",
    (_name, entry) => {
      const text = goldenChain(entry, base);
      const chain = sliceKeyedChain(text, { strict: true });
      expect(chain.root.key).toBe(entry.gufe_key);
      expect(chain.entries.length).toBe(entry.n_chain);
      expect(joinKeyedChain(chain.entries)).toBe(text);
      expect(writeJson(parseJson(text))).toBe(text);
      for (const element of chain.entries) {
        const verification = verifyKey(element);
        expect(verification).toMatchObject({ matches: true, conclusive: true });
        if (verification.computed !== null) expect(verification.computed).toBe(element.key);
      }
      const canonicalFile = entry.files.canonical_text;
      if (canonicalFile !== undefined) expect(canonicalText(chain.root.text).text).toBe(goldenText(canonicalFile, base));
      const keysFile = entry.files.keys;
      if (keysFile === undefined) return;
      const lines = goldenText(keysFile, base).trim().split("\n");
      expect(lines.length).toBe(chain.entries.length);
      lines.forEach((line, i) => {
        const wanted = JSON.parse(line) as { gufe_key: string; canonical: string | null };
        const element = chain.entries[i] as (typeof chain.entries)[number];
        expect(element.key).toBe(wanted.gufe_key);
        if (wanted.canonical === null) expect(verifyKey(element).computed).toBeNull();
        else expect(canonicalText(element.text).text).toBe(wanted.canonical);
      });
    },
  );
});

describe("real networks and results of openfe and feflow (../shared)", () => {
  test.skipIf(sharedFixtures === undefined)("there are some", () => {
    expect(files.length).toBeGreaterThan(5);
  });
  const files =
    sharedFixtures === undefined
      ? []
      : ["networks/", "results/"].flatMap((folder) => chainFiles(new URL(folder, sharedFixtures)));
  test.skipIf(files.length === 0).each(files.map((file) => [file.href.split("/").pop(), file] as const))(
    "%s: all keys follow from the content",
    (_, file) => {
      const text = goldenText(file.href, file);
      const { entries } = sliceKeyedChain(text, { strict: true });
      expect(joinKeyedChain(entries)).toBe(text);
      expect(entries.filter((entry) => verifyKey(entry).matches !== true)).toEqual([]);
    },
  );
});

function chainFiles(folder: URL): URL[] {
  return readdirSync(folder)
    .filter((name) => name.endsWith(".json.zst"))
    .map((name) => new URL(name, folder));
}
