import { rebuildEstimates } from "@alchemiscale/server";
import { pino } from "pino";
import { type StoreOptions, withStateStore } from "../data/open-stores.ts";
import { storeUrls } from "../data/store-urls.ts";
import { type AnalysisPythonOptions, openAnalysisPython } from "../python/analysis-python.ts";
import { note, print, printJson } from "../terminal/print.ts";
import { type Progress, startProgress } from "../terminal/progress.ts";

/** `database rebuild-estimates`: from the object store alone. */
export async function databaseRebuildEstimates(
  options: StoreOptions & AnalysisPythonOptions & { readonly json?: boolean },
): Promise<void> {
  const begun = performance.now();
  let bar: Progress | undefined;
  const { results } = await withStateStore(options, async (stateStore) => {
    const { openObjectStore } = await import("@alchemiscale/objectstore");
    const objectStore = await openObjectStore(storeUrls(options).objectStore);
    const python = await openAnalysisPython(options, () => {});
    try {
      note(`Object store: ${objectStore.description}`);
      let all = 0;
      const logger = pino({ level: "warn" }, pino.destination(2));
      const stores = { stateStore, objectStore };
      return await rebuildEstimates(
        { ...stores, logger, ...(python && { gatherer: python }) },
        ({ results: left, transformations, networks }) => {
          all = Math.max(all, left);
          bar ??= startProgress("Reading results", all);
          bar.update(all - left, `${transformations} transformations and ${networks} networks to be estimated`);
        },
      );
    } finally {
      bar?.stop();
      await python?.close();
      await objectStore.close();
    }
  });
  const seconds = Math.round((performance.now() - begun) / 100) / 10;
  if (options.json) return printJson({ results, seconds });
  print(`${results} results read again, and their estimates made anew, in ${seconds} s.`);
}
