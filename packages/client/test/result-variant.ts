import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { zstdCompressSync } from "node:zlib";
import { joinKeyedChain, sliceKeyedChain, verifyKey } from "@alchemiscale/gufe";

export interface VariantOptions {
  /** A fixture of this folder. */
  readonly of?: "dag-result-ok" | "dag-result-failed";
  /** Key of the result that it extends. */
  readonly extends?: string;
  /** Name of the result. */
  readonly name?: string;
}

/** The result of a fixture once more, as if computed another time: units and their results have keys of their own, and so has the result. */
export function resultVariant(
  n: number,
  options: VariantOptions = {},
): { readonly key: string; readonly text: string; readonly frame: Blob } {
  const { of = "dag-result-ok", extends: extended, name } = options;
  const base = readFileSync(new URL(`./fixtures/${of}.json`, import.meta.url), "utf8");
  const varied = base.replace(/((?:Unit|UnitResult|UnitFailure)-)([0-9a-f]{32})/g, (_, before: string, token: string) => {
    return before + createHash("md5").update(`${n} ${token}`).digest("hex");
  });
  const { entries, root } = sliceKeyedChain(varied);
  let text = root.text;
  if (extended !== undefined) text = text.replace('"extends_key": null', `"extends_key": "${extended}"`);
  if (name !== undefined) text = text.replace(/"name": "first"/, () => `"name": ${JSON.stringify(name)}`);
  const { computed } = verifyKey({ key: "ProtocolDAGResult-", text });
  if (computed === null) throw new Error("the key of a ProtocolDAGResult is a hash");
  const chain = joinKeyedChain([...entries.slice(0, -1), { ...root, key: computed, text }]);
  return { key: computed, text: chain, frame: new Blob([new Uint8Array(zstdCompressSync(chain))]) };
}
