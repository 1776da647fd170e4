import pg from "pg";
import { StateStoreUnavailable } from "../../errors.ts";
import { describePostgres, reasonOf } from "./postgres-address.ts";

/** Version of the schema in a database; 0 where there is none. */
export async function postgresSchemaVersion(url: string): Promise<{ readonly description: string; readonly version: number }> {
  const description = describePostgres(url);
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 10_000, application_name: "alchemiscale" });
  client.on("error", () => {});
  try {
    await client.connect();
    const table = await client.query("select to_regclass('schema_version') as name");
    if (table.rows[0]?.name === null) return { description, version: 0 };
    const { rows } = await client.query("select max(version) as version from schema_version");
    return { description, version: Number(rows[0]?.version ?? 0) };
  } catch (error) {
    throw new StateStoreUnavailable(`${description} cannot be reached: ${reasonOf(error)}`, { store: description });
  } finally {
    await client.end().catch(() => {});
  }
}
