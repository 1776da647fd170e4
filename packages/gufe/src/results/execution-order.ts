/**
 * The order in which gufe lists units and their results: repeatedly the smallest key among those on which nothing left
 * depends, all reversed. (spec/gufe.md §4.2) `dependencies` not among `keys` are ignored. O(n log n).
 */
export function executionOrder(nodes: readonly { readonly key: string; readonly dependencies: Iterable<string> }[]): string[] {
  const byKey = new Map(nodes.map((node) => [node.key, [...node.dependencies]]));
  const dependents = new Map(nodes.map(({ key }) => [key, 0]));
  for (const dependencies of byKey.values()) {
    for (const key of dependencies) if (dependents.has(key)) dependents.set(key, (dependents.get(key) as number) + 1);
  }
  const free = new KeyHeap();
  for (const [key, count] of dependents) if (count === 0) free.push(key);
  const order: string[] = [];
  for (let key = free.pop(); key !== undefined; key = free.pop()) {
    order.push(key);
    for (const dependency of byKey.get(key) ?? []) {
      const count = dependents.get(dependency);
      if (count === undefined) continue;
      dependents.set(dependency, count - 1);
      if (count === 1) free.push(dependency);
    }
  }
  return order.reverse();
}

/** A binary heap of keys, smallest first. Keys are ASCII, so the language's own order is right. */
class KeyHeap {
  readonly #keys: string[] = [];

  push(key: string): void {
    const keys = this.#keys;
    let at = keys.push(key) - 1;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if ((keys[parent] as string) <= key) break;
      keys[at] = keys[parent] as string;
      at = parent;
    }
    keys[at] = key;
  }

  pop(): string | undefined {
    const keys = this.#keys;
    const smallest = keys[0];
    const last = keys.pop();
    if (keys.length === 0 || last === undefined) return smallest;
    let at = 0;
    for (;;) {
      let child = 2 * at + 1;
      if (child >= keys.length) break;
      if (child + 1 < keys.length && (keys[child + 1] as string) < (keys[child] as string)) child += 1;
      if ((keys[child] as string) >= last) break;
      keys[at] = keys[child] as string;
      at = child;
    }
    keys[at] = last;
    return smallest;
  }
}
