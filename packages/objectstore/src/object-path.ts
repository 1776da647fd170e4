import { InvalidObjectPath } from "./object-store-error.ts";

const segmentPattern = /^[A-Za-z0-9_][A-Za-z0-9_.=+@-]*$/;
const longestSegment = 200;
const longestPath = 900;

/**
 * Checks a path and returns its segments. Segments are one or more of `A-Z a-z 0-9 _ . = + @ -`, do not start with `.` or `-`, and are at most 200 characters;
 * the whole is at most 900 (S3 ends at 1,024 with the prefix). So no path leads out of the store, or to its temporary files, and each means the same on every file system.
 * Throws `InvalidObjectPath`.
 */
export const objectPathSegments = (path: string): readonly string[] => {
  if (path.length === 0) throw new InvalidObjectPath(path, "it is empty");
  if (path.length > longestPath) throw new InvalidObjectPath(path, `it is longer than ${longestPath} characters`);
  const segments = path.split("/");
  for (const segment of segments) {
    if (segment.length > longestSegment)
      throw new InvalidObjectPath(path, `a segment is longer than ${longestSegment} characters`);
    if (!segmentPattern.test(segment)) {
      throw new InvalidObjectPath(
        path,
        `the segment ${JSON.stringify(segment)} must consist of A-Z a-z 0-9 _ . = + @ - and start with a letter, a digit or _`,
      );
    }
  }
  return segments;
};

/** Whether a path could be an object's. */
export const isObjectPath = (path: string): boolean => {
  try {
    objectPathSegments(path);
    return true;
  } catch {
    return false;
  }
};

/** The segments of a listing's prefix: none for the empty one; a slash at the end is allowed. Throws `InvalidObjectPath`. */
export const objectPrefixSegments = (prefix: string): readonly string[] =>
  prefix === "" ? [] : objectPathSegments(prefix.endsWith("/") ? prefix.slice(0, -1) : prefix);
