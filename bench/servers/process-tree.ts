import { readdirSync, readFileSync } from "node:fs";

/** A process below another one. */
export interface TreeProcess {
  readonly pid: number;
  readonly command: string;
  /** Bytes resident in memory. */
  readonly resident: number;
}

/** The process and all below it, parents first. Empty where there is no /proc (it is Linux's). */
export function processTree(root: number): TreeProcess[] {
  const children = new Map<number, number[]>();
  for (const name of listProcesses()) {
    const parent = parentOf(name);
    if (parent !== undefined) children.set(parent, [...(children.get(parent) ?? []), name]);
  }
  const found: TreeProcess[] = [];
  const visit = (pid: number): void => {
    const process = describe(pid);
    if (process !== undefined) found.push(process);
    for (const child of children.get(pid) ?? []) visit(child);
  };
  visit(root);
  return found;
}

/** Bytes resident now; undefined where that cannot be told. */
export function residentBytes(pid: number): number | undefined {
  return describe(pid)?.resident;
}

function listProcesses(): number[] {
  try {
    return readdirSync("/proc")
      .filter((name) => /^\d+$/.test(name))
      .map(Number);
  } catch {
    return [];
  }
}

function parentOf(pid: number): number | undefined {
  const parent = /^PPid:\s*(\d+)$/m.exec(read(`/proc/${pid}/status`))?.[1];
  return parent === undefined ? undefined : Number(parent);
}

function describe(pid: number): TreeProcess | undefined {
  const kibibytes = /^VmRSS:\s*(\d+) kB$/m.exec(read(`/proc/${pid}/status`))?.[1];
  if (kibibytes === undefined) return undefined;
  const command = read(`/proc/${pid}/cmdline`).replaceAll("\0", " ").trim();
  return { pid, command, resident: Number(kibibytes) * 1024 };
}

/** Empty when the process has just ended. */
function read(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return "";
  }
}

/** Seconds of processor time used so far, by all threads; undefined where that cannot be told. */
export function processorSeconds(pid: number): number | undefined {
  // The command, which may hold blanks, stands in parentheses before the rest.
  const fields = read(`/proc/${pid}/stat`)
    .replace(/^.*\) /s, "")
    .split(" ");
  const ticks = Number(fields[11]) + Number(fields[12]);
  return Number.isFinite(ticks) ? ticks / 100 : undefined;
}
