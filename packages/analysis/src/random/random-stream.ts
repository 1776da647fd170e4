/** Outputs thrown away at the start, so that similar starts have nothing in common. */
const discarded = 12;

/**
 * A stream of random numbers that is the same everywhere for the same start: generator sfc32 (C. Doty-Humphrey, PractRand), three words
 * of state and a counter.
 */
export class RandomStream {
  #a: number;
  #b: number;
  #c: number;
  #counter = 1;
  // Two fields, as a number that may be null is made anew each time.
  #spare = 0;
  #hasSpare = false;

  /** @param start three 32-bit words */
  constructor(start: readonly [number, number, number]) {
    [this.#a, this.#b, this.#c] = [start[0] | 0, start[1] | 0, start[2] | 0];
    for (let n = 0; n < discarded; n += 1) this.#next();
  }

  /** A stream that starts from a text, such as the keys of the results it is used on. */
  static of(text: string): RandomStream {
    return new RandomStream([hash(text, 0x9e3779b9), hash(text, 0x85ebca6b), hash(text, 0xc2b2ae35)]);
  }

  /** Uniform on [0, 1): 53 bits of two outputs. */
  uniform(): number {
    const high = this.#next() >>> 5;
    const low = this.#next() >>> 6;
    return (high * 67108864 + low) / 9007199254740992;
  }

  /** Uniform on the integers 0 … bound − 1. */
  below(bound: number): number {
    return Math.floor(this.uniform() * bound);
  }

  /** Standard normal, by Box and Muller: the cosine first, then the sine. */
  normal(): number {
    if (this.#hasSpare) {
      this.#hasSpare = false;
      return this.#spare;
    }
    const radius = Math.sqrt(-2 * Math.log(1 - this.uniform()));
    const angle = 2 * Math.PI * this.uniform();
    this.#spare = radius * Math.sin(angle);
    this.#hasSpare = true;
    return radius * Math.cos(angle);
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
}

/** 32 bits of a text: FNV-1a over its UTF-16 units with the mixing steps of MurmurHash3 at the end. */
function hash(text: string, seed: number): number {
  let h = 0x811c9dc5 ^ seed;
  for (let i = 0; i < text.length; i++) h = Math.imul(h ^ text.charCodeAt(i), 0x01000193);
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return h ^ (h >>> 16);
}
