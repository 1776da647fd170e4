import type { RandomStream } from "./random-stream.ts";

/** `replicates` lists of `count` indices below `count`, drawn with replacement. */
export function* resamples(random: RandomStream, count: number, replicates: number): Generator<Int32Array> {
  for (let replicate = 0; replicate < replicates; replicate++) {
    const indices = new Int32Array(count);
    for (let i = 0; i < count; i++) indices[i] = random.below(count);
    yield indices;
  }
}
