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
sets.push(["beside the repository", gufeShared]);

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
