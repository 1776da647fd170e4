/**
 * SQL as values: a tagged template that composes, and statements that are compiled once an engine.
 *
 * A statement's parameters are named and typed; its text never depends on their values (a set travels as one JSON parameter), so every
 * statement is prepared once a connection. A query builder was tried for this and left out: loading it cost 100 ms and 25 MB in each of
 * the store's threads, and the statements here are all hand-written.
 */
import type { Dialect } from "./dialect.ts";

/** Bytes on SQLite only. */
export type Value = string | number | bigint | Uint8Array | null;

/** A piece of SQL text with named parameters in it. */
export class Fragment {
  readonly strings: readonly string[];
  readonly values: readonly (Fragment | Parameter)[];

  constructor(strings: readonly string[], values: readonly (Fragment | Parameter)[]) {
    this.strings = strings;
    this.values = values;
  }
}

/** The place of a named parameter in a fragment. */
export class Parameter {
  readonly name: string;

  constructor(name: string) {
    this.name = name;
  }
}

/** Composes SQL from text, fragments and parameters. There is no way for a value to become text. */
export function sql(strings: TemplateStringsArray, ...values: (Fragment | Parameter)[]): Fragment {
  return new Fragment(strings, values);
}

/** Text of this program, such as a constant, as a fragment. */
export function text(constant: string): Fragment {
  return new Fragment([constant], []);
}

/** Nothing. */
export const nothing = text("");

export type Parameters<P> = { readonly [K in keyof P]: Parameter };

/** A statement with parameters `P` whose rows are `R`. */
export interface Statement<P, R> {
  readonly build: (parameters: Parameters<P>, dialect: Dialect) => Fragment;
  /** Never present: carries the type of the rows. */
  readonly row?: R;
}

/** Declares a statement. The builder runs once an engine, at first use. */
export function statement<P extends Record<string, Value>, R = Record<string, never>>(
  build: (parameters: Parameters<P>, dialect: Dialect) => Fragment,
): Statement<P, R> {
  return { build };
}

export interface CompiledStatement {
  /** Unique among the compiled statements of this thread; the name under which PostgreSQL keeps it prepared. */
  readonly name: string;
  readonly text: string;
  /** Names of the parameters, in the order of their numbers. */
  readonly parameters: readonly string[];
}

const compiled = new WeakMap<Dialect, WeakMap<object, CompiledStatement>>();
const anyParameter: Record<string, Parameter> = new Proxy({}, { get: (_, name) => new Parameter(String(name)) });
let count = 0;

/** The text for an engine; a parameter that appears twice has one number. */
export function compile<P, R>(declared: Statement<P, R>, dialect: Dialect): CompiledStatement {
  let known = compiled.get(dialect);
  if (known === undefined) {
    known = new WeakMap();
    compiled.set(dialect, known);
  }
  let result = known.get(declared);
  if (result === undefined) {
    const parameters: string[] = [];
    const write = (fragment: Fragment): string => {
      let written = fragment.strings[0] ?? "";
      fragment.values.forEach((value, i) => {
        if (value instanceof Fragment) {
          written += write(value);
        } else {
          let number = parameters.indexOf(value.name);
          if (number < 0) number = parameters.push(value.name) - 1;
          written += dialect.parameter(number + 1);
        }
        written += fragment.strings[i + 1] ?? "";
      });
      return written;
    };
    const body = write(declared.build(anyParameter as Parameters<P>, dialect)).trim();
    count += 1;
    result = { name: `s${count}`, text: body, parameters };
    known.set(declared, result);
  }
  return result;
}
