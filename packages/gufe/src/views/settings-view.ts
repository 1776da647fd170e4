import type { Zstd } from "../codecs/bytes.ts";
import { type DecodedValue, decodeSettings, decodeValue, type SettingsValue } from "../codecs/decode-value.ts";
import { decodeQuantity, isEncodedQuantity, type Quantity, quantityFromOlderForm } from "../codecs/quantity.ts";
import { ShapeError } from "../errors.ts";
import type { Json } from "../json/json.ts";

/**
 * A settings model, known or not: its fields by name, nested models as views, quantities with their units. (spec/gufe.md §3.4)
 */
export class SettingsView {
  readonly #settings: SettingsValue;
  readonly #zstd: Pick<Zstd, "decompress">;

  constructor(settings: SettingsValue, zstd: Pick<Zstd, "decompress">) {
    this.#settings = settings;
    this.#zstd = zstd;
  }

  get className(): string {
    return this.#settings.className;
  }

  get module(): string {
    return this.#settings.module;
  }

  /** All fields, lossless and still encoded, in order. */
  get fields(): ReadonlyMap<string, Json> {
    return this.#settings.fields;
  }

  /** A field as it is written. */
  field(name: string): Json | undefined {
    return this.#settings.fields.get(name);
  }

  /** A field through its codec; `undefined` where it is plain JSON or absent. */
  decoded(name: string): DecodedValue | undefined {
    return decodeValue(this.field(name), this.#zstd);
  }

  /** A nested model; `null` where the field is null or absent. Throws `ShapeError` where it is something else. */
  settings(name: string): SettingsView | null {
    const json = this.field(name) ?? null;
    if (json === null) return null;
    const settings = decodeSettings(json);
    if (settings === undefined)
      throw new ShapeError("field", `${this.className}.${name}`, `The setting ${name} is not a settings model`);
    return new SettingsView(settings, this.#zstd);
  }

  /**
   * A quantity with its unit; `null` where the field is null or absent. Also reads the older forms `"300 kelvin"` and
   * `{"val": 300, "unit": "kelvin"}`. No unit is converted. Throws `ShapeError` where it is something else.
   */
  quantity(name: string): Quantity | null {
    const json = this.field(name) ?? null;
    if (json === null) return null;
    const quantity = isEncodedQuantity(json) ? decodeQuantity(json, this.#zstd) : quantityFromOlderForm(json);
    if (quantity === undefined)
      throw new ShapeError("field", `${this.className}.${name}`, `The setting ${name} is not a quantity`);
    return quantity;
  }
}
