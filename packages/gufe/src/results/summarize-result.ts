import { ChainError } from "../errors.ts";
import type { Json } from "../json/json.ts";
import { JsonReader, Token } from "../json/json-reader.ts";
import { readValue } from "../json/parse-json.ts";
import { neededMembers, ResultCollector } from "./result-collector.ts";
import type { ResultSummary } from "./result-summary.ts";

/**
 * Summarises the ProtocolDAGResult at the end of a keyed chain's text: whether it is ok, its units' times, its failures.
 * Builds trees only of the members it needs. Throws `ChainError`, `ShapeError`, `JsonSyntaxError`. (spec/gufe.md §4.4)
 */
export function summarizeResult(chainText: string): ResultSummary {
  const reader = new JsonReader(chainText);
  const collector = new ResultCollector();
  if (reader.next() !== Token.arrayStart)
    throw new ChainError("not-a-chain", "", "A keyed chain is a JSON array of [key, object] pairs");
  let index = 0;
  for (let token = reader.next(); token !== Token.arrayEnd; token = reader.next(), index++) {
    const where = `[${index}]`;
    const malformed = () => new ChainError("malformed-pair", where, "Each element of a keyed chain must be a pair [key, object]");
    if (token !== Token.arrayStart || reader.next() !== Token.string) throw malformed();
    const key = reader.stringValue();
    if (reader.next() !== Token.objectStart) throw malformed();
    const needed = neededMembers(key);
    const members = new Map<string, Json>();
    while (reader.next() === Token.name) {
      const name = reader.stringValue();
      const first = reader.next();
      if (needed.has(name)) members.set(name, readValue(reader, first));
      else reader.skipRest(first);
    }
    if (reader.next() !== Token.arrayEnd) throw malformed();
    collector.add(key, members, where);
  }
  reader.next();
  return collector.summary();
}
