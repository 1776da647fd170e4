import type { ChainEntry } from "../chain/keyed-chain.ts";
import { ChainError } from "../errors.ts";
import type { JsonObject } from "../json/json.ts";
import type { ChainViews } from "./chain-views.ts";
import { type Dict, readDict } from "./fields.ts";

/**
 * A read-only view of one object of a chain. The text is parsed at the first look at a field; nothing is ever written back.
 * An object of a class without a view of its own is an `OpaqueView`: its fields can be read, nothing is known of them.
 */
export abstract class View {
  readonly entry: ChainEntry;
  protected readonly views: ChainViews;
  #dict: Dict | undefined;

  constructor(views: ChainViews, entry: ChainEntry) {
    this.views = views;
    this.entry = entry;
  }

  get key(): string {
    return this.entry.key;
  }

  get qualname(): string {
    return this.entry.qualname;
  }

  get module(): string {
    return this.entry.module;
  }

  /** All fields, lossless and still encoded, markers included. */
  get fields(): JsonObject {
    return this.dict.members;
  }

  protected get dict(): Dict {
    this.#dict ??= readDict(this.entry);
    return this.#dict;
  }

  /** The object behind `key`, which must be a view of class `Wanted`. Throws `ChainError` where it is another. */
  protected related<Wanted extends View>(key: string, wanted: abstract new (...args: never[]) => Wanted): Wanted {
    const view = this.views.get(key);
    if (view instanceof wanted) return view;
    const expected = wanted.name.replace(/View$/, "");
    throw new ChainError("wrong-class", this.key, `${this.key} refers to ${key}, where a ${expected} was expected`);
  }
}

/** An object of a class that this package does not know. */
export class OpaqueView extends View {}
