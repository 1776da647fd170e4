import { appendFileSync, readFileSync, writeFileSync } from "node:fs";
import type { Provenance } from "@alchemiscale/contract";
import type { ChainElement } from "./harmonic-dag.ts";
import type { UnitName } from "./harmonic-input.ts";

/** Units by name and the 32 hexadecimal digits of each key: with the Transformation they make the same ProtocolDAG again. */
export type UnitIds = Readonly<Record<UnitName, string>>;

/** An attempt of a unit as it was made. */
export interface JournalAttempt {
  readonly unit: UnitName;
  /** The element alone: what it refers to is in the ProtocolDAG and in other attempts. */
  readonly element: ChainElement;
  readonly about: Provenance["units"][number] & { readonly exception?: string };
}

/** A file in which no journal begins. */
export class UnreadableJournal extends Error {
  override readonly name = "UnreadableJournal";
}

/**
 * A journal is all that is on disk of a Task that runs here, so that another process can go on with it: a line of JSON with the ids of the
 * units, and one for each attempt, in the order in which they ended. One file, because to make and remove files takes longer than a
 * small unit; written while the thread waits, as asking another one to write costs ten times as much.
 */
export function beginJournal(path: string, ids: UnitIds): void {
  writeFileSync(path, JSON.stringify({ ids }));
}

/** Threads that append at once do not mix their lines. */
export function addToJournal(path: string, attempt: JournalAttempt): void {
  // The end of line comes first: what was cut off by the end of a process spoils nothing but itself.
  appendFileSync(path, `\n${JSON.stringify(attempt)}`);
}

/** @throws {UnreadableJournal} where the ids cannot be read; attempts that cannot be are left out. */
export function readJournal(path: string): { readonly ids: UnitIds; readonly attempts: readonly JournalAttempt[] } {
  const [first, ...lines] = readFileSync(path, "utf8").split("\n").map(parsed);
  if (!isMade<{ ids: UnitIds }>(first, "ids")) throw new UnreadableJournal(`${path} does not begin with the ids of units`);
  return { ids: first.ids, attempts: lines.filter((line) => isMade<JournalAttempt>(line, "element")) };
}

function parsed(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return null;
  }
}

function isMade<T extends object>(value: unknown, member: keyof T): value is T {
  return typeof value === "object" && value !== null && member in value;
}
