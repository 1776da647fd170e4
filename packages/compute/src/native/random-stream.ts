import { createHash } from "node:crypto";

export type Direction = "forward" | "reverse";

const discarded = 12;

/**
 * The random numbers of one switch: an sfc32 generator that starts from SHA-256 of `alchemiscale_harmonic/1/<seed>/<direction>/<index>`,
 * so that the Python class and this one draw the same numbers for the same seed (docs/native-protocol.md).
 */
export class RandomStream {
  #a: number;
  #b: number;
  #c: number;
  #counter = 1;
  #spare: number | null = null;

  constructor(seed: string, direction: Direction, index: number) {
    const digest = createHash("sha256").update(`alchemiscale_harmonic/1/${seed}/${direction}/${index}`, "ascii").digest();
    this.#a = digest.readUInt32BE(0) | 0;
    this.#b = digest.readUInt32BE(4) | 0;
    this.#c = digest.readUInt32BE(8) | 0;
    for (let n = 0; n < discarded; n += 1) this.#next();
  }

  /** Next 32-bit output. */
  #next(): number {
    const out = (this.#a + this.#b + this.#counter) | 0;
    this.#counter = (this.#counter + 1) | 0;
    this.#a = this.#b ^ (this.#b >>> 9);
    this.#b = (this.#c + (this.#c << 3)) | 0;
    this.#c = (((this.#c << 21) | (this.#c >>> 11)) + out) | 0;
    return out >>> 0;
  }

  /** Uniform on [0, 1): 53 bits of two outputs. */
  uniform(): number {
    const high = this.#next() >>> 5;
    const low = this.#next() >>> 6;
    return (high * 67108864 + low) / 9007199254740992;
  }

  /** Standard normal, by Box and Muller: the cosine first, then the sine. */
  normal(): number {
    if (this.#spare !== null) {
      const value = this.#spare;
      this.#spare = null;
      return value;
    }
    const radius = Math.sqrt(-2 * Math.log(1 - this.uniform()));
    const angle = 2 * Math.PI * this.uniform();
    this.#spare = radius * Math.sin(angle);
    return radius * Math.cos(angle);
  }
}
