const empty = 0;

/** Slots that are looked at for one key. Hashes that are spread evenly need some dozens in a chain of a million; those of keys that were made to collide, all. */
const mostLooks = 200;

/** From a key to its place in a chain, without making strings: keys are stretches of the bytes that they came in. */
export class KeyPlaces {
  readonly #bytes: Uint8Array;
  readonly #starts: number[] = [];
  readonly #ends: number[] = [];
  /** Place + 1 by hash, with open addressing; at most half full. */
  #slots = new Uint32Array(256);

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  /** -1 where there is no such key. */
  find(start: number, end: number): number {
    const mask = this.#slots.length - 1;
    for (let slot = this.#hash(start, end) & mask; ; slot = (slot + 1) & mask) {
      const place = (this.#slots[slot] as number) - 1;
      if (place < 0 || this.#isKey(place, start, end)) return place;
    }
  }

  /** Gives a new key the next place; false where keys collide so often that finding one would take long: then this is of no more use. */
  add(start: number, end: number): boolean {
    this.#starts.push(start);
    this.#ends.push(end);
    if (2 * this.#starts.length <= this.#slots.length) return this.#put(this.#starts.length - 1);
    this.#slots = new Uint32Array(2 * this.#slots.length);
    return this.#starts.every((_, place) => this.#put(place));
  }

  #put(place: number): boolean {
    const mask = this.#slots.length - 1;
    let slot = this.#hash(this.#starts[place] as number, this.#ends[place] as number) & mask;
    for (let looks = 0; this.#slots[slot] !== empty; looks += 1) {
      if (looks === mostLooks) return false;
      slot = (slot + 1) & mask;
    }
    this.#slots[slot] = place + 1;
    return true;
  }

  /** FNV-1a of the last bytes: digits of a hash as a rule. */
  #hash(start: number, end: number): number {
    let hash = 0x811c9dc5;
    for (let i = Math.max(start, end - 12); i < end; i += 1) hash = Math.imul(hash ^ (this.#bytes[i] as number), 0x01000193);
    return hash ^ (hash >>> 15);
  }

  #isKey(place: number, start: number, end: number): boolean {
    const known = this.#starts[place] as number;
    if (end - start !== (this.#ends[place] as number) - known) return false;
    for (let i = end - start - 1; i >= 0; i -= 1) if (this.#bytes[start + i] !== this.#bytes[known + i]) return false;
    return true;
  }
}
