import { ChainError, ChainScanner, ResultScanner, type ResultSummary } from "@alchemiscale/gufe";
import { type CheckedEntry, checkedEntry } from "./check-keys.ts";
import type { Chunks } from "./read-document.ts";

/** What is known of a chain that was read as it came. */
export interface CheckedChunks {
  readonly entries: readonly CheckedEntry[];
  /** The last object. `text` is null where it was too long to be held. */
  readonly root: { readonly key: string; readonly qualname: string; readonly module: string; readonly text: string | null };
  readonly result: ResultSummary | undefined;
}

/**
 * Checks the bytes of a keyed chain of any size, with memory for one object of it and the list of keys.
 * @throws {GufeError} where it is no chain, saying where.
 */
export async function checkChunks(chunks: Chunks): Promise<CheckedChunks> {
  const entries: CheckedEntry[] = [];
  let root: CheckedChunks["root"] = { key: "", qualname: "", module: "", text: null };
  const scanner = new ChainScanner({
    onEntry: ({ key, qualname, module, text, verification }) => {
      entries.push(checkedEntry(key, qualname, verification));
      root = { key, qualname, module, text };
    },
  });
  const results = new ResultScanner();
  for await (const chunk of chunks) {
    scanner.write(chunk);
    results.write(chunk);
  }
  scanner.end();
  try {
    return { entries, root, result: results.end() };
  } catch (error) {
    if (error instanceof ChainError && error.code === "not-a-result") return { entries, root, result: undefined };
    throw error;
  }
}
