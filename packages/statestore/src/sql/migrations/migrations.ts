import type { Dialect } from "../dialect.ts";
import type { Fragment } from "../statement.ts";
import { firstSchema } from "./0001-first-schema.ts";

/** All migrations, in order; the n-th brings the schema to version n. Never change one that was released: append. */
export const migrations: readonly ((dialect: Dialect) => readonly Fragment[])[] = [firstSchema];
