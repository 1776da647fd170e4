import { JsonLimitError } from "../errors.ts";
import { type Json, JsonNumber } from "./json.ts";

/** A plain value: `null`, booleans, strings, numbers, bigints, arrays, and objects without a prototype. */
export type Plain = null | boolean | string | number | bigint | Plain[] | { [name: string]: Plain };

/**
 * The plain form of a tree, for request bodies that are *not* gufe content. Numbers become numbers, integers beyond 2^53
 * become bigints (a Task's priority may be one), objects have no prototype, so that a member `__proto__` is a member.
 * Never for gufe content: `1.0` and `1` become the same here. Throws `JsonLimitError` for an integer of more than 4,300 digits.
 */
export function jsonToPlain(json: Json): Plain {
  let root: Plain = null;
  // Explicit list of (source, setter) pairs still to do, so that depth is no limit.
  const todo: [Json, (value: Plain) => void][] = [
    [
      json,
      (value) => {
        root = value;
      },
    ],
  ];
  for (let next = todo.pop(); next !== undefined; next = todo.pop()) {
    const [source, set] = next;
    if (source instanceof Map) {
      const object = Object.create(null) as { [name: string]: Plain };
      for (const name of source.keys()) object[name] = null; // fixes the order; values follow in any order
      for (const [name, member] of source) todo.push([member, setter(object, name)]);
      set(object);
    } else if (Array.isArray(source)) {
      const array: Plain[] = new Array(source.length).fill(null);
      for (const [i, item] of source.entries()) todo.push([item, setter(array, i)]);
      set(array);
    } else if (source instanceof JsonNumber) set(plainNumber(source));
    else set(source as null | boolean | string);
  }
  return root;
}

function setter<Name extends string | number>(container: { [name in Name]: Plain }, name: Name): (value: Plain) => void {
  return (value) => {
    container[name] = value;
  };
}

/** Python's own limit. Without one, a long enough integer costs more than linear time. */
const maxIntegerDigits = 4300;

function plainNumber(number: JsonNumber): number | bigint {
  if (number.isInteger && number.text.length > maxIntegerDigits) {
    throw new JsonLimitError(
      "integer-too-long",
      "",
      `an integer has ${number.text.length} digits, more than ${maxIntegerDigits}`,
    );
  }
  const value = number.toNumber();
  return number.isInteger && !Number.isSafeInteger(value) ? number.toBigInt() : value;
}
