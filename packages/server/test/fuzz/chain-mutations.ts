import { sliceKeyedChain } from "@alchemiscale/gufe";
import * as fc from "fast-check";
import { hostileJson } from "./hostile-values.ts";

/** One pair of a chain, each part as a JSON text. */
interface Pair {
  readonly key: string;
  readonly dict: string;
}

type Mutation = (pairs: readonly Pair[]) => Pair[];

const replaced = (pairs: readonly Pair[], at: number, pair: Partial<Pair>): Pair[] =>
  pairs.map((old, i) => (i === at ? { ...old, ...pair } : old));

/** A keyed chain as it is, and with up to three things wrong with it: a grammar of what gufe's JSON may become on its way. */
export function mutatedChains(text: string): fc.Arbitrary<string> {
  const original = sliceKeyedChain(text).entries.map(({ key, text }): Pair => ({ key: JSON.stringify(key), dict: text }));
  const index = fc.nat(original.length - 1);
  const scalar = /"(?:[^"\\]|\\.)*"(?!\s*:)|-?\d+(?:\.\d+)?(?:[eE][-+]?\d+)?|\btrue\b|\bfalse\b|\bnull\b/g;
  const mutations: readonly fc.Arbitrary<Mutation>[] = [
    index.map((at) => (pairs) => pairs.filter((_, i) => i !== at)),
    fc.tuple(index, index).map(([a, b]) => (pairs) => {
      const swapped = [...pairs];
      const [first, second] = [pairs[a], pairs[b]];
      if (first !== undefined && second !== undefined) [swapped[a], swapped[b]] = [second, first];
      return swapped;
    }),
    index.map((at) => (pairs) => [...pairs, ...pairs.slice(at, at + 1)]),
    index.map((at) => (pairs) => [...pairs].reverse().concat(pairs.slice(at))),
    fc.tuple(index, fc.constantFrom(...hostileJson)).map(
      ([at, key]) =>
        (pairs) =>
          replaced(pairs, at, { key }),
    ),
    fc.tuple(index, fc.constantFrom(...hostileJson)).map(
      ([at, dict]) =>
        (pairs) =>
          replaced(pairs, at, { dict }),
    ),
    // A digit of a key: nothing refers to it any more, and its content gives another one.
    index.map((at) => (pairs) => replaced(pairs, at, { key: (pairs[at]?.key ?? '""').replace(/[0-9a-f]"$/, '0"') })),
    // Any value, however deep, becomes something else.
    fc.tuple(index, fc.nat(), fc.constantFrom(...hostileJson)).map(([at, which, value]) => (pairs) => {
      const dict = pairs[at]?.dict ?? "";
      const found = [...dict.matchAll(scalar)];
      const match = found[which % Math.max(1, found.length)];
      if (match === undefined) return [...pairs];
      return replaced(pairs, at, { dict: dict.slice(0, match.index) + value + dict.slice(match.index + match[0].length) });
    }),
    // One more member, also one that is there.
    fc
      .tuple(
        index,
        fc.constantFrom(
          "name",
          "_key",
          ":version:",
          "__qualname__",
          "__module__",
          ":gufe-key:",
          "stateA",
          "nodes",
          "edges",
          "é",
          "",
        ),
        fc.constantFrom(...hostileJson),
      )
      .map(
        ([at, name, value]) =>
          (pairs) =>
            replaced(pairs, at, { dict: (pairs[at]?.dict ?? "{}").replace("{", `{${JSON.stringify(name)}: ${value}, `) }),
      ),
    // References that lead to themselves, ahead, or nowhere.
    fc.tuple(index, index).map(([at, to]) => (pairs) => {
      const key = pairs[to]?.key ?? '"x"';
      return replaced(pairs, at, { dict: (pairs[at]?.dict ?? "").replace(/":gufe-key:":\s*"[^"]*"/, `":gufe-key:": ${key}`) });
    }),
  ];
  const some = fc.array(fc.oneof(...mutations), { maxLength: 3 });
  return some.map((chosen) => {
    const pairs = chosen.reduce<readonly Pair[]>((done, mutate) => mutate(done), original);
    return `[${pairs.map(({ key, dict }) => `[${key}, ${dict}]`).join(", ")}]`;
  });
}
