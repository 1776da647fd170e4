/** A `protocols` setting that names nothing the executor can run. */
export class NoProtocolToClaim extends Error {
  override readonly name = "NoProtocolToClaim";
  readonly wanted: readonly string[];
  readonly runnable: readonly string[];

  constructor(wanted: readonly string[], runnable: readonly string[], executor: string) {
    const able = runnable.length === 0 ? "no Protocol at all" : runnable.join(", ");
    super(
      wanted.length === 0
        ? `the ${executor} executor can run no Protocol; is the right environment given?`
        : `protocols: the ${executor} executor can run ${able}, but the setting asks for ${wanted.join(", ")}`,
    );
    this.wanted = wanted;
    this.runnable = runnable;
  }
}

/**
 * The Protocol classes to ask for at each claim: those of the setting that the executor can run; null = any.
 * @throws {NoProtocolToClaim} when none is left: an empty list must never be sent.
 */
export function claimedProtocols(
  setting: readonly string[] | null,
  executor: { readonly name: string; readonly protocols: readonly string[] | null },
): readonly string[] | null {
  const { protocols: runnable } = executor;
  if (runnable === null) return setting;
  const claimed = setting === null ? runnable : setting.filter((name) => runnable.includes(name));
  if (claimed.length === 0) throw new NoProtocolToClaim(setting ?? [], runnable, executor.name);
  return claimed;
}
