/** The id that a compute service gives itself, new for each process. */
import { InvalidComputeId, namePattern, uuidPattern } from "./compute-id.ts";

declare const computeServiceIdBrand: unique symbol;

/** `<name>-<uuid>`, kept and echoed with the characters that were sent. */
export type ComputeServiceId = string & { readonly [computeServiceIdBrand]: "ComputeServiceId" };

const splitPattern = new RegExp(`^([\\s\\S]*)-(${uuidPattern})$`);

/**
 * Reads an id. Besides the strict form (one hyphen, plain hex UUID) the forms of older services pass: a dashed UUID, and hyphens in
 * the name (compute-api §2, D1).
 * @throws {InvalidComputeId}
 */
export function parseComputeServiceId(text: string): ComputeServiceId {
  const match = splitPattern.exec(text);
  const name = match === null ? text.slice(0, Math.max(text.lastIndexOf("-"), 0)) : match[1];
  if (!text.includes("-") || name === undefined) {
    throw new InvalidComputeId("ComputeServiceID must have the form `{name}-{uuid}` with uuid in hex form", text);
  }
  if (!namePattern("-").test(name)) {
    throw new InvalidComputeId(
      "ComputeServiceID must either start with an alphabetical and contain only alphanumeric, underscores ('_'), periods ('.'), or colons (':') thereafter",
      text,
    );
  }
  if (match === null) throw new InvalidComputeId("Could not interpret the provided UUID.", text);
  return text as ComputeServiceId;
}

/** True for what services of 0.8.0 send: no hyphen in the name, a UUID without dashes. */
export function isStrictComputeServiceId(id: ComputeServiceId): boolean {
  return id.split("-").length === 2;
}

/** True for the UUID form of services up to 0.7.1 and of Folding@Home services. */
export function hasDashedUuid(id: ComputeServiceId): boolean {
  return splitPattern.exec(id)?.[2]?.includes("-") === true;
}
