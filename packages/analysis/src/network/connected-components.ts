/** Groups of items that links join, directly or through others; each in the order of the items, groups by their first item. */
export function connectedComponents<T>(items: Iterable<T>, links: Iterable<readonly [T, T]>): T[][] {
  const parent = new Map<T, T>();
  for (const item of items) parent.set(item, item);
  const rootOf = (item: T): T => {
    let root = item;
    for (let above = parent.get(root) as T; above !== root; above = parent.get(root) as T) root = above;
    for (let at = item; at !== root; ) {
      const above = parent.get(at) as T;
      parent.set(at, root);
      at = above;
    }
    return root;
  };
  for (const [a, b] of links) parent.set(rootOf(a), rootOf(b));
  const groups = new Map<T, T[]>();
  for (const item of parent.keys()) {
    const root = rootOf(item);
    const group = groups.get(root);
    if (group === undefined) groups.set(root, [item]);
    else group.push(item);
  }
  return [...groups.values()];
}
