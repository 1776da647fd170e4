import { resolve } from "node:path";
import { InvalidStateStoreUrl } from "./errors.ts";
import { stateStoreOf } from "./sql/state-store-of.ts";
import type { Instant, StateStore } from "./state-store.ts";

export interface StateStoreOptions {
  /** Now, in microseconds; for tests. */
  readonly clock?: () => Instant;
  /** SQLite: reading threads, at most. 2 unless told. */
  readonly readers?: number;
  /** PostgreSQL: connections, at most. 10 unless told. */
  readonly connections?: number;
}

/**
 * Opens the state store at an address, bringing its schema up to date: `sqlite:FILE` (created if need be, directories with mode 700, the
 * file with 600; several processes may open one file) or `postgres://user:password@host/database`.
 * @throws {InvalidStateStoreUrl} {@link StateStoreUnavailable}, {@link IncompatibleDatabase}
 */
export async function openStateStore(url: string, options: StateStoreOptions = {}): Promise<StateStore> {
  const clock = options.clock ?? (() => Date.now() * 1000);
  if (/^postgres(ql)?:\/\//.test(url)) {
    // Each engine is loaded only where it is used.
    const { openPostgresEngine } = await import("./sql/postgres/postgres-engine.ts");
    return stateStoreOf(await openPostgresEngine(url, { clock, connections: options.connections ?? 10 }));
  }
  const file = /^sqlite:(?:\/\/(?=\/))?(.+)$/s.exec(url)?.[1];
  if (file === undefined || file === ":memory:") {
    throw new InvalidStateStoreUrl(
      `the address of a state store must be sqlite:FILE or postgres://user:password@host/database; this one begins with ${JSON.stringify(url.split(":")[0])}`,
    );
  }
  const { openSqliteEngine } = await import("./sql/sqlite/sqlite-engine.ts");
  return stateStoreOf(await openSqliteEngine(resolve(file), { clock, readers: Math.max(1, options.readers ?? 2) }));
}
