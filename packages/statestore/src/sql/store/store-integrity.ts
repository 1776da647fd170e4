import type { IntegrityFinding } from "../../store-operations.ts";
import { sql, statement } from "../statement.ts";
import type { Transaction } from "../transaction.ts";
import { integrityRules } from "./integrity-rules.ts";

const examples = 10;

const pageFaults = statement<Record<never, never>, { integrity_check: string }>(() => sql`pragma integrity_check(20)`);
const keyFaults = statement<Record<never, never>, { table: string; rowid: number | null; parent: string }>(
  () => sql`pragma foreign_key_check`,
);
const rules = integrityRules.map((rule) => ({
  rule,
  select: statement<Record<never, never>, { example: string; count: number }>(
    () => sql`select example, count(*) over () as count from (${rule.broken}) as broken limit 10`,
  ),
}));

/** The engine's own check of the file, and every rule of the store, on one snapshot. */
export async function storeIntegrity(
  tx: Transaction,
): Promise<{ readonly rules: readonly string[]; readonly findings: readonly IntegrityFinding[] }> {
  const findings: IntegrityFinding[] = [];
  const engineRules: string[] = [];
  if (tx.dialect.name === "SQLite") {
    engineRules.push("integrity-check", "foreign-key-check");
    const pages = (await tx.all(pageFaults, {})).map((row) => row.integrity_check).filter((line) => line !== "ok");
    if (pages.length > 0) {
      findings.push({
        rule: "integrity-check",
        message: "the file is damaged: restore a backup",
        count: null,
        examples: pages.slice(0, examples),
      });
    }
    const keys = await tx.all(keyFaults, {});
    if (keys.length > 0) {
      findings.push({
        rule: "foreign-key-check",
        message: "rows that refer to others that do not exist",
        count: keys.length,
        examples: keys.slice(0, examples).map(({ table, rowid, parent }) => `${table} ${rowid ?? ""} → ${parent}`),
      });
    }
  }
  for (const { rule, select } of rules) {
    const broken = await tx.all(select, {});
    const count = broken[0]?.count;
    if (count !== undefined) {
      findings.push({ rule: rule.name, message: rule.message, count, examples: broken.map(({ example }) => example) });
    }
  }
  return { rules: [...engineRules, ...rules.map(({ rule }) => rule.name)], findings };
}
