import { type IntegrityFinding, readSchema, type StateStore } from "@alchemiscale/statestore";
import { createDataDirectory } from "../data/data-directory.ts";
import { type StoreOptions, withStateStore } from "../data/open-stores.ts";
import { requireStandingFile } from "../data/standing-file.ts";
import { applyToEnvironment } from "../data/store-options.ts";
import { storeUrls } from "../data/store-urls.ts";
import { print, printJson } from "../terminal/print.ts";
import { style } from "../terminal/style.ts";
import { CommandFailure } from "../usage-error.ts";

interface Checked {
  readonly store: string;
  readonly description: string | null;
  readonly error: string | null;
  /** Of the state store: how many rules were checked; null where it was not looked through. */
  readonly rules?: number | null;
  readonly findings?: readonly IntegrityFinding[];
}

type Outcome = Omit<Checked, "store" | "error">;

/** `database check`: exit code 1 when one of the two stores does not work, or the state store is damaged. */
export async function databaseCheck(
  options: StoreOptions & { readonly json?: boolean; readonly quick?: boolean },
): Promise<void> {
  applyToEnvironment(options);
  // Wrong use is no finding about a store.
  storeUrls(options);
  const checked = [
    await outcomeOf("state store", () => checkStateStore(options, options.quick ?? false)),
    await outcomeOf("object store", () => checkObjectStore(options)),
  ];
  if (options.json) printJson(checked);
  else checked.forEach(printChecked);
  if (checked.some(({ error }) => error !== null)) process.exitCode = 1;
}

async function outcomeOf(store: string, check: () => Promise<Outcome>): Promise<Checked> {
  try {
    const outcome = await check();
    const broken = outcome.findings?.length ?? 0;
    return { store, ...outcome, error: broken === 0 ? null : `${broken} of ${outcome.rules} rules are broken` };
  } catch (error) {
    return { store, description: null, error: error instanceof Error ? error.message : String(error) };
  }
}

function printChecked({ store, description, error, rules, findings = [] }: Checked): void {
  const mark = error === null ? style("green", "✔") : style("red", "✘");
  const looked = typeof rules === "number" && error === null ? `; ${rules} rules hold` : "";
  const what = [description, error].filter((text) => text !== null).join(": ");
  print(`${mark} ${store}: ${what}${looked}`);
  for (const { rule, message, count, examples } of findings) {
    const more = count !== null && count > examples.length ? ", …" : "";
    print(`    ${rule}: ${count === null ? "" : `${count} `}${message} (${examples.join(", ")}${more})`);
  }
}

async function checkStateStore(options: StoreOptions, quick: boolean): Promise<Outcome> {
  const urls = storeUrls(options);
  requireStandingFile(urls);
  // A check does not migrate what it looks at.
  const { description, pending } = await readSchema(urls.stateStore);
  if (pending.length > 0) {
    throw new CommandFailure(
      `${description} lacks ${pending.length} migration(s) of this version: run alchemiscale database migrate first`,
    );
  }
  return await withStateStore(options, async (store: StateStore) => {
    await store.check();
    if (quick) return { description: store.description, rules: null, findings: [] };
    const { rules, findings } = await store.store.integrity();
    return { description: store.description, rules: rules.length, findings };
  });
}

async function checkObjectStore(options: StoreOptions): Promise<Outcome> {
  const urls = storeUrls(options);
  if (urls.objectStoreEmbedded) createDataDirectory(urls.directory);
  const { openObjectStore } = await import("@alchemiscale/objectstore");
  const store = await openObjectStore(urls.objectStore);
  try {
    await store.check();
    return { description: store.description };
  } finally {
    await store.close();
  }
}
