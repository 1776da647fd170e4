/** Where files that are kept beside results lie in the object store, and which of them go when there are too many or too old ones. */
import { gufeKeyOf, scopedKeyParts } from "@alchemiscale/contract";
import type { ListedObject } from "@alchemiscale/objectstore";
import type { ResultRef } from "@alchemiscale/statestore";

export const keptFilesPrefix = "keptfiles";

/** The day that the result came comes first: the oldest files are found without looking at all. */
export function keptFilesOf({ ref, created }: Pick<ResultRef, "ref" | "created">): string {
  const { org, campaign, project } = scopedKeyParts(ref);
  const day = /^\d{4}-\d\d-\d\d/.exec(created)?.[0] ?? "1970-01-01";
  return [keptFilesPrefix, day, org, campaign, project, gufeKeyOf(ref)].join("/");
}

/** A name as a segment of a path: what is not allowed there becomes `=` and the two hexadecimal digits of each of its bytes. */
export function nameToSegment(name: string): string {
  const encoded = Array.from(Buffer.from(name), (byte) => {
    const character = String.fromCharCode(byte);
    return /[A-Za-z0-9_.+@-]/.test(character) ? character : `=${byte.toString(16).padStart(2, "0")}`;
  }).join("");
  // It may begin with `.` or `-`, which a segment may not.
  return `f${encoded}`;
}

/** The inverse of {@link nameToSegment}; null for what it does not make. */
export function segmentToName(segment: string): string | null {
  if (!segment.startsWith("f")) return null;
  const bytes = segment.slice(1).replace(/=([0-9a-f]{2})/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
  return Buffer.from(bytes, "latin1").toString();
}

export interface Retention {
  /** Days that files are kept after their result came; null = for ever. */
  readonly days: number | null;
  /** Bytes that all files together may take; null = no limit. */
  readonly bytes: number | null;
}

/** Of all kept files those that must go: the too old ones, then the oldest until the rest fits. */
export function filesToRemove(files: readonly ListedObject[], retention: Retention, now: Date): ListedObject[] {
  const { days, bytes } = retention;
  const day = (path: string): string => path.split("/")[1] ?? "";
  const oldest = days === null ? "" : new Date(now.getTime() - days * 86_400_000).toISOString().slice(0, 10);
  const sorted = [...files].sort((a, b) => (day(a.path) < day(b.path) ? -1 : 1));
  let left = sorted.reduce((sum, { size }) => sum + size, 0);
  return sorted.filter(({ path, size }) => {
    const goes = day(path) < oldest || (bytes !== null && left > bytes);
    if (goes) left -= size;
    return goes;
  });
}
