import { cycleClosure, type NetworkMeasurement, OnlineNetwork, RandomStream, solveNetwork } from "@alchemiscale/analysis";
import type { Figure } from "../figures.ts";
import type { Measurement } from "./measurement.ts";
import { median } from "./median.ts";

/** The mathematics of a large network, in this process: what stands between a result and the network's estimates. */
export const analysis: Measurement = {
  name: "analysis",
  run: async ({ quick, say }) => {
    const repeats = quick ? 2 : 9;
    const figures = [
      { ligands: 1000, edges: 2000, solved: 2000, updated: 50 },
      { ligands: 200, edges: 400, solved: undefined, updated: undefined },
    ].flatMap(({ ligands, edges, solved, updated }): Figure[] => {
      say(`analysis: ${ligands} ligands`);
      const network = randomNetwork(ligands, edges);
      const size = `${ligands.toLocaleString("en")} ligands, ${edges.toLocaleString("en")} edges`;
      const online = new OnlineNetwork(network.map((edge, i) => [String(i), edge]));
      let next = 0;
      const changed = () => {
        next = (next + 37) % edges;
        online.set(String(next), {
          ...(network[next] as NetworkMeasurement),
          value: next / edges,
          sigma: 0.1 + (0.4 * next) / edges,
        });
      };
      const joined = () => {
        next += 1;
        online.set(`new ${next}`, { from: "L0", to: `new ${next}`, value: 1, sigma: 0.3 });
      };
      const differences = network.flatMap(({ from, ...rest }) => (from === null ? [] : [{ from, ...rest }]));
      return [
        figure(`${size}: maximum likelihood with covariance`, repeats, () => solveNetwork(network), solved),
        figure("  another result of an edge", 4 * repeats, changed, updated),
        figure("  the first result of a ligand", 4 * repeats, joined, updated),
        figure("  cycles of up to 5 ligands", repeats, () => cycleClosure(differences)),
      ];
    });
    return {
      name: "analysis",
      title: "Free energies of networks",
      method: `processor time, median of ${repeats} or more, one thread; random networks: a tree, and edges between random ligands`,
      figures,
    };
  },
};

function figure(label: string, repeats: number, work: () => unknown, atMost?: number): Figure {
  const times = Array.from({ length: repeats }, () => {
    const begun = process.cpuUsage();
    work();
    const { user, system } = process.cpuUsage(begun);
    return (user + system) / 1000;
  });
  return { label, value: median(times), unit: "ms", ...(atMost === undefined ? {} : { target: { atMost } }) };
}

function randomNetwork(ligands: number, edges: number): NetworkMeasurement[] {
  const random = RandomStream.of(`${ligands} ${edges}`);
  const measured = (a: number, b: number) => ({
    from: `L${a}`,
    to: `L${b}`,
    value: random.normal(),
    sigma: 0.1 + 0.4 * random.uniform(),
  });
  const network = Array.from({ length: ligands - 1 }, (_, i) => measured(random.below(i + 1), i + 1));
  while (network.length < edges) {
    const [a, b] = [random.below(ligands), random.below(ligands)];
    if (a !== b) network.push(measured(a, b));
  }
  return network;
}
