import type { Plain } from "@alchemiscale/gufe";
import type { Static, TObject, TSchema } from "typebox";
import { Value } from "typebox/value";

/** A setting of a strategy that its class would not take. */
export class InvalidStrategySettings extends Error {
  override readonly name = "InvalidStrategySettings";
  readonly field: string;

  constructor(settingsClass: string, field: string, rule: string) {
    super(`${settingsClass}.${field} ${rule}`);
    this.field = field;
  }
}

type Rule<S extends TObject> = (settings: Static<S>) => { readonly field: string; readonly rule: string } | undefined;

/**
 * Settings as the Python class reads them: absent fields take their defaults, unknown ones are refused; an integral number is taken for an
 * integer and a truth value for 0 or 1, but no text for a number.
 * @throws {InvalidStrategySettings}
 */
export function readSettings<S extends TObject>(
  settingsClass: string,
  schema: S,
  given: Readonly<Record<string, Plain>>,
  check?: Rule<S>,
): Static<S> {
  const properties: Readonly<Record<string, TSchema>> = schema.properties;
  const settings: Record<string, unknown> = {};
  for (const name of Object.keys(given)) {
    if (properties[name] === undefined) {
      throw new InvalidStrategySettings(settingsClass, name, `is no setting; there are ${Object.keys(properties).join(", ")}`);
    }
  }
  for (const [name, property] of Object.entries(properties)) {
    settings[name] = name in given ? asNumber(given[name]) : Value.Create(property);
    if (!Value.Check(property, settings[name])) {
      throw new InvalidStrategySettings(settingsClass, name, `is ${shown(given[name])}; ${ruleOf(property, settings[name])}`);
    }
  }
  const broken = check?.(settings as Static<S>);
  if (broken !== undefined) throw new InvalidStrategySettings(settingsClass, broken.field, broken.rule);
  return settings as Static<S>;
}

function asNumber(value: Plain | undefined): unknown {
  if (typeof value === "boolean") return Number(value);
  return typeof value === "bigint" ? Number(value) : value;
}

function ruleOf(property: TSchema, value: unknown): string {
  const messages = [...new Set(Value.Errors(property, value).map(({ message }) => message))].join(", or ");
  const description = "description" in property ? ` (${property.description})` : "";
  return `${messages}${description}`;
}

function shown(value: unknown): string {
  return typeof value === "string" ? JSON.stringify(value.slice(0, 100)) : String(value).slice(0, 100);
}
