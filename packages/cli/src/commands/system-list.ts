import { print, printJson } from "../terminal/print.ts";
import { type ApiOptions, apiClient } from "./api-client.ts";
import { existingNetwork } from "./existing-network.ts";
import { existingObject } from "./existing-object.ts";
import { scopeOption } from "./scope-option.ts";

/** `system list`: keys, one a line. */
export async function systemList(
  options: ApiOptions & { readonly scope?: string; readonly name?: string; readonly network?: string; readonly json?: boolean },
): Promise<void> {
  const scope = options.scope === undefined ? undefined : scopeOption(options.scope);
  const client = apiClient(options);
  const systems =
    options.network === undefined
      ? await client.queryChemicalSystems({ scope, name: options.name })
      : await client.getNetworkChemicalSystems(await existingNetwork(client, options.network));
  if (options.json) return printJson(systems.map((system) => ({ system })));
  for (const system of systems) print(system);
}

/** `system show`: what it is in. */
export async function systemShow(text: string, options: ApiOptions & { readonly json?: boolean }): Promise<void> {
  const client = apiClient(options);
  const system = await existingObject(client, text, ["ChemicalSystem"]);
  const [networks, transformations] = await Promise.all([
    client.getChemicalSystemNetworks(system),
    client.getChemicalSystemTransformations(system),
  ]);
  if (options.json) return printJson({ system, networks, transformations });
  for (const network of networks) print(`network         ${network}`);
  for (const transformation of transformations) print(`transformation  ${transformation}`);
}
