import { describe, expect, test } from "vitest";
import { goldenObjects, goldenRows, goldenText, sharedFixtures } from "../../test/golden.ts";
import { GufeError } from "../errors.ts";
import { verifyKey } from "../keys/verify-key.ts";
import { joinKeyedChain } from "./join-keyed-chain.ts";
import { keyedChainFromText } from "./keyed-chain-from-deep.ts";

interface LegacyRow {
  name: string;
  json: string;
  reader: "chain" | "dict" | "from_json";
  python_key?: string;
  python_error?: string;
}

/**
 * Documents that Python reads and we refuse: their keys are labels that say nothing (spec/gufe.md §1.6, point 3, asks for the
 * prefix and for `_key`).
 */
const refused = new Set(["network-no-name", "relabelled-entries", "unit-result-minimal", "unit-result-key-differs"]);
/** Documents that Python cannot load as objects (a field is wrong for its class) and that are kept as content all the same. */
const keptAll = new Set(["unknown-field-solvent", "float-for-int"]);
/** Documents that today's gufe rewrites when it reads them (it adds fields), so that its key is not that of the text. */
const rewritten = new Set([
  "seven-entry-atoms",
  "protein-no-name",
  "transformation-no-metadata",
  "non-transformation-no-metadata",
  "mapping-as-dict",
  "unknown-field",
]);

describe("older and damaged documents", () => {
  test.each(goldenRows<LegacyRow>("legacy/documents.json").map((row) => [row.name, row] as const))("%s", (name, row) => {
    if ((row.python_error !== undefined && !keptAll.has(name)) || refused.has(name)) {
      expect(() => keyedChainFromText(row.json)).toThrow(GufeError);
      return;
    }
    const chain = keyedChainFromText(row.json);
    if (row.reader === "chain" && name !== "chain-repeated-entry") expect(joinKeyedChain(chain.entries)).toBe(row.json);
    if (row.python_key !== undefined && !rewritten.has(name)) {
      expect(chain.root.key).toBe(row.python_key);
      expect(verifyKey(chain.root)).toMatchObject({ matches: true });
    }
  });
});

test.skipIf(sharedFixtures === undefined)(
  "an archive of an older gufe (../shared) keeps its keys, all of which follow from its content",
  () => {
    const base = new URL("gufe/", sharedFixtures);
    const archive = goldenText("legacy/alchemical_archive.json.zst", base);
    const { entries } = keyedChainFromText(archive);
    const verifications = entries.map((entry) => verifyKey(entry));
    expect(verifications.filter(({ computed }) => computed !== null).length).toBe(50);
    expect(verifications.filter(({ matches }) => matches !== true)).toEqual([]);
    expect(goldenObjects(base).length).toBeGreaterThan(0);
  },
);
