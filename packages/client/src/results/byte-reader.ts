/** Reads lines and runs of bytes from chunks, as they come. */
export class ByteReader {
  readonly #chunks: AsyncIterator<Uint8Array>;
  /** What came and was not read yet. */
  #rest: Uint8Array = new Uint8Array(0);

  constructor(chunks: AsyncIterable<Uint8Array>) {
    this.#chunks = chunks[Symbol.asyncIterator]();
  }

  /** The next line, without its line feed; undefined at the end. @throws {CutShort} at an end within a line. */
  async line(): Promise<string | undefined> {
    const pieces: Uint8Array[] = [];
    for (;;) {
      const feed = this.#rest.indexOf(0x0a);
      if (feed !== -1) {
        pieces.push(this.#rest.subarray(0, feed));
        this.#rest = this.#rest.subarray(feed + 1);
        return new TextDecoder().decode(joined(pieces));
      }
      pieces.push(this.#rest);
      if (!(await this.#more())) {
        if (pieces.some(({ length }) => length > 0)) throw new CutShort();
        return undefined;
      }
    }
  }

  /** The next `length` bytes. @throws {CutShort} where there are fewer. */
  async take(length: number): Promise<Uint8Array> {
    const taken = new Uint8Array(length);
    for (let at = 0; at < length; ) {
      if (this.#rest.length === 0 && !(await this.#more())) throw new CutShort();
      const part = this.#rest.subarray(0, length - at);
      taken.set(part, at);
      at += part.length;
      this.#rest = this.#rest.subarray(part.length);
    }
    return taken;
  }

  /** Lets go of the source. */
  async close(): Promise<void> {
    await this.#chunks.return?.();
  }

  async #more(): Promise<boolean> {
    const next = await this.#chunks.next();
    this.#rest = next.done === true ? new Uint8Array(0) : next.value;
    return next.done !== true;
  }
}

/** The bytes ended where more were promised. */
export class CutShort extends Error {
  override readonly name = "CutShort";

  constructor() {
    super("the connection was cut in the middle of the reply");
  }
}

function joined(pieces: readonly Uint8Array[]): Uint8Array {
  if (pieces.length === 1 && pieces[0] !== undefined) return pieces[0];
  const whole = new Uint8Array(pieces.reduce((length, piece) => length + piece.length, 0));
  let at = 0;
  for (const piece of pieces) {
    whole.set(piece, at);
    at += piece.length;
  }
  return whole;
}
