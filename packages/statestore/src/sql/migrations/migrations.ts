import type { Dialect } from "../dialect.ts";
import type { Fragment } from "../statement.ts";
import { firstSchema } from "./0001-first-schema.ts";
import { eventsOfNetworks } from "./0002-events-of-networks.ts";
import { identityChanges } from "./0003-identity-changes.ts";
import { processesAndFailures } from "./0004-processes-and-failures.ts";
import { resultsInOrder } from "./0005-results-in-order.ts";
import { childrenOfATask } from "./0006-children-of-a-task.ts";
import { networksOfAnEvent } from "./0007-networks-of-an-event.ts";
import { listsAsSmall } from "./0008-lists-as-small.ts";
import { estimates } from "./0009-estimates.ts";
import { versionsOfServices } from "./0010-versions-of-services.ts";
import { strategiesAtWork } from "./0011-strategies-at-work.ts";
import { roomBesideTasks } from "./0012-room-beside-tasks.ts";

/** A step from one version of the schema to the next. */
export interface Migration {
  /** For people, in a few words: what it brings. */
  readonly title: string;
  /**
   * True where it drops something or writes rows anew, so that what it does wrong could not be undone: it then runs only with a backup
   * at hand (SQLite: one is taken beside the file; PostgreSQL: the administrator says so).
   */
  readonly rewrites: boolean;
  readonly statements: (dialect: Dialect) => readonly Fragment[];
}

/** All migrations, in order; the n-th brings the schema to version n. Never change one that was released: append. */
export const migrations: readonly Migration[] = [
  { title: "first schema", rewrites: false, statements: firstSchema },
  { title: "events by network, and their horizon", rewrites: false, statements: eventsOfNetworks },
  { title: "changes of identities", rewrites: false, statements: identityChanges },
  { title: "API processes, and failures as history", rewrites: false, statements: processesAndFailures },
  { title: "results in the order in which they are seen", rewrites: false, statements: resultsInOrder },
  { title: "how many Tasks extend one", rewrites: false, statements: childrenOfATask },
  { title: "networks of an event, from its Task", rewrites: false, statements: networksOfAnEvent },
  { title: "lists that the planner takes for small", rewrites: false, statements: listsAsSmall },
  { title: "estimates", rewrites: false, statements: estimates },
  { title: "versions of compute services", rewrites: false, statements: versionsOfServices },
  { title: "stacks of strategies, and their decisions", rewrites: false, statements: strategiesAtWork },
  { title: "room beside Tasks", rewrites: false, statements: roomBesideTasks },
];
