import { type Migration, migrations } from "./migrations.ts";

/** The list that a module exports as `migrations`, for tests; this program's own where none is named. */
export async function loadMigrations(module: string | null): Promise<readonly Migration[]> {
  if (module === null) return migrations;
  return ((await import(module)) as { readonly migrations: readonly Migration[] }).migrations;
}
