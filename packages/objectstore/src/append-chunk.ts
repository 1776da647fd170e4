import type { FileHandle } from "node:fs/promises";

/** Appends a whole chunk to a file; `write` alone may stop half-way. */
export const appendChunk = async (file: FileHandle, chunk: Uint8Array): Promise<void> => {
  let done = 0;
  while (done < chunk.byteLength) done += (await file.write(chunk, done, chunk.byteLength - done)).bytesWritten;
};
