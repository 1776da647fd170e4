import { type Json, JsonNumber } from "./json.ts";
import { JsonReader, Token } from "./json-reader.ts";

/**
 * Parses a JSON text without loss: numbers keep their characters, members their order, lone surrogates and `__proto__` are
 * ordinary. Linear in the text, at any depth unless `maxDepth` is given.
 * Throws `JsonSyntaxError`, or `JsonLimitError` beyond `maxDepth`. (spec/gufe.md §1.7)
 */
export function parseJson(text: string, options: { maxDepth?: number } = {}): Json {
  const reader = new JsonReader(text, options.maxDepth);
  const value = readValue(reader, reader.next());
  reader.next();
  return value;
}

/** Reads the value whose first token was just read. */
function readValue(reader: JsonReader, first: Token): Json {
  let token = first;
  // The containers under construction, and for each object the name waiting for its value.
  const containers: (Json[] | Map<string, Json>)[] = [];
  const names: string[] = [];
  for (;;) {
    let value: Json;
    switch (token) {
      case Token.objectStart:
        containers.push(new Map());
        names.push("");
        token = reader.next();
        continue;
      case Token.arrayStart:
        containers.push([]);
        names.push("");
        token = reader.next();
        continue;
      case Token.name:
        names[names.length - 1] = reader.stringValue();
        token = reader.next();
        continue;
      case Token.objectEnd:
      case Token.arrayEnd:
        value = containers.pop() as Json;
        names.pop();
        break;
      default:
        value = scalar(reader, token);
    }
    const container = containers[containers.length - 1];
    if (container === undefined) return value;
    if (Array.isArray(container)) container.push(value);
    else container.set(names[names.length - 1] as string, value);
    token = reader.next();
  }
}

function scalar(reader: JsonReader, token: Token): Json {
  switch (token) {
    case Token.string:
      return reader.stringValue();
    case Token.number:
      return JsonNumber.of(reader.text, reader.start, reader.end);
    case Token.true:
      return true;
    case Token.false:
      return false;
    default:
      return null;
  }
}
