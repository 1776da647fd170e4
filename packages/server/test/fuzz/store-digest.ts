import { createHash } from "node:crypto";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";

/** What processes say of themselves, whatever clients do. */
const ofProcesses = ["api_process", "lease", "liveness"];
/** What the server works out from results in its own time. */
const derived = ["result_reading", "transformation_estimate", "network_estimate", "network_document"];
const leftOut = new Set([...ofProcesses, ...derived]);
/** The same, within tables that hold other things, too: events of kind 17 tell of new estimates. */
const rowsOf: Readonly<Record<string, string>> = {
  event: "select * from event where kind <> 17",
  network_event: "select * from network_event where event not in (select id from event where kind = 17)",
};
/** Likewise: what has read a result. */
const columnLeftOut = "reader";

/** Tells whether anything has changed in the stores of a server: a SQLite file and a directory. */
export class StoreDigest {
  readonly #database: DatabaseSync;
  readonly #objects: string;
  readonly #tables: readonly string[];
  #version = -1n;
  #digest = "";

  constructor(data: string) {
    this.#database = new DatabaseSync(join(data, "state.sqlite"), { readOnly: true });
    this.#objects = join(data, "objects");
    const tables = this.#database.prepare("select name from sqlite_schema where type = 'table' order by name").all();
    this.#tables = tables.map(({ name }) => String(name)).filter((name) => !leftOut.has(name));
  }

  /** The same as long as no row and no object has changed. */
  current(): string {
    const objects = readdirSync(this.#objects, { recursive: true }).sort().join("\n");
    return `${this.#ofDatabase()} ${createHash("sha256").update(objects).digest("hex")}`;
  }

  #ofDatabase(): string {
    // Changes with every commit of another connection; where it has not, the rows need not be read.
    const version = BigInt(String(Object.values(this.#database.prepare("pragma data_version").get() ?? {})[0]));
    if (version === this.#version) return this.#digest;
    const hash = createHash("sha256");
    for (const table of this.#tables) {
      const rows = this.#database.prepare(rowsOf[table] ?? `select * from ${table}`);
      rows.setReadBigInts(true);
      hash.update(table);
      for (const row of rows.iterate()) {
        hash.update(
          JSON.stringify(Object.entries(row).flatMap(([name, value]) => (name === columnLeftOut ? [] : [String(value)]))),
        );
      }
    }
    this.#version = version;
    this.#digest = hash.digest("hex");
    return this.#digest;
  }

  close(): void {
    this.#database.close();
  }
}
