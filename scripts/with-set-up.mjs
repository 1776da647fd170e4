/**
 * Runs a program of this repository on the packaged Node, installing first what is missing, so that every `npm run` works as the very first command after a clone.
 *
 *   node scripts/with-set-up.mjs FILE.ts [ARGUMENT…]
 *
 * Plain JavaScript for whatever Node the machine has (18 or newer): it runs before there is anything else.
 */
import { spawn, spawnSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { delimiter, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const modules = join(root, "node_modules");
const packagedNode = join(modules, "node", "bin", process.platform === "win32" ? "node.exe" : "node");

const fail = (message) => {
  console.error(message);
  process.exit(1);
};

/** Whether npm's record of what it installed differs from what package-lock.json wants (packages for other platforms apart). */
const mustInstall = () => {
  if (!existsSync(packagedNode)) return true;
  try {
    const packagesOf = (file) => JSON.parse(readFileSync(file, "utf8")).packages;
    const installed = packagesOf(join(modules, ".package-lock.json"));
    return Object.entries(packagesOf(join(root, "package-lock.json"))).some(
      ([path, wanted]) =>
        path.startsWith("node_modules/") && !wanted.optional && !wanted.link && installed[path]?.version !== wanted.version,
    );
  } catch {
    return true;
  }
};

const install = () => {
  console.log("Installing dependencies (npm ci) …");
  const options = ["ci", "--no-audit", "--no-fund", "--prefer-offline", "--loglevel=error"];
  const npm = process.env.npm_execpath;
  // npm's own program where we run below it: `npm` alone may be another version.
  const { status, error } =
    npm !== undefined && /\.c?js$/.test(npm)
      ? spawnSync(process.execPath, [npm, ...options], { cwd: root, stdio: "inherit" })
      : spawnSync("npm", options, { cwd: root, stdio: "inherit", shell: process.platform === "win32" });
  if (status !== 0) fail(`npm ci failed${error === undefined ? "" : `: ${error.message}`}; nothing else was run.`);
};

const checkNode = () => {
  const wanted = JSON.parse(readFileSync(join(root, "package.json"), "utf8")).dependencies.node;
  const found = existsSync(packagedNode)
    ? spawnSync(packagedNode, ["--version"], { encoding: "utf8" }).stdout?.trim()
    : undefined;
  if (found === `v${wanted}`) return;
  fail(
    `The packaged Node ${wanted} is ${found ? `Node ${found}` : "not there"} (this is Node ${process.version} of the machine).\n` +
      "Its installation script was not run: remove `ignore-scripts` from npm's configuration (npm config get ignore-scripts), delete node_modules, and run this command again.",
  );
};

const [file, ...args] = process.argv.slice(2);
if (file === undefined) fail("Usage: node scripts/with-set-up.mjs FILE.ts [ARGUMENT…]");
if (mustInstall()) install();
checkNode();

const child = spawn(packagedNode, [join(root, file), ...args], {
  stdio: "inherit",
  cwd: root,
  env: { ...process.env, PATH: `${join(modules, ".bin")}${delimiter}${process.env.PATH ?? ""}` },
});
// A terminal sends Ctrl-C to the child itself; a second copy would look like an impatient user.
process.on("SIGINT", () => process.stdin.isTTY || child.kill("SIGINT"));
for (const signal of ["SIGTERM", "SIGHUP"]) process.on(signal, () => child.kill(signal));
child.on("exit", (code, signal) => {
  if (signal === null) process.exit(code ?? 1);
  process.removeAllListeners(signal);
  process.kill(process.pid, signal);
});
