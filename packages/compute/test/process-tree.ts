/** Processes as Linux knows them. */
import { readdirSync, readFileSync } from "node:fs";

/** A process of this one's children that is `pid` or above it, and all below it. */
export function treeOf(pid: number): number[] {
  let top = pid;
  for (let above = parentOf(top); above !== process.pid; above = parentOf(top)) {
    if (above <= 1) throw new Error(`${pid} does not belong to this process`);
    top = above;
  }
  const tree = [top];
  for (const each of tree) tree.push(...childrenOf(each));
  return tree;
}

/** False for a zombie, too: it only waits for its parent. */
export function isAlive(pid: number): boolean {
  try {
    return !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, "utf8"));
  } catch {
    return false;
  }
}

function parentOf(pid: number): number {
  return Number(/^PPid:\s+(\d+)$/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1]);
}

function childrenOf(pid: number): number[] {
  const threads = readdirSync(`/proc/${pid}/task`);
  return threads.flatMap((thread) =>
    readFileSync(`/proc/${pid}/task/${thread}/children`, "utf8").split(" ").filter(Boolean).map(Number),
  );
}
