import { GufeError, joinKeyedChain, type ResultSummary, summarizeResult } from "@alchemiscale/gufe";
import { checkChunks } from "../check/check-chunks.ts";
import { type CheckedEntry, checkKeys } from "../check/check-keys.ts";
import { countBy, describeRoot } from "../check/describe-chain.ts";
import { type LocatedChain, locateChain } from "../check/locate-chain.ts";
import { fileChunks } from "../check/read-document.ts";
import { print } from "../terminal/print.ts";
import { printable } from "../terminal/printable.ts";
import { style } from "../terminal/style.ts";
import { table } from "../terminal/table.ts";
import { CommandFailure } from "../usage-error.ts";

interface Report {
  readonly form: string;
  readonly keysAreComputed: boolean;
  readonly root: { readonly key: string; readonly module: string; readonly qualname: string };
  readonly facts: readonly (readonly [string, string])[];
  readonly entries: readonly CheckedEntry[];
  readonly result: ResultSummary | undefined;
}

/** `network check`: exit code 1 when a key differs from its content, or the file cannot be read. */
export async function networkCheck(file: string, options: { readonly json?: boolean }): Promise<void> {
  let report: Report;
  try {
    report = await check(await locateChain(fileChunks(file), file));
  } catch (error) {
    if (error instanceof GufeError) throw new CommandFailure(`${file} cannot be read as a gufe object: ${error.message}`);
    throw error;
  }
  if (options.json) printEntries(report.entries, report.result);
  else printReport(report);
  if (report.entries.some(({ verdict }) => verdict === "differs")) process.exitCode = 1;
}

async function check({ chain, form, keysAreComputed }: LocatedChain): Promise<Report> {
  if ("entries" in chain) {
    const { root } = chain;
    return {
      form,
      keysAreComputed,
      root,
      facts: describeRoot(root, chain),
      entries: checkKeys(chain, keysAreComputed),
      result: root.qualname === "ProtocolDAGResult" ? summarizeResult(joinKeyedChain(chain.entries)) : undefined,
    };
  }
  const { entries, root, result } = await checkChunks(chain);
  const facts = root.text === null ? [] : describeRoot({ ...root, text: root.text });
  return { form, keysAreComputed, root, facts, entries, result };
}

/** One object a line. The entry of a result also has what came of it. */
function printEntries(entries: readonly CheckedEntry[], result: ResultSummary | undefined): void {
  for (const { key, computed, qualname } of entries) {
    const outcome = result === undefined || key !== result.key ? {} : { ok: result.ok, failures: result.failures };
    print(JSON.stringify({ key, computed, qualname, ...outcome }));
  }
}

function printReport({ form, keysAreComputed, root, facts, entries, result }: Report): void {
  print(style("bold", root.key));
  const described = [["form", form], ["class", `${root.module}.${root.qualname}`], ...facts] as const;
  for (const [label, value] of described) print(`  ${style("dim", label.padEnd(16))} ${printable(value)}`);
  print();
  print(classTable(entries, keysAreComputed));
  const differing = entries.filter(({ verdict }) => verdict === "differs");
  const unknown = entries.filter(({ verdict }) => verdict === "cannot be told");
  print();
  if (keysAreComputed) {
    print("The file has no keys of its own; they were computed from its content.");
    if (unknown.length > 0) {
      print(
        `  Of ${unknown.length} it cannot be told what gufe computes: they, or what they refer to, have defaults that are not known here.`,
      );
    }
  } else if (differing.length === 0) {
    const hashes = entries.filter(({ verdict }) => verdict === "verified").length;
    print(`${style("green", "✔")} ${hashes} of ${entries.length} keys are the hash of their content; none differs.`);
    if (unknown.length > 0) {
      print(
        `  Of ${unknown.length} nothing can be told: their classes have rules of their own, or defaults that are not known here, or they are too large.`,
      );
      for (const { key } of unknown.slice(0, 5)) print(style("dim", `  ${key}`));
      if (unknown.length > 5) print(style("dim", `  … and ${unknown.length - 5} more (--json has all)`));
    }
  } else {
    print(`${style("red", "✘")} ${differing.length} of ${entries.length} keys differ from what their content gives:`);
    for (const { key, computed } of differing)
      print(`  ${key}\n    computed ${computed ?? "(another key stands in its field _key)"}`);
    print(
      style(
        "dim",
        "Such files are accepted, under the keys they have. Usual causes: another release of gufe or of the protocol wrote it, or it was edited.",
      ),
    );
  }
  if (result !== undefined) printResult(result);
}

function classTable(entries: readonly CheckedEntry[], keysAreComputed: boolean): string {
  const classes = [...countBy(entries.map(({ qualname }) => qualname))];
  const count = (qualname: string, verdict: CheckedEntry["verdict"]) =>
    entries.filter((entry) => entry.qualname === qualname && entry.verdict === verdict).length;
  const shown = (value: number, format: Parameters<typeof style>[0]) =>
    value === 0 ? style("dim", "0") : style(format, String(value));
  return table(
    [
      { title: "class", shrinkTo: 16 },
      { title: "objects", align: "right" },
      { title: keysAreComputed ? "computed" : "verified", align: "right" },
      { title: "random key", align: "right" },
      { title: "differs", align: "right" },
      { title: "cannot tell", align: "right" },
    ],
    classes.map(([qualname, total]) => [
      qualname,
      String(total),
      shown(count(qualname, "verified"), "green"),
      shown(count(qualname, "random"), "blue"),
      shown(count(qualname, "differs"), "red"),
      shown(count(qualname, "cannot be told"), "yellow"),
    ]),
  );
}

function printResult(result: ResultSummary): void {
  print();
  const succeeded = result.units.filter(({ ok }) => ok).length;
  print(`ok: ${result.ok ? style("green", "true") : style("red", "false")}`);
  print(`units: ${result.protocolUnits.length}; attempts: ${result.units.length}, of which ${succeeded} succeeded`);
  print(`failures: ${result.failures.length}`);
  for (const failure of result.failures) {
    print();
    const [name, values] = failure.exception ?? ["(no exception)", ""];
    print(`${style("red", failure.failureKey)} of ${failure.sourceKey}`);
    print(printable(`${name}${values}`));
    for (const line of printable(failure.traceback).trimEnd().split("\n")) print(style("dim", `  ${line}`));
  }
}
