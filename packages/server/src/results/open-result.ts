/** Opens the stored bytes of a result wherever they lie: at the place that its reference names, or the computed one. */
import { gufeKeyOf, type ScopedKey, scopedKeyParts } from "@alchemiscale/contract";
import { ObjectNotFound, type ObjectStore, resultPathsToTry, type StoredObject } from "@alchemiscale/objectstore";
import type { ResultRef } from "@alchemiscale/statestore";

/** Null where the object is gone. */
export async function openResult(store: ObjectStore, transformation: ScopedKey, ref: ResultRef): Promise<StoredObject | null> {
  const { org, campaign, project } = scopedKeyParts(ref.ref);
  const place = { org, campaign, project, transformationKey: gufeKeyOf(transformation), ok: ref.ok, resultKey: ref.resultKey };
  for (const path of resultPathsToTry(place, ref.location)) {
    try {
      return await store.get(path);
    } catch (error) {
      if (!(error instanceof ObjectNotFound)) throw error;
    }
  }
  return null;
}
