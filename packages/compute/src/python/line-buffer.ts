import { StringDecoder } from "node:string_decoder";

const longestLine = 8192;

/** Cuts what a process writes into lines, in bounded memory whatever it writes: a longer line is cut, the rest of it dropped. */
export class LineBuffer {
  readonly #onLine: (line: string) => void;
  readonly #decoder = new StringDecoder("utf8");
  #partial = "";

  constructor(onLine: (line: string) => void) {
    this.#onLine = onLine;
  }

  push(chunk: Buffer): void {
    const [first = "", ...others] = this.#decoder.write(chunk).split("\n");
    this.#add(first);
    for (const next of others) {
      this.#emit();
      this.#add(next);
    }
  }

  /** The last line may lack its end. */
  end(): void {
    if (this.#partial !== "") this.#emit();
  }

  #add(text: string): void {
    if (this.#partial.length < longestLine) this.#partial = (this.#partial + text).slice(0, longestLine);
  }

  #emit(): void {
    const line = this.#partial;
    this.#partial = "";
    this.#onLine(line);
  }
}
