/**
 * Members in the order of the numbers that their names are, or `undefined` where some name is no number as Python writes
 * one. `true` and `false` are 1 and 0 there. (spec/gufe.md §1.3: non-string keys are sorted before they become strings)
 */
export function nativeOrder<Member extends readonly [string, unknown]>(
  members: readonly Member[],
): readonly Member[] | undefined {
  if (members.length < 2) return undefined;
  const valued: { readonly member: Member; readonly value: number | bigint }[] = [];
  for (const member of members) {
    const value = numericName(member[0]);
    if (value === undefined) return undefined;
    valued.push({ member, value });
  }
  return valued.sort((a, b) => (a.value < b.value ? -1 : a.value > b.value ? 1 : 0)).map(({ member }) => member);
}

// Bounded lengths: an integer name beyond them is no index, and parsing it would cost more than linear time.
const integer = /^(?:0|-?[1-9][0-9]{0,400})$/;
const float = /^-?(?:[0-9]{1,17}\.[0-9]{1,25}|[0-9](?:\.[0-9]{1,20})?e[+-][0-9]{2,3}|Infinity)$/;

function numericName(name: string): number | bigint | undefined {
  if (integer.test(name)) return name.length < 16 ? Number(name) : BigInt(name);
  if (float.test(name)) return Number(name);
  if (name === "true") return 1;
  return name === "false" ? 0 : undefined;
}
