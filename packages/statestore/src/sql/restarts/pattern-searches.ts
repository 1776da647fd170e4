/**
 * Searching for restart patterns outside of transactions. An operation that has to know whether a pattern is found in a traceback, and was not told, is
 * undone: it says what it needs, that is searched for while nothing is held, and the operation runs again with the answers.
 */
import { hash } from "node:crypto";
import { SearchesNeeded } from "../../errors.ts";
import { createPatternSearcher, type PatternSearch } from "../../patterns/pattern-searcher.ts";
import type { StateStoreLogger } from "../../state-store-logger.ts";
import type { Engine } from "../engine.ts";

/** Answers, by {@link searchKey}. */
export type SearchAnswers = ReadonlyMap<string, boolean>;

export const noAnswers: SearchAnswers = new Map();

/** The same for the same pattern and text. */
export function searchKey({ pattern, text }: PatternSearch): string {
  return `${hash("sha256", text)} ${pattern}`;
}

/** @throws {SearchesNeeded} unless all are answered. */
export function requireAnswers(searches: readonly PatternSearch[], answers: SearchAnswers): void {
  const missing = new Map<string, PatternSearch>();
  for (const search of searches) {
    const key = searchKey(search);
    if (!answers.has(key)) missing.set(key, search);
  }
  if (missing.size === 0) return;
  throw new SearchesNeeded("an operation has to know whether patterns are found", {
    searches: JSON.stringify([...missing.values()]),
  });
}

/** Operations that take {@link SearchAnswers} after their own arguments. */
const searching = new Set(["results.report", "results.reportFailure", "restarts.add"]);

/** Patterns and tracebacks may change between the search and the next run, which then asks again; nobody changes them so often. */
const mostRounds = 50;

/** The engine, with the searches of its operations done. */
export function withPatternSearches(engine: Engine, logger: StateStoreLogger): Engine {
  const searcher = createPatternSearcher(logger);
  return {
    ...engine,
    async run(call) {
      if (!searching.has(`${call.domain}.${call.method}`)) return engine.run(call);
      const answers = new Map<string, boolean>();
      for (let round = 1; ; round++) {
        try {
          return await engine.run({ ...call, args: [...call.args, answers] });
        } catch (error) {
          if (!(error instanceof SearchesNeeded) || round >= mostRounds) throw error;
          const searches: readonly PatternSearch[] = JSON.parse(String(error.data.searches));
          const found = await searcher.search(searches);
          searches.forEach((search, i) => {
            answers.set(searchKey(search), found[i] ?? false);
          });
        }
      }
    },
    async close() {
      await searcher.close();
      await engine.close();
    },
  };
}
