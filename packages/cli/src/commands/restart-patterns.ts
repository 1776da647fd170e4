/** `network restart-patterns …`. What changes them shows what there is afterwards, with --json. */
import type { AlchemiscaleClient } from "@alchemiscale/client";
import type { ScopedKey } from "@alchemiscale/contract";
import { note, print, printJson } from "../terminal/print.ts";
import { printable } from "../terminal/printable.ts";
import { table } from "../terminal/table.ts";
import { type ApiOptions, apiClient } from "./api-client.ts";
import { existingNetwork } from "./existing-network.ts";

type Options = ApiOptions & { readonly json?: boolean };

export async function listPatterns(key: string, options: Options): Promise<void> {
  const client = apiClient(options);
  const patterns = await patternsOf(client, await existingNetwork(client, key));
  if (options.json) return printJson(patterns);
  const rows = patterns.map(({ pattern, maxRetries }) => [printable(pattern), String(maxRetries)]);
  print(
    table(
      [
        { title: "pattern", shrinkTo: 20 },
        { title: "max retries", align: "right" },
      ],
      rows,
    ),
  );
}

export async function addPatterns(
  key: string,
  patterns: readonly string[],
  options: Options & { readonly maxRetries: number },
): Promise<void> {
  const { maxRetries } = options;
  await change(key, options, (client, network) => client.addTaskRestartPatterns(network, patterns, maxRetries));
}

export async function removePatterns(key: string, patterns: readonly string[], options: Options): Promise<void> {
  await change(key, options, (client, network) => client.removeTaskRestartPatterns(network, patterns));
}

export async function clearPatterns(key: string, options: Options): Promise<void> {
  await change(key, options, (client, network) => client.clearTaskRestartPatterns(network));
}

export async function setMaxRetries(
  key: string,
  maxRetries: number,
  patterns: readonly string[],
  options: Options,
): Promise<void> {
  await change(key, options, (client, network) => client.setTaskRestartPatternsAllowedRestarts(network, patterns, maxRetries));
}

async function change(
  key: string,
  options: Options,
  work: (client: AlchemiscaleClient, network: ScopedKey) => Promise<unknown>,
): Promise<void> {
  const client = apiClient(options);
  const network = await existingNetwork(client, key);
  await work(client, network);
  const patterns = await patternsOf(client, network);
  if (options.json) printJson(patterns);
  else note(`${network} has ${patterns.length} restart pattern${patterns.length === 1 ? "" : "s"} now.`);
}

async function patternsOf(client: AlchemiscaleClient, network: ScopedKey) {
  const patterns = await client.getTaskRestartPatterns(network);
  return Array.from(patterns, ([pattern, maxRetries]) => ({ pattern, maxRetries }));
}
