import type { Scope } from "@alchemiscale/contract";
import { type ChainEntry, compareTexts } from "@alchemiscale/gufe";
import type { ServerContext } from "../server-context.ts";
import { HttpError } from "../transport/http-error.ts";

/**
 * Nobody may change another's science under a key.
 * @throws {HttpError} 409 where a key stands in the scope with content that is provably other
 */
export async function refuseChangedObjects(
  context: Pick<ServerContext, "stateStore">,
  scope: Scope,
  entries: readonly ChainEntry[],
): Promise<void> {
  const { objects } = context.stateStore;
  const standing = new Set(
    await objects.standing(
      scope,
      entries.map(({ key }) => key),
    ),
  );
  // Most submissions are new to their scope: the texts need not be sent to be compared then.
  if (standing.size === 0) return;
  const stored = await objects.conflicts(
    scope,
    entries.filter(({ key }) => standing.has(key)),
  );
  if (stored.length === 0) return;
  const submitted = new Map(entries.map((entry) => [entry.key, entry.text]));
  const changed = stored.filter(({ key, text }) => compareTexts(text, submitted.get(key) ?? text) === "conclusively-different");
  const [first] = changed;
  if (first === undefined) return;
  const others = changed.length === 1 ? "" : ` (and ${changed.length - 1} more)`;
  throw new HttpError(
    409,
    `${first.key}${others} is stored in ${scope} with other content; the key does not belong to the content that was sent, or not to the one stored`,
  );
}
