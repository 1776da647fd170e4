import { createDataDirectory } from "../data/data-directory.ts";
import { type StoreOptions, withStateStore } from "../data/open-stores.ts";
import { storeUrls } from "../data/store-urls.ts";
import { print, printJson } from "../terminal/print.ts";
import { style } from "../terminal/style.ts";

interface Checked {
  readonly store: string;
  readonly description: string | null;
  readonly error: string | null;
}

/** `database check`: exit code 1 when one of the two stores does not work. */
export async function databaseCheck(options: StoreOptions & { readonly json?: boolean }): Promise<void> {
  // Wrong use is no finding about a store.
  storeUrls(options);
  const checked = [
    await outcomeOf("state store", () => checkStateStore(options)),
    await outcomeOf("object store", () => checkObjectStore(options)),
  ];
  if (options.json) printJson(checked);
  else {
    for (const { store, description, error } of checked) {
      const mark = error === null ? style("green", "✔") : style("red", "✘");
      print(`${mark} ${store}: ${error ?? description ?? ""}`);
    }
  }
  if (checked.some(({ error }) => error !== null)) process.exitCode = 1;
}

async function outcomeOf(store: string, check: () => Promise<string>): Promise<Checked> {
  try {
    return { store, description: await check(), error: null };
  } catch (error) {
    return { store, description: null, error: error instanceof Error ? error.message : String(error) };
  }
}

function checkStateStore(options: StoreOptions): Promise<string> {
  return withStateStore(options, async (store) => {
    await store.check();
    return store.description;
  });
}

async function checkObjectStore(options: StoreOptions): Promise<string> {
  const urls = storeUrls(options);
  if (urls.objectStoreEmbedded) createDataDirectory(urls.directory);
  const { openObjectStore } = await import("@alchemiscale/objectstore");
  const store = await openObjectStore(urls.objectStore);
  try {
    await store.check();
    return store.description;
  } finally {
    await store.close();
  }
}
