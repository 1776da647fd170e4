import type { Scope } from "@alchemiscale/contract";
import { ObjectsDiffer } from "@alchemiscale/statestore";
import { HttpError } from "../transport/http-error.ts";

/**
 * What `store` writes, unless it refuses: nobody may change another's science under a key.
 * @throws {HttpError} 409 where a key stands in the scope with content that is provably other
 */
export async function refuseChangedObjects<T>(scope: Scope, store: () => Promise<T>): Promise<T> {
  try {
    return await store();
  } catch (error) {
    if (!(error instanceof ObjectsDiffer)) throw error;
    const { key, count } = error.data;
    const others = count === 1 ? "" : ` (and ${Number(count) - 1} more)`;
    throw new HttpError(
      409,
      `${key}${others} is stored in ${scope} with other content; the key does not belong to the content that was sent, or not to the one stored`,
    );
  }
}
