/** The id of a compute manager: its configured name and a UUID that is new for each process. */
import { InvalidComputeId, namePattern, uuidPattern } from "./compute-id.ts";

declare const computeManagerIdBrand: unique symbol;

/** `<name>-<uuid>`, kept and echoed with the characters that were sent. */
export type ComputeManagerId = string & { readonly [computeManagerIdBrand]: "ComputeManagerId" };

const wholeUuid = new RegExp(`^${uuidPattern}$`);
/** Python's `str.isalnum`. */
const olderName = /^[\p{L}\p{N}]+$/u;

/**
 * Reads an id; the name holds no hyphen, the UUID is plain hex. Managers of 0.7.0 and 0.7.1 send a dashed UUID, and have any name of letters and
 * digits.
 * @throws {InvalidComputeId} with one of the three texts that clients know (compute-api §2).
 */
export function parseComputeManagerId(text: string): ComputeManagerId {
  const hyphen = text.indexOf("-");
  const name = text.slice(0, Math.max(hyphen, 0));
  const uuid = text.slice(hyphen + 1);
  const isUuid = wholeUuid.test(uuid);
  if (hyphen < 0 || (uuid.includes("-") && !isUuid)) {
    throw new InvalidComputeId("ComputeManagerID must have the form `{name}-{uuid}` with uuid in hex form", text);
  }
  const isName = uuid.includes("-") ? isComputeManagerName(name) : namePattern("").test(name);
  if (!isName) {
    throw new InvalidComputeId(
      "ComputeManagerID must either start with an alphabetical and contain only alphanumeric, underscores ('_'), periods ('.'), or colons (':') thereafter",
      text,
    );
  }
  if (!isUuid) throw new InvalidComputeId("Could not interpret the provided UUID.", text);
  return text as ComputeManagerId;
}

/** The part before the UUID: what names a manager across restarts. */
export function computeManagerName(id: ComputeManagerId): string {
  return id.slice(0, id.indexOf("-"));
}

/** The part after the name, as it was sent. */
export function computeManagerUuid(id: ComputeManagerId): string {
  return id.slice(id.indexOf("-") + 1);
}

/** True for a text that can be the name of a manager, older ones included. */
export function isComputeManagerName(text: string): boolean {
  return namePattern("").test(text) || olderName.test(text);
}
