import { ShapeError } from "../errors.ts";
import type { Json } from "../json/json.ts";
import { type BytePath, type Interest, JsonByteScanner, type ValueKind } from "./json-byte-scanner.ts";

/** What to take out of a JSON object that comes in chunks. */
export interface MemberExtractorOptions {
  /** Paths of members that are strings standing for bytes (one character U+0000…U+00FF a byte). */
  readonly bytesAt?: readonly (readonly string[])[];
  /** Paths of members to hand out whole; small ones. */
  readonly valuesAt?: readonly (readonly string[])[];
  /** Paths of members whose text is handed out as it stands; small ones. Of one that is given twice the last counts. */
  readonly textsAt?: readonly (readonly string[])[];
  /** Next bytes of a string at one of `bytesAt`. The array belongs to the receiver. */
  readonly onBytes?: (bytes: Uint8Array, path: readonly string[]) => void;
  /** A string at one of `bytesAt` begins, or has come to its end. */
  readonly onBytesStart?: (path: readonly string[]) => void;
  readonly onBytesEnd?: (path: readonly string[]) => void;
  /** The value at one of `valuesAt`. */
  readonly onValue?: (path: readonly string[], value: Json) => void;
  /** The text of the value at one of `textsAt`; null where it has more than `maxValueBytes`, which is no error there. */
  readonly onText?: (path: readonly string[], text: string | null) => void;
  /** Most bytes of JSON that a value of `valuesAt` or `textsAt` may have; 1 MiB unless given. */
  readonly maxValueBytes?: number;
}

/**
 * Takes single members out of a JSON object that comes as UTF-8 bytes in chunks of any size, in any order of members, with
 * memory for one chunk. The whole text is checked to be JSON.
 *
 * The same member given twice is an error: bytes already handed out cannot be taken back for the last one to win.
 * Throws `JsonSyntaxError`, `JsonLimitError`, and `ShapeError` where a member of `bytesAt` is no string, holds text above
 * U+00FF, or appears twice.
 *
 * ```ts
 * const body = new MemberExtractor({
 *   bytesAt: [["protocoldagresult", "latin-1"]],
 *   valuesAt: [["compute_service_id"]],
 *   onBytes: (bytes) => inflate.write(bytes),
 *   onValue: (_, value) => { service = value; },
 * });
 * for await (const chunk of request) body.write(chunk);
 * body.end();
 * ```
 */
export class MemberExtractor {
  readonly #scanner: JsonByteScanner;

  constructor(options: MemberExtractorOptions) {
    const { bytesAt = [], valuesAt = [], textsAt = [] } = options;
    const seen = new Set<string>();
    const once = (path: BytePath) => {
      const name = JSON.stringify(path);
      if (seen.has(name)) throw new ShapeError("repeated-member", path.join("."), `The member ${path.join(".")} is given twice`);
      seen.add(name);
    };
    const wantedAs = (list: readonly (readonly string[])[], path: BytePath) => list.find((wanted) => equal(wanted, path));
    let current: readonly string[] = [];
    this.#scanner = new JsonByteScanner(
      {
        interest: (path, kind): Interest => {
          if (path.length === 0) return rootInterest(kind);
          if (wantedAs(textsAt, path) !== undefined) return "text";
          if (![...bytesAt, ...valuesAt, ...textsAt].some((wanted) => startsWith(wanted, path))) return "skip";
          once(path);
          if (wantedAs(valuesAt, path) !== undefined) return "keep";
          const wanted = wantedAs(bytesAt, path);
          if (wanted === undefined) return "enter";
          if (kind !== "string") throw new ShapeError("field", path.join("."), `The member ${path.join(".")} must be a string`);
          current = wanted;
          options.onBytesStart?.(wanted);
          return "bytes";
        },
        kept: (path, value) => options.onValue?.(wantedAs(valuesAt, path) ?? [], value),
        text: (path, text) => options.onText?.(wantedAs(textsAt, path) ?? [], text),
        bytes: (_, bytes) => options.onBytes?.(bytes, current),
        left: (path) => {
          const wanted = wantedAs(bytesAt, path);
          if (wanted !== undefined) options.onBytesEnd?.(wanted);
        },
      },
      { maxKeptBytes: options.maxValueBytes ?? 2 ** 20 },
    );
  }

  /** Reads the next chunk; the callbacks are called from within. */
  write(chunk: Uint8Array): void {
    this.#scanner.write(chunk);
  }

  /** Ends the text. Throws where it is cut short. Members that never came are the caller's to miss. */
  end(): void {
    this.#scanner.end();
  }
}

function rootInterest(kind: ValueKind): Interest {
  if (kind !== "object") throw new ShapeError("not-an-object", "", "Expected a JSON object");
  return "enter";
}

function equal(wanted: readonly string[], path: BytePath): boolean {
  return wanted.length === path.length && startsWith(wanted, path);
}

function startsWith(wanted: readonly string[], path: BytePath): boolean {
  return path.length <= wanted.length && path.every((step, i) => step === wanted[i]);
}
