import { referenceMember } from "../chain/keyed-chain.ts";
import { malformedPair, pairInterest } from "../chain/pair-interest.ts";
import { JsonLimitError } from "../errors.ts";
import type { Json } from "../json/json.ts";
import { parseJson } from "../json/parse-json.ts";
import { type BytePath, type Interest, JsonByteScanner, type ValueKind } from "../stream/json-byte-scanner.ts";
import { neededMembers, ResultCollector } from "./result-collector.ts";
import type { ResultSummary } from "./result-summary.ts";

export interface ResultScannerOptions {
  /** Outputs of units that are wanted in the summary; all others are passed over. */
  readonly outputs?: ReadonlySet<string>;
}

/** Characters of all wanted outputs together: many units could each hold the most that one value may have. */
const mostOutputs = 2 ** 27;

/** Characters of a text encoded at a time. */
const step = 1 << 16;

/**
 * Summarises a ProtocolDAGResult from the UTF-8 bytes of its keyed chain, in chunks of any size. Values that the summary does
 * not need are passed over, however long; the memory is that of the summary. Synchronous and without Node: made for a
 * worker thread.
 *
 * `write` and `end` throw `JsonSyntaxError`, `JsonLimitError` (a needed value beyond 64 MiB, or wanted outputs
 * beyond 128 MiB together), `ChainError`, `ShapeError`.
 */
export class ResultScanner {
  readonly #scanner: JsonByteScanner;
  readonly #collector = new ResultCollector();
  readonly #wantedOutputs: ReadonlySet<string>;
  #key: string | undefined;
  #members = new Map<string, Json>();
  #dependencies = new Set<string>();
  #outputs = new Map<string, Json>();
  #outputCharacters = 0;
  #hasDict = false;
  #needed: ReadonlySet<string> = new Set();

  constructor(options: ResultScannerOptions = {}) {
    this.#wantedOutputs = options.outputs ?? new Set();
    this.#scanner = new JsonByteScanner({
      interest: (path, kind) => this.#interest(path, kind),
      kept: (path, value) => this.#kept(path, value),
      text: (path, text) => this.#output(path[3] as string, text),
      left: (path) => this.#left(path),
    });
  }

  /** Reads the next chunk. */
  write(chunk: Uint8Array): void {
    this.#scanner.write(chunk);
  }

  /** Reads a whole text, or a part that does not end between two surrogates. */
  writeText(text: string): void {
    const encoder = new TextEncoder();
    const buffer = new Uint8Array(3 * step + 3);
    for (let at = 0; at < text.length; ) {
      let end = Math.min(at + step, text.length);
      // A pair of surrogates cut in two would be encoded as two unknown characters.
      if (end < text.length && (text.charCodeAt(end - 1) & 0xfc00) === 0xd800) end += 1;
      const { written } = encoder.encodeInto(text.slice(at, end), buffer);
      this.write(buffer.subarray(0, written));
      at = end;
    }
  }

  /** Ends the text and gives the summary. */
  end(): ResultSummary {
    this.#scanner.end();
    return this.#collector.summary();
  }

  #interest(path: BytePath, kind: ValueKind): Interest {
    switch (path.length) {
      case 0:
        return pairInterest(path, kind, "enter");
      case 1:
        this.#key = undefined;
        this.#hasDict = false;
        this.#members = new Map();
        this.#dependencies = new Set();
        this.#outputs = new Map();
        return pairInterest(path, kind, "enter");
      case 2:
        if (path[1] === 1) this.#hasDict = true;
        return pairInterest(path, kind, "enter");
      case 3: {
        const name = path[2] as string;
        if (name === "outputs") {
          this.#outputs = new Map();
          return this.#wantedOutputs.size > 0 ? "enter" : "skip";
        }
        if (name !== "inputs") return this.#needed.has(name) ? "keep" : "skip";
        this.#dependencies = new Set();
        return "enter";
      }
      case 4:
        if (path[2] === "outputs") return this.#wantedOutputs.has(path[3] as string) ? "text" : "skip";
        return inputInterest(path);
      default:
        return inputInterest(path);
    }
  }

  #kept(path: BytePath, value: Json): void {
    if (path.length === 2) {
      this.#key = value as string;
      this.#needed = neededMembers(this.#key);
    } else if (path.length === 3) this.#members.set(path[2] as string, value);
    else if (typeof value === "string") this.#dependencies.add(value);
  }

  #output(name: string, text: string | null): void {
    this.#outputCharacters += text?.length ?? mostOutputs;
    if (text === null || this.#outputCharacters > mostOutputs) {
      throw new JsonLimitError(
        "too-large",
        `${this.#key}.outputs.${name}`,
        `The outputs that are looked at have more than ${mostOutputs} characters, or one of them has too many`,
      );
    }
    this.#outputs.set(name, parseJson(text));
  }

  #left(path: BytePath): void {
    if (path.length !== 1) return;
    if (this.#key === undefined || !this.#hasDict) throw malformedPair(`[${path[0]}]`);
    this.#collector.add(this.#key, this.#members, this.#dependencies, this.#outputs, `[${path[0]}]`);
  }
}

/**
 * A unit result depends on the results that are values of `inputs`, or one level inside an object or array there
 * (spec/gufe.md §4.2): `inputs.a`, `inputs.a.b`, `inputs.a[0]`, each of which may be `{":gufe-key:": …}`.
 */
function inputInterest(path: BytePath): Interest {
  if (path[path.length - 1] === referenceMember) return path.length > 4 ? "keep" : "skip";
  return path.length < 6 ? "enter" : "skip";
}
