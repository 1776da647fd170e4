/** How much is asked of each server. */
export interface WorkloadSize {
  readonly network: { readonly systems: number; readonly transformations: number; readonly mostCarbons: number };
  readonly tasks: number;
  readonly claimers: readonly number[];
  /** Claims by each claimer: on the Python server, on ours. */
  readonly claimsEach: { readonly python: number; readonly ours: number };
  readonly resultBytes: number;
  readonly smallNetworks: number;
  /** How often networks and large results are measured; the median counts. */
  readonly rounds: number;
  /** How often Tasks are: one round takes the Python server minutes. */
  readonly taskRounds: { readonly python: number; readonly ours: number };
}

export const fullSize: WorkloadSize = {
  network: { systems: 1000, transformations: 2000, mostCarbons: 17 },
  tasks: 10_000,
  claimers: [1, 8, 32],
  claimsEach: { python: 5, ours: 200 },
  resultBytes: 2 ** 25,
  smallNetworks: 100,
  rounds: 3,
  taskRounds: { python: 1, ours: 3 },
};

/** Asked first, and not counted: databases plan their queries, and engines compile what they run. */
export const warmUpSize: WorkloadSize = {
  network: { systems: 20, transformations: 40, mostCarbons: 17 },
  tasks: 100,
  claimers: [4],
  claimsEach: { python: 4, ours: 4 },
  resultBytes: 2 ** 15,
  smallNetworks: 5,
  rounds: 2,
  taskRounds: { python: 1, ours: 1 },
};

/** To see that everything runs, not to know a figure. */
export const quickSize: WorkloadSize = {
  network: { systems: 40, transformations: 80, mostCarbons: 17 },
  tasks: 200,
  claimers: [1, 8, 32],
  claimsEach: { python: 1, ours: 2 },
  resultBytes: 2 ** 18,
  smallNetworks: 5,
  rounds: 2,
  taskRounds: { python: 1, ours: 2 },
};
