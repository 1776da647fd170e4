/** The thread's part of what a network will cost: learned from Tasks that are finished, accounting for results that there are. */
import { CostModel, type FinishedTask, type NetworkCost as ModelledCost, type WantedTasks } from "@alchemiscale/analysis";
import type { NetworkCost } from "@alchemiscale/contract";
import { scopedKey, scopeOf } from "@alchemiscale/contract/scoped-key";
import { readInput } from "./estimate-network.ts";
import type { NetworkInput } from "./network-document.ts";

export interface CostInput {
  readonly input: NetworkInput;
  /** What else may be learned from, where the network itself has no finished Tasks. */
  readonly others: readonly NetworkInput[];
  /** Results wanted of each Transformation. */
  readonly wanted: number;
  /** Model of the hardware; null: a mixture as so far. */
  readonly hardware: string | null;
  /** Whether each Transformation is told, too. */
  readonly each: boolean;
}

/** GPU hours. */
export function networkCost({ input, others, wanted, hardware, each }: CostInput): Omit<NetworkCost, "up_to_date" | "unread"> {
  const { edges, briefs } = readInput(input);
  const own = finishedTasks(input);
  const learned = own.length > 0 ? own : others.flatMap(finishedTasks);
  const model = new CostModel(learned);
  const scope = scopeOf(input.network);
  const wantedTasks = edges.flatMap(({ key, cost }) => {
    const existing = briefs.get(key)?.succeeded ?? 0;
    return cost === null ? [] : [{ key, features: cost, wanted, existing }];
  });
  const of = (tasks: readonly WantedTasks[]) => model.network(tasks, hardware ?? undefined);
  return {
    network: input.network,
    wanted,
    hardware,
    ...figures(of(wantedTasks), wantedTasks),
    spent_hours: own.reduce((sum, { hours }) => sum + hours, 0),
    learned_from: { tasks: model.count, elsewhere: own.length === 0 && model.count > 0, hardware: [...model.hardware] },
    ...(each && {
      by_transformation: wantedTasks.map((task) => ({
        transformation: scopedKey(task.key, scope),
        existing: task.existing,
        ...figures(of([task]), [task]),
      })),
    }),
  };
}

function figures(cost: ModelledCost | null, tasks: readonly WantedTasks[]) {
  const left = tasks.reduce((sum, { wanted, existing }) => sum + Math.max(0, wanted - existing), 0);
  const { hours = null, low = null, high = null, unseen = [] } = cost ?? {};
  return { tasks: left, hours, low, high, unseen: [...unseen] };
}

function finishedTasks(input: NetworkInput): FinishedTask[] {
  const { edges, briefs } = readInput(input);
  return edges.flatMap(({ key, cost }) =>
    (cost === null ? [] : (briefs.get(key)?.costs ?? [])).flatMap(({ seconds, hardware }): FinishedTask[] =>
      cost === null || seconds === null || seconds <= 0 ? [] : [{ features: cost, hours: seconds / 3600, hardware }],
    ),
  );
}
