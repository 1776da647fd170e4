import type { Scope } from "@alchemiscale/contract";
import { type ChainEntry, compareTexts } from "@alchemiscale/gufe";
import { ObjectsDiffer } from "@alchemiscale/statestore";
import type { ServerContext } from "../server-context.ts";
import { HttpError } from "../transport/http-error.ts";

/**
 * Nobody may change another's science under a key. `store` writes objects, and refuses those that stand in the scope with another text unless their keys are
 * `accepted`: most submissions are new to their scope, so the texts are compared only then.
 * @throws {HttpError} 409 where a key stands in the scope with content that is provably other
 */
export async function refuseChangedObjects<T>(
  context: Pick<ServerContext, "stateStore">,
  scope: Scope,
  entries: readonly ChainEntry[],
  store: (accepted: readonly string[]) => Promise<T>,
): Promise<T> {
  for (let accepted: readonly string[] = []; ; ) {
    try {
      return await store(accepted);
    } catch (error) {
      // Again only for keys that have come meanwhile.
      if (!(error instanceof ObjectsDiffer) || accepted.includes(String(error.data.key))) throw error;
    }
    accepted = await comparedKeys(context, scope, entries);
  }
}

/** The keys that stand there with another text, which is not provably of other content. */
async function comparedKeys(
  context: Pick<ServerContext, "stateStore">,
  scope: Scope,
  entries: readonly ChainEntry[],
): Promise<readonly string[]> {
  const stored = await context.stateStore.objects.conflicts(scope, entries);
  const submitted = new Map(entries.map((entry) => [entry.key, entry.text]));
  const changed = stored.filter(({ key, text }) => compareTexts(text, submitted.get(key) ?? text) === "conclusively-different");
  const [first] = changed;
  if (first === undefined) return stored.map(({ key }) => key);
  const others = changed.length === 1 ? "" : ` (and ${changed.length - 1} more)`;
  throw new HttpError(
    409,
    `${first.key}${others} is stored in ${scope} with other content; the key does not belong to the content that was sent, or not to the one stored`,
  );
}
