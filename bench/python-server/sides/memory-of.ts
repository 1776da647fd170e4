import { readFileSync } from "node:fs";
import { processTree } from "../../servers/process-tree.ts";

/** Bytes of the processes below this one whose command line matches, each shared page divided among those that share it (Linux). */
export function memoryOf(parts: Readonly<Record<string, RegExp>>): Record<string, number> {
  const below = processTree(process.pid).slice(1);
  return Object.fromEntries(
    Object.entries(parts).map(([name, pattern]) => [
      name,
      below
        .filter(({ command }) => pattern.test(command))
        .reduce((sum, { pid, resident }) => sum + (proportional(pid) ?? resident), 0),
    ]),
  );
}

function proportional(pid: number): number | undefined {
  try {
    const kibibytes = /^Pss:\s*(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/smaps_rollup`, "utf8"))?.[1];
    return kibibytes === undefined ? undefined : Number(kibibytes) * 1024;
  } catch {
    return undefined;
  }
}
