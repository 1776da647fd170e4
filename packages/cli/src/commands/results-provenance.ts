import { mapAhead } from "@alchemiscale/client";
import type { Provenance, ScopedKey } from "@alchemiscale/contract";
import { askedOfOurs, resultsOf } from "../results/results-of.ts";
import { note, print, printJson } from "../terminal/print.ts";
import { printable } from "../terminal/printable.ts";
import { style } from "../terminal/style.ts";
import { table } from "../terminal/table.ts";
import { type ApiOptions, apiClient, keyArgument } from "./api-client.ts";

/** `results provenance`: where and how results were computed. */
export async function resultsProvenance(text: string, options: ApiOptions & { readonly json?: boolean }): Promise<void> {
  const client = apiClient(options);
  const references = await resultsOf(client, keyArgument(text));
  const told: { result: ScopedKey; provenance: Provenance | null }[] = [];
  const silent: ScopedKey[] = [];
  const ask = async (result: ScopedKey, signal: AbortSignal) => ({
    result,
    provenance: await askedOfOurs("provenance", client.getResultProvenance(result, { signal })),
  });
  for await (const each of mapAhead(references, 8, ask)) {
    if (options.json) told.push(each);
    else if (each.provenance === null) silent.push(each.result);
    else printProvenance(each.result, each.provenance);
  }
  if (options.json) return printJson(told);
  if (references.length === 0) note("There are no results.");
  if (silent.length > 0) {
    note(
      `Where these were computed is not known (Python services do not tell):\n${silent.map((each) => `  ${each}`).join("\n")}`,
    );
  }
}

function printProvenance(result: ScopedKey, { executor, host, packages, units }: Provenance): void {
  print(style("bold", result));
  const { cpu, gpus } = host;
  const lines = [
    `host      ${host.name}: ${cpu.cores} × ${cpu.model}`,
    ...gpus.map(({ name, driver }) => `GPU       ${name}, driver ${driver}`),
    `executor  ${executor.name} ${executor.version}`,
    `packages  ${Object.entries(packages)
      .map(([name, version]) => `${name} ${version}`)
      .join(", ")}`,
  ];
  for (const line of lines) print(printable(line));
  print(
    table(
      [
        { title: "unit", shrinkTo: 16 },
        { title: "attempt", align: "right" },
        { title: "ok" },
        { title: "started", shrinkTo: 19 },
        { title: "seconds", align: "right" },
        { title: "CPU seconds", align: "right" },
        { title: "peak MiB", align: "right" },
      ],
      units.map(({ unit, name, attempt, ok, started, seconds, cpu_seconds, peak_memory_bytes }) => [
        printable(name ?? unit),
        String(attempt),
        ok ? "yes" : style("red", "no"),
        printable(started ?? ""),
        seconds?.toFixed(1) ?? "",
        cpu_seconds?.toFixed(1) ?? "",
        peak_memory_bytes == null ? "" : (peak_memory_bytes / 2 ** 20).toFixed(0),
      ]),
    ),
  );
  print();
}
