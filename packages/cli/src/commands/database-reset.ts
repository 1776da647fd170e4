import { createInterface } from "node:readline/promises";
import type { StateStore, StoreSummary } from "@alchemiscale/statestore";
import { takeApiLocks } from "../data/api-locks.ts";
import { type StoreOptions, withStateStore } from "../data/open-stores.ts";
import { requireStandingFile } from "../data/standing-file.ts";
import { storeUrls } from "../data/store-urls.ts";
import { environmentNumber } from "../environment.ts";
import { note, print } from "../terminal/print.ts";
import { CommandFailure, UsageError } from "../usage-error.ts";

/**
 * `database reset`: erases the state, after showing what it is and being told its name. The object store is not touched.
 * @throws {CommandFailure} while it is used; {@link UsageError} when another name is given, or none.
 */
export async function databaseReset(options: StoreOptions & { readonly confirm?: string }): Promise<void> {
  const urls = storeUrls(options);
  requireStandingFile(urls);
  const expiry = environmentNumber("ALCHEMISCALE_COMPUTE_API_REGISTRATION_EXPIRE_SECONDS", 1800, { least: 1 });
  // Held to the end: nobody begins to serve the file meanwhile.
  const locks = takeApiLocks(urls.stateStore, ["user", "compute"]);
  try {
    await withStateStore(options, async (store) => {
      const name = nameOf(store);
      const summary = await store.store.summary();
      describe(name, summary);
      const liveSince = () => (Date.now() - expiry * 1000) * 1000;
      await refuseWhileUsed(store, liveSince());
      const answer = options.confirm ?? (await ask(name));
      if (answer !== name) {
        throw new UsageError(
          `nothing was erased: ${answer === "" ? "no name was given" : `${JSON.stringify(answer)} is not the name of this store`}. Its name is ${name}`,
        );
      }
      await store.store.reset(liveSince());
    });
  } finally {
    locks.release();
  }
  note("The state store is empty. Results in the object store were not touched; identities are to be added anew.");
}

/** `/var/lib/alchemiscale/state.sqlite`, `host:5432/alchemiscale`. */
function nameOf(store: StateStore): string {
  return store.description.replace(/^(SQLite|PostgreSQL) /, "");
}

function describe(name: string, summary: StoreSummary): void {
  const statuses = Object.entries(summary.tasksByStatus).map(([status, count]) => `${count} ${status}`);
  const { lastActivity } = summary;
  const lines: [string, string | number][] = [
    ["store", name],
    ["networks", summary.networks],
    ["transformations", summary.transformations],
    ["Tasks", `${summary.tasks}${statuses.length > 0 ? ` (${statuses.join(", ")})` : ""}`],
    ["results", summary.results],
    ["identities", summary.identities],
    ["services", summary.services],
    ["managers", summary.managers],
    ["last activity", lastActivity === null ? "never" : new Date(lastActivity / 1000).toISOString()],
  ];
  for (const [label, value] of lines) print(`${label.padEnd(16)} ${value}`);
}

/** Asked again when it erases: this is to say so before anybody types a name. */
async function refuseWhileUsed(store: StateStore, liveSince: number): Promise<void> {
  const processes = await store.processes.list();
  if (processes.length > 0) {
    const named = processes.map(({ host, pid }) => `process ${pid} on ${host}`).join(", ");
    throw new CommandFailure(
      `${processes.length} API process(es) use the store (${named}): end them first. One that was killed counts for half a minute.`,
    );
  }
  const live = (await store.services.list()).filter(({ heartbeat }) => heartbeat > liveSince);
  if (live.length > 0) {
    const named = live.slice(0, 3).map(({ service }) => service);
    throw new CommandFailure(
      `${live.length} compute service(s) are alive (${named.join(", ")}${live.length > named.length ? ", …" : ""}): end them first`,
    );
  }
}

async function ask(name: string): Promise<string> {
  process.stderr.write(
    `\nEverything above is erased, and cannot be brought back. To go on, type the name of the store (${name}): `,
  );
  const lines = createInterface({ input: process.stdin, terminal: false });
  for await (const line of lines) return line.trim();
  return "";
}
