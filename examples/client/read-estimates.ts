/** Prints the free energies of a network's ligands and pairs; the argument is the network's key. Nothing is downloaded but the figures. */
import { AlchemiscaleClient } from "@alchemiscale/client";
import { connectionFromEnvironment, nodeFetch } from "@alchemiscale/client/node";
import { parseScopedKey } from "@alchemiscale/contract";

const network = parseScopedKey(process.argv[2] ?? "");
const client = new AlchemiscaleClient({ ...connectionFromEnvironment(), fetch: nodeFetch() });

const { ligands, pairs, up_to_date, transformations } = await client.getNetworkEstimates(network, { wait: 30 });
console.log(`${transformations.estimated} of ${transformations.total} transformations have an estimate`);
const shown = (value: number | null, sigma: number | null) =>
  value === null ? "none" : `${value.toFixed(2)} ± ${sigma === null ? "?" : sigma.toFixed(2)} kcal/mol`;
for (const { name, ligand, estimate, uncertainty } of ligands) console.log(`${name || ligand}: ${shown(estimate, uncertainty)}`);
for (const { name_a, name_b, estimate, uncertainty } of pairs) {
  console.log(`${name_a ?? "nothing"} -> ${name_b}: ${shown(estimate, uncertainty)}`);
}
if (!up_to_date) console.log("more results have landed and are being read");
