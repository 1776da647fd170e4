/** Samples or work values that no estimate can be made of: the states or directions do not overlap. */
export class OverlapError extends Error {
  override readonly name = "OverlapError";
}
