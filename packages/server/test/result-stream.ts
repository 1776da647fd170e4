/** A reader of the stream of whole results, as the documentation describes it. */
export interface StreamedResult {
  readonly facts: Record<string, unknown>;
  readonly bytes: Buffer;
}

export async function readResultStream(
  reply: Response,
): Promise<{ readonly results: readonly StreamedResult[]; readonly end: Record<string, unknown> | null }> {
  const all = Buffer.from(await reply.arrayBuffer());
  const results: StreamedResult[] = [];
  for (let at = 0; at < all.length; ) {
    const lineEnd = all.indexOf("\n", at);
    const facts = JSON.parse(all.subarray(at, lineEnd).toString()) as Record<string, unknown>;
    if (facts.end === true) return { results, end: facts };
    const bytes = all.subarray(lineEnd + 1, lineEnd + 1 + Number(facts.bytes));
    results.push({ facts, bytes });
    at = lineEnd + 1 + bytes.length + 1;
  }
  return { results, end: null };
}
