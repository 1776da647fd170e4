import { createHash } from "node:crypto";
import { RandomStream } from "@alchemiscale/analysis";

export type Direction = "forward" | "reverse";

/**
 * The random numbers of one switch: a stream that starts from SHA-256 of `alchemiscale_harmonic/1/<seed>/<direction>/<index>`, so that the Python
 * class and this one draw the same numbers for the same seed (docs/native-protocol.md).
 */
export function trajectoryStream(seed: string, direction: Direction, index: number): RandomStream {
  const digest = createHash("sha256").update(`alchemiscale_harmonic/1/${seed}/${direction}/${index}`, "ascii").digest();
  return new RandomStream([digest.readUInt32BE(0), digest.readUInt32BE(4), digest.readUInt32BE(8)]);
}
