import { spawnSync } from "node:child_process";
import { existsSync, globSync } from "node:fs";

interface SystemPackage {
  readonly name: string;
  readonly present: () => boolean;
}

const wanted: readonly SystemPackage[] = [
  { name: "postgresql", present: () => globSync("/usr/lib/postgresql/*/bin/initdb").length > 0 },
  // Compile what records the writes of a process (bench/power-cut).
  { name: "gcc", present: () => existsSync("/usr/bin/cc") },
  // For what comes from PyPI (packages/server/test/fuzz).
  { name: "python3-venv", present: () => globSync("/usr/lib/python3*/ensurepip/__main__.py").length > 0 },
  { name: "chromium", present: () => existsSync("/usr/bin/chromium") || existsSync("/usr/bin/chromium-browser") },
  // Read the completion scripts.
  { name: "zsh", present: () => existsSync("/usr/bin/zsh") },
  { name: "fish", present: () => existsSync("/usr/bin/fish") },
  { name: "libc6-dev", present: () => existsSync("/usr/include/stdio.h") },
];

/** Installs the system packages that the tests use and this machine lacks, where it is Debian and we are root. Only for CI: elsewhere nothing outside the folder is touched. */
export const installForCi = (): void => {
  const missing = wanted.filter(({ present }) => !present()).map(({ name }) => name);
  if (missing.length === 0) return;
  if (process.getuid?.() !== 0 || !existsSync("/usr/bin/apt-get")) {
    console.log(`missing here: ${missing.join(", ")}; not installed, because this is not root on Debian`);
    return;
  }
  console.log(`installing ${missing.join(", ")} with apt-get`);
  const env = { ...process.env, DEBIAN_FRONTEND: "noninteractive" };
  for (const args of [
    ["update", "-q"],
    ["install", "-q", "-y", "--no-install-recommends", ...missing],
  ]) {
    const { status } = spawnSync("apt-get", args, { stdio: ["ignore", "inherit", "inherit"], env });
    if (status !== 0) {
      console.log(`apt-get ${args[0]} failed (${status}); the tests will say what they miss`);
      return;
    }
  }
};
