/** Networks as large as wanted, the same for the same seed. */
import type { NetworkMeasurement } from "../src/network/network-measurement.ts";
import { RandomStream } from "../src/random/random-stream.ts";

/** A connected network: a random tree, and edges between random ligands. Values are true ones with noise of the σ. */
export function randomNetwork({
  ligands,
  edges,
  seed,
}: {
  readonly ligands: number;
  readonly edges: number;
  readonly seed: string;
}): NetworkMeasurement[] {
  const random = RandomStream.of(seed);
  const truth = Array.from({ length: ligands }, () => 2 * random.normal());
  const measured = (a: number, b: number): NetworkMeasurement => {
    const sigma = 0.1 + 0.4 * random.uniform();
    const value = (truth[b] as number) - (truth[a] as number) + sigma * random.normal();
    return { from: `L${a}`, to: `L${b}`, value, sigma };
  };
  const network = Array.from({ length: ligands - 1 }, (_, i) => measured(random.below(i + 1), i + 1));
  while (network.length < edges) {
    const [a, b] = [random.below(ligands), random.below(ligands)];
    if (a !== b) network.push(measured(a, b));
  }
  return network;
}
