import {
  type AlchemiscaleClient,
  type FailureWithoutResult,
  isUnknownRoute,
  mapAhead,
  type ResultMissing,
} from "@alchemiscale/client";
import { readResult } from "@alchemiscale/client/node";
import { qualnameOf, type ScopedKey } from "@alchemiscale/contract";
import { summarizeResult, type UnitFailure } from "@alchemiscale/gufe";
import { note, print, printJson, warn } from "../terminal/print.ts";
import { printable } from "../terminal/printable.ts";
import { style } from "../terminal/style.ts";
import { table } from "../terminal/table.ts";
import { CommandFailure } from "../usage-error.ts";
import { wrongKind } from "../wrong-kind.ts";
import { type ApiOptions, apiClient, keyArgument } from "./api-client.ts";

interface Failure {
  /** Null where no ProtocolDAG could be made. */
  readonly ref: ScopedKey | null;
  readonly task: ScopedKey | null;
  readonly transformation: ScopedKey | null;
  readonly created: string | null;
  readonly creator: string | null;
  readonly failures: readonly (Pick<UnitFailure, "traceback"> & Partial<UnitFailure>)[];
}

/** `failures`: of a network, a transformation or a Task; one result is in memory at a time. */
export async function failures(
  text: string,
  options: ApiOptions & { readonly short?: boolean; readonly json?: boolean },
): Promise<void> {
  const client = apiClient(options);
  const key = keyArgument(text);
  const listing = failuresOf(client, key);
  if (!(await client.exists(key))) throw new CommandFailure(`there is no ${key} (or it is in a scope that you cannot see)`);
  const kept: Failure[] = [];
  const explained = new Set<ScopedKey | null>();
  let count = 0;
  for await (const { ref, task, transformation, created, creator, bytes } of listing) {
    const failure = { ref, task, transformation, created, creator, failures: summarizeResult(readResult(bytes)).failures };
    count += 1;
    explained.add(task);
    if (options.json || options.short) kept.push(failure);
    else printFailure(failure);
  }
  // Python servers do not say whose failures these are.
  const silent = explained.has(null) ? [] : (await tasksInError(client, key)).filter((task) => !explained.has(task));
  const ask = (task: ScopedKey, signal: AbortSignal) => withoutResult(client, task, signal);
  for await (const { task, failures } of mapAhead(silent, 8, ask)) {
    for (const { at, service, exception, traceback } of failures) {
      const failure = {
        ref: null,
        task,
        transformation: null,
        created: at,
        creator: service,
        failures: [{ traceback: traceback.includes(exception) ? traceback : `${traceback.trimEnd()}\n${exception}` }],
      };
      count += 1;
      if (options.json || options.short) kept.push(failure);
      else printFailure(failure);
    }
    if (failures.length === 0) note(`${task} is in error without a stored failure.`);
  }
  if (options.json) return printJson(kept);
  if (count === 0 && silent.length === 0) note("There are no failures.");
  if (!options.short || count === 0) return;
  const rows = kept.flatMap((failure) =>
    failure.failures.map(({ traceback }) => [failure.task ?? failure.ref ?? "", failure.created ?? "", lastLine(traceback)]),
  );
  print(
    table(
      [
        { title: "task", shrinkTo: 20 },
        { title: "when", shrinkTo: 19 },
        { title: "reason", shrinkTo: 20 },
      ],
      rows,
    ),
  );
}

function failuresOf(client: AlchemiscaleClient, key: ScopedKey) {
  const options = { onMissing: (missing: ResultMissing) => warn(missing.message) };
  switch (qualnameOf(key)) {
    case "AlchemicalNetwork":
      return client.getNetworkFailures(key, options);
    case "Transformation":
    case "NonTransformation":
      return client.getTransformationFailures(key, options);
    case "Task":
      return client.getTaskFailures(key, options);
    default:
      throw wrongKind(key, ["AlchemicalNetwork", "Transformation", "NonTransformation", "Task"]);
  }
}

/** Python servers keep nothing of them. */
async function withoutResult(
  client: AlchemiscaleClient,
  task: ScopedKey,
  signal: AbortSignal,
): Promise<{ readonly task: ScopedKey; readonly failures: FailureWithoutResult[] }> {
  try {
    return { task, failures: await client.getTaskFailuresWithoutResult(task, { signal }) };
  } catch (error) {
    if (isUnknownRoute(error)) return { task, failures: [] };
    throw error;
  }
}

async function tasksInError(client: AlchemiscaleClient, key: ScopedKey): Promise<ScopedKey[]> {
  switch (qualnameOf(key)) {
    case "AlchemicalNetwork":
      return client.getNetworkTasks(key, { status: "error" });
    case "Task":
      return (await client.getTasksStatus([key]))[0] === "error" ? [key] : [];
    default:
      return client.getTransformationTasks(key, { status: "error" });
  }
}

function printFailure({ ref, task, transformation, created, creator, failures }: Failure): void {
  print(style("bold", task ?? ref ?? ""));
  const told = [transformation, created, creator && `by ${printable(creator)}`].filter((each) => each);
  print(style("dim", told.join("  ")));
  for (const { sourceKey, traceback } of failures) {
    print(sourceKey === undefined ? "No ProtocolDAG could be made:" : `${printable(sourceKey)}:`);
    print(printable(traceback).trimEnd());
  }
  print();
}

function lastLine(traceback: string): string {
  return printable(traceback.trimEnd().split("\n").at(-1) ?? "");
}
