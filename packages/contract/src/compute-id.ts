/** What the ids of compute services and managers have in common: `<name>-<uuid>` (compute-api §2). */

/** An id of a compute service or manager that cannot be read. `value` is what was given. */
export class InvalidComputeId extends Error {
  override readonly name = "InvalidComputeId";
  readonly value: string;

  constructor(message: string, value: string) {
    super(message);
    this.value = value;
  }
}

const hex = (digits: number) => `[0-9A-Fa-f]{${digits}}`;
const plain = hex(32);
const dashed = [8, 4, 4, 4, 12].map(hex).join("-");

/** A UUID in hex: plain or dashed, upper case too, in braces or behind `urn:uuid:` as Python's parser reads them. */
export const uuidPattern = `(?:urn:)?(?:uuid:)?(?:${plain}|${dashed}|\\{(?:${plain}|${dashed})\\})`;

/** The name before the UUID; `also` are further characters allowed after the first one. */
export function namePattern(also: "" | "-"): RegExp {
  return also === "" ? /^[A-Za-z][A-Za-z0-9_.:]*$/ : /^[A-Za-z][A-Za-z0-9_.:-]*$/;
}
