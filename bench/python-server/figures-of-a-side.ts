/** What was measured on one server, by the names of `figureList`. A figure may be missing. */
export type Figures = Readonly<Record<string, number>>;

export interface FigureDescription {
  readonly name: string;
  readonly label: string;
  readonly unit: "s" | "ms" | "/s" | "MiB";
  /** Whether more is better. */
  readonly more: boolean;
  /** How many times better than the Python server ours must be on embedded stores; half of it on PostgreSQL and S3. */
  readonly target?: number;
}

export const figureList: readonly FigureDescription[] = [
  { name: "submitNetwork", label: "submit a large network", unit: "s", more: false, target: 12 },
  { name: "retrieveNetwork", label: "retrieve it", unit: "s", more: false, target: 20 },
  { name: "createTasks", label: "create Tasks", unit: "s", more: false, target: 50 },
  { name: "actionTasks", label: "action them", unit: "s", more: false, target: 200 },
  { name: "prioritizeTasks", label: "set their priority", unit: "s", more: false, target: 200 },
  { name: "claimsBy1", label: "claims by 1 claimer", unit: "/s", more: true },
  { name: "claimsBy1P99", label: "  p99 of one", unit: "ms", more: false },
  { name: "claimsBy8", label: "claims by 8 claimers", unit: "/s", more: true },
  { name: "claimsBy8P99", label: "  p99 of one", unit: "ms", more: false },
  { name: "claimsBy32", label: "claims by 32 claimers", unit: "/s", more: true, target: 300 },
  { name: "claimsBy32P99", label: "  p99 of one", unit: "ms", more: false },
  { name: "putResult", label: "put a large result", unit: "s", more: false, target: 5 },
  { name: "getResult", label: "get it", unit: "s", more: false, target: 5 },
  { name: "smallNetworks", label: "submit many small networks", unit: "s", more: false },
  { name: "memoryAtStart", label: "memory in all, started", unit: "MiB", more: false },
  { name: "memoryAtWork", label: "memory in all, at most, at work", unit: "MiB", more: false, target: 8 },
  { name: "memoryWithResults", label: "memory in all, at most, with large results", unit: "MiB", more: false },
  { name: "startAll", label: "start of all that must run", unit: "s", more: false, target: 10 },
  { name: "startApis", label: "start of the APIs alone", unit: "s", more: false },
];

/** How many times better `ours` is; undefined where either is missing. */
export function timesBetter({ name, more }: FigureDescription, python: Figures, ours: Figures): number | undefined {
  const [theirs, own] = [python[name], ours[name]];
  if (theirs === undefined || own === undefined) return undefined;
  return more ? own / theirs : theirs / own;
}
