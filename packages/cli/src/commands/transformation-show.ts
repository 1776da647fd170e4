import { sliceKeyedChain, transformationIndex } from "@alchemiscale/gufe";
import { print, printJson } from "../terminal/print.ts";
import { printable } from "../terminal/printable.ts";
import { completeCounts, statusTable } from "../terminal/status-table.ts";
import { type ApiOptions, apiClient } from "./api-client.ts";
import { existingObject } from "./existing-object.ts";

/** `transformation show`. */
export async function transformationShow(text: string, options: ApiOptions & { readonly json?: boolean }): Promise<void> {
  const client = apiClient(options);
  const key = await existingObject(client, text, ["Transformation", "NonTransformation"]);
  const [chain, systems, networks, counts] = await Promise.all([
    client.getTransformation(key),
    client.getTransformationChemicalSystems(key),
    client.getTransformationNetworks(key),
    client.getTransformationStatus(key),
  ]);
  const { name, protocolQualname } = transformationIndex(sliceKeyedChain(chain).root);
  const tasks = completeCounts(counts);
  if (options.json) return printJson({ transformation: key, name, protocol: protocolQualname, systems, networks, tasks });
  print(`name      ${printable(name ?? "")}`);
  print(`protocol  ${printable(protocolQualname)}`);
  for (const system of systems) print(`system    ${system}`);
  for (const network of networks) print(`network   ${network}`);
  print(statusTable(tasks));
}
