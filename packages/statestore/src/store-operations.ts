/** Of the store as a whole, for administrators. */
import type { TaskStatus } from "@alchemiscale/contract";
import type { Instant } from "./state-store.ts";

export interface StoreSummary {
  readonly networks: number;
  readonly transformations: number;
  readonly tasks: number;
  readonly tasksByStatus: Partial<Record<TaskStatus, number>>;
  readonly results: number;
  readonly identities: number;
  readonly services: number;
  readonly managers: number;
  readonly events: number;
  /** The newest event, or heartbeat of a service that is registered; null before the first. */
  readonly lastActivity: Instant | null;
}

/** A rule that the store breaks. */
export interface IntegrityFinding {
  /** Short name of the rule, for programs. */
  readonly rule: string;
  /** What is wrong, for people. */
  readonly message: string;
  /** How many rows; null where it is not about rows. */
  readonly count: number | null;
  /** Some of them, at most 10: the ids of rows, or what the engine says. */
  readonly examples: readonly string[];
}

export interface StoreOperations {
  summary(): Promise<StoreSummary>;
  /** Every rule that is checked, and those that are broken. Reads the whole store. */
  integrity(): Promise<{ readonly rules: readonly string[]; readonly findings: readonly IntegrityFinding[] }>;
  /**
   * Erases everything, identities too, and leaves an empty store. Services whose last heartbeat is after `liveSince` are alive.
   * @throws {StoreInUse} while one of them, or an API process, is registered; then nothing has changed.
   */
  reset(liveSince: Instant): Promise<void>;
}
