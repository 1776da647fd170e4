/** SQLite: one writer at a time, JSON functions, rows in the order of the key where asked. */
import type { Dialect } from "../dialect.ts";
import { nothing, sql, text } from "../statement.ts";
import { drawTasks } from "./draw-tasks.ts";
import { eventHorizon } from "./event-horizon.ts";
import { insertObjects } from "./insert-objects.ts";
import { resultHorizon } from "./result-horizon.ts";

const affinity = { text: "text", bigint: "integer", "double precision": "real" } as const;

export const sqliteDialect: Dialect = {
  name: "SQLite",
  parameter: (number) => `?${number}`,
  list: (json, type) => sql`(select key as ord, cast(value as ${text(affinity[type])}) as value from json_each(${json}))`,
  rows: (json, columns) => {
    const selected = Object.entries(columns).map(([name, type], i) => `cast(value ->> ${i} as ${affinity[type]}) as ${name}`);
    return sql`(select key as ord, ${text(selected.join(", "))} from json_each(${json}))`;
  },
  lock: () => nothing,
  locksRows: false,
  // random() is a signed 64-bit integer; its low 53 bits + 1 over 2^53 lie in (0, 1].
  exponential: text("(-ln(((random() & 9007199254740991) + 1) / 9007199254740992.0))"),
  countedKey: text("integer primary key"),
  text: text("text"),
  clustered: text("without rowid"),
  busy: nothing,
  drawTasks,
  eventHorizon,
  resultHorizon,
  insertObjects,
};
