import { ChainError } from "../errors.ts";
import { JsonReader, Token } from "../json/json-reader.ts";
import { canonicalText } from "../keys/canonical-text.ts";
import { contentKey } from "../keys/verify-key.ts";
import { joinKeyedChain } from "./join-keyed-chain.ts";
import type { KeyedChain } from "./keyed-chain.ts";
import { sliceKeyedChain } from "./slice-keyed-chain.ts";

interface Span {
  readonly start: number;
  readonly end: number;
}

/**
 * Turns the deep form of an object, as releases before gufe 1.1 wrote it, into a keyed chain. Each nested object gets the key
 * that its text hashes to (its `_key` where it has one) and keeps its own characters; fields that newer releases would add are
 * not added. Keys of classes with unknown defaults are those without defaults.
 *
 * Throws `ChainError` where the text is no deep form or some object's key does not follow from its content, `JsonSyntaxError`.
 * Linear in the text.
 */
export function keyedChainFromDeep(text: string): KeyedChain {
  const entries = new Map<string, string>();
  // Objects already keyed that lie in objects still to come, first to last. Inner objects come before outer ones.
  const pending: (Span & { readonly key: string })[] = [];
  const spans = objectSpans(text);
  for (const { start, end } of spans) {
    let first = pending.length;
    while (first > 0 && (pending[first - 1] as Span).start > start) first--;
    const inner = pending.splice(first);
    const parts: string[] = [];
    let from = start;
    for (const child of inner) {
      parts.push(text.slice(from, child.start), `{":gufe-key:": "${child.key}"}`);
      from = child.end;
    }
    parts.push(text.slice(from, end));
    const dict = parts.join("");
    const key = keyOf(dict, start);
    if (!entries.has(key)) entries.set(key, dict);
    pending.push({ start, end, key });
  }
  const root = pending[pending.length - 1];
  if (root === undefined || text.slice(0, root.start).trim() !== "" || text.slice(root.end).trim() !== "") {
    throw new ChainError("not-a-deep-dict", "", "Expected a gufe object: a JSON object with __qualname__ and __module__");
  }
  return sliceKeyedChain(joinKeyedChain([...entries].map(([key, dict]) => ({ key, text: dict }))));
}

/** The keyed chain of a text that holds one, or the deep form of an object: what gufe's `from_json` reads. */
export function keyedChainFromText(text: string): KeyedChain {
  return /^[ \t\r\n]*\{/.test(text) ? keyedChainFromDeep(text) : sliceKeyedChain(text);
}

/** Where the gufe objects of a deep form lie, inner ones before the outer ones that hold them. */
function objectSpans(text: string): Span[] {
  const reader = new JsonReader(text);
  const spans: Span[] = [];
  const open: { readonly start: number; qualname: boolean; module: boolean }[] = [];
  for (let token = reader.next(); token !== Token.end; token = reader.next()) {
    if (token === Token.objectStart || token === Token.arrayStart)
      open.push({ start: reader.start, qualname: false, module: false });
    else if (token === Token.objectEnd || token === Token.arrayEnd) {
      const { start, qualname, module } = open.pop() as (typeof open)[number];
      if (qualname && module) spans.push({ start, end: reader.end });
    } else if (token === Token.name) {
      const name = reader.stringValue();
      const top = open[open.length - 1];
      if (name === "__qualname__" && top !== undefined) top.qualname = true;
      else if (name === "__module__" && top !== undefined) top.module = true;
    }
  }
  return spans;
}

function keyOf(dict: string, start: number): string {
  const canonical = canonicalText(dict);
  const { kind } = canonical.rule;
  if (kind === "content" || kind === "presumed-content") return contentKey(canonical);
  if (kind === "own" && canonical.ownKey !== undefined) return canonical.ownKey;
  const name = JSON.stringify(canonical.qualname?.slice(0, 200));
  throw new ChainError("no-key", `character ${start}`, `The key of this ${name} does not follow from its content`);
}
