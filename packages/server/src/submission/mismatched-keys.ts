import { type PackedObjects, unpackObjects, verifyKey } from "@alchemiscale/gufe";

/** The keys that are provably not those of their content, with what their content gives. */
export function mismatchedKeys(objects: PackedObjects): { readonly key: string; readonly computed: string | null }[] {
  const mismatched: { key: string; computed: string | null }[] = [];
  for (const object of unpackObjects(objects)) {
    const { computed, conclusive, matches } = verifyKey(object);
    if (conclusive && matches === false) mismatched.push({ key: object.key, computed });
  }
  return mismatched;
}
