import type { RandomStream } from "./random-stream.ts";

/** `replicates` lists of `count` indices below `count`, drawn with replacement. */
export function* resamples(random: RandomStream, count: number, replicates: number): Generator<Int32Array> {
  for (let replicate = 0; replicate < replicates; replicate++) {
    yield Int32Array.from({ length: count }, () => random.below(count));
  }
}
