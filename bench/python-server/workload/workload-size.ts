/** How much is asked of each server. */
export interface WorkloadSize {
  readonly network: { readonly systems: number; readonly transformations: number; readonly mostCarbons: number };
  readonly tasks: number;
  readonly claimers: readonly number[];
  /** Claims by each claimer: on the Python server, on ours. */
  readonly claimsEach: { readonly python: number; readonly ours: number };
  readonly resultBytes: number;
  readonly smallNetworks: number;
  /** How often each step is measured; the median counts. */
  readonly rounds: { readonly python: number; readonly ours: number };
}

export const fullSize: WorkloadSize = {
  network: { systems: 1000, transformations: 2000, mostCarbons: 17 },
  tasks: 10_000,
  claimers: [1, 8, 32],
  claimsEach: { python: 5, ours: 200 },
  resultBytes: 2 ** 25,
  smallNetworks: 100,
  rounds: { python: 1, ours: 3 },
};

/** To see that everything runs, not to know a figure. */
export const quickSize: WorkloadSize = {
  network: { systems: 40, transformations: 80, mostCarbons: 17 },
  tasks: 200,
  claimers: [1, 8, 32],
  claimsEach: { python: 1, ours: 2 },
  resultBytes: 2 ** 18,
  smallNetworks: 5,
  rounds: { python: 1, ours: 2 },
};
