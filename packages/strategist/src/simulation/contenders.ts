import { combineMembers } from "../stack/combine-members.ts";
import { stackOfOne } from "../stack/strategy-stack.ts";
import { connectivityStrategy } from "../strategies/connectivity.ts";
import { criticalityStrategy } from "../strategies/criticality.ts";
import { cycleClosureStrategy } from "../strategies/cycle-closure.ts";
import { radialGrowthStrategy } from "../strategies/radial-growth.ts";
import { uncertaintyStrategy } from "../strategies/uncertainty.ts";
import type { Contender } from "./compare-strategies.ts";
import { randomStrategy } from "./random-strategy.ts";

const connectivity = connectivityStrategy.configure({ max_runs: 12 });
const uncertainty = uncertaintyStrategy.configure({ max_runs: 30, target_error: null });
const members = [{ ...stackOfOne.members[0], until: "connected" as const }, stackOfOne.members[0]] as typeof stackOfOne.members;

/** Strategies as they are compared, with limits on repeats so high that what differs is where results go, not when it ends. */
export const contenders: readonly Contender[] = [
  { name: "random", propose: randomStrategy.configure({ max_runs: 30 }).propose },
  { name: "connectivity", propose: connectivity.propose },
  { name: "radial", propose: radialGrowthStrategy.configure({ max_runs: 12 }).propose },
  { name: "uncertainty", propose: uncertainty.propose },
  {
    // Connectivity until every ligand is reachable, then uncertainty.
    name: "stacked",
    propose: (network, results) =>
      combineMembers(
        { combine: "sequence", members, maxGpuHours: null },
        [connectivity.propose(network, results), uncertainty.propose(network, results)],
        network,
        results,
      ),
  },
  { name: "criticality", propose: criticalityStrategy.configure({ bridge_runs: 12, cut_vertex_runs: 8, other_runs: 4 }).propose },
  { name: "closure", propose: cycleClosureStrategy.configure({ max_runs: 12 }).propose },
];
