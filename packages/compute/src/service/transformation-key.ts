/** gufe key of the last element of a keyed chain: the (Non)Transformation itself; empty where there is none. */
export function transformationKey(chain: string): string {
  const keys = chain.match(/"(?:Non)?Transformation-[0-9a-f]{32}"/g);
  return keys?.at(-1)?.slice(1, -1) ?? "";
}
