/** A body compressed with gzip, by the stream that browsers and Node share. */
export async function gzipped(body: string | Blob): Promise<Blob> {
  const plain = typeof body === "string" ? new Blob([body]) : body;
  return new Response(plain.stream().pipeThrough(new CompressionStream("gzip"))).blob();
}
