#!/usr/bin/env node
// The command `alchemiscale`. Plain JavaScript that an old Node can read too: started directly, a bin runs on whatever Node
// the machine has, while the sources need the one that is installed beside them. Where the versions differ it runs itself
// again on that one, passing terminal, signals and exit code through.
import { spawn } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import * as modules from "node:module";
import { constants } from "node:os";
import { dirname, join } from "node:path";
import { setFlagsFromString } from "node:v8";

const oldestMajor = 26;
const nestedMark = "ALCHEMISCALE_NODE_RESTARTED";

if (Number(process.versions.node.split(".")[0]) >= oldestMajor) {
  delete process.env[nestedMark];
  keepMemorySmall();
  // Compiled code is kept between runs: starting takes half the time, and less memory, as types need not be stripped again. By the
  // variable it reaches worker threads too.
  const { directory } = modules.enableCompileCache(compileCacheDirectory());
  if (directory !== undefined) process.env.NODE_COMPILE_CACHE = dirname(directory);
  const { main } = await import("../src/main.ts");
  await main(process.argv.slice(2));
} else {
  const node = process.env[nestedMark] === undefined ? packagedNode() : undefined;
  if (node === undefined) {
    console.error(
      `alchemiscale: Node ${oldestMajor} or newer is needed, and this is ${process.version}; the one that npm installs with this package is absent (was it installed with --ignore-scripts?). Run \`npm rebuild node\`, or install Node ${oldestMajor}.`,
    );
    process.exit(1);
  }
  restart(node);
}

/**
 * A server's heaps, one for each thread, stay close to what is in them: the engine would let each have tens of megabytes of garbage before it looks. Smaller
 * bounds made no difference that could be measured. (Threads other than this one have less room for what has just been made: `letThreadsCollect`.)
 *
 * On Linux this process is started anew for it, with an allocator of the C library that gives back what is freed. By default it keeps a heap for each thread,
 * and takes ever larger blocks from them: after six networks of 5 MB a server held 400 MiB, and 270 so. Only the environment can tell it, at the start.
 */
function keepMemorySmall() {
  const [command, ...rest] = process.argv.slice(2);
  const serves = command === "serve" || command === "api" || (command === "compute" && rest[0] === "api");
  if (!serves) return;
  const bounds = ["--max-semi-space-size=4", "--initial-old-space-size=24", "--heap-growing-percent=60"];
  const told = Object.keys(process.env).some((name) => name.startsWith("MALLOC_"));
  // A channel to whoever started this process would not live through it.
  if (told || process.channel !== undefined || process.platform !== "linux" || process.execve === undefined) {
    for (const bound of bounds) setFlagsFromString(bound);
    return;
  }
  const allocator = { MALLOC_ARENA_MAX: "1", MALLOC_MMAP_THRESHOLD_: "131072", MALLOC_TRIM_THRESHOLD_: "131072" };
  const argv = [process.execPath, ...bounds, ...process.execArgv, ...process.argv.slice(1)];
  process.execve(process.execPath, argv, { ...process.env, ...allocator });
}

/** The binary of the `node` package, when its installation fetched one. */
function packagedNode() {
  try {
    const folder = dirname(modules.createRequire(import.meta.url).resolve("node/package.json"));
    const binary = join(folder, "bin", process.platform === "win32" ? "node.exe" : "node");
    return existsSync(binary) ? binary : undefined;
  } catch {
    return undefined;
  }
}

/** Below node_modules when this is a checkout; else Node's own place. */
function compileCacheDirectory() {
  if (process.env.NODE_COMPILE_CACHE !== undefined) return process.env.NODE_COMPILE_CACHE;
  const root = join(import.meta.dirname, "..", "..", "..");
  try {
    const { name } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
    if (name === "alchemiscale-monorepo") return join(root, "node_modules", ".cache", "alchemiscale", "compiled");
  } catch {
    // No checkout.
  }
  return undefined;
}

/** @param {string} node */
function restart(node) {
  const child = spawn(node, process.argv.slice(1), { stdio: "inherit", env: { ...process.env, [nestedMark]: "1" } });
  const signals = /** @type {const} */ (["SIGINT", "SIGTERM", "SIGHUP", "SIGQUIT", "SIGUSR2"]);
  for (const signal of signals) process.on(signal, () => child.kill(signal));
  child.on("error", (error) => {
    console.error(`alchemiscale: cannot start ${node}: ${error.message}`);
    process.exit(1);
  });
  child.on("exit", (code, signal) => {
    if (signal === null) process.exit(code ?? 1);
    // End in the same way, so that a shell sees the signal.
    for (const name of signals) process.removeAllListeners(name);
    process.kill(process.pid, signal);
    setTimeout(() => process.exit(128 + constants.signals[signal]), 100);
  });
}
