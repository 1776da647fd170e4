/** Opens the stored bytes of a result wherever they lie: at the place that its reference names, or the computed one. */
import { gufeKeyOf, type ScopedKey, scopedKeyParts } from "@alchemiscale/contract";
import { type ByteRange, ObjectNotFound, type ObjectStore, resultPathsToTry, type StoredObject } from "@alchemiscale/objectstore";
import type { ResultRef } from "@alchemiscale/statestore";

/** Null where the object is gone. */
export async function openResult(
  store: ObjectStore,
  transformation: ScopedKey,
  ref: ResultRef,
  range?: ByteRange,
): Promise<StoredObject | null> {
  for (const path of resultPlaces(transformation, ref)) {
    try {
      return await store.get(path, range);
    } catch (error) {
      if (!(error instanceof ObjectNotFound)) throw error;
    }
  }
  return null;
}

/** Paths at which the object of a result may lie, in the order in which they are tried. */
export function resultPlaces(transformation: ScopedKey, ref: ResultRef): readonly string[] {
  const { org, campaign, project } = scopedKeyParts(ref.ref);
  const place = { org, campaign, project, transformationKey: gufeKeyOf(transformation), ok: ref.ok, resultKey: ref.resultKey };
  return resultPathsToTry(place, ref.location);
}
