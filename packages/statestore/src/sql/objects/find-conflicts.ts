import type { Scope } from "@alchemiscale/contract";
import type { ObjectText } from "../../state-store.ts";
import { sql, statement } from "../statement.ts";
import type { Transaction } from "../transaction.ts";
import { differingTexts } from "./differing-texts.ts";

const selectScope = statement<{ scope: string }, { id: number }>((p) => sql`select id from scope where text = ${p.scope}`);

/** Those of `entries` that stand in the scope under the same key with a different text: the stored text of each. */
export async function findConflicts(tx: Transaction, scope: Scope, entries: readonly ObjectText[]): Promise<ObjectText[]> {
  const known = await tx.first(selectScope, { scope });
  return known === undefined ? [] : differingTexts(tx, known.id, entries);
}
