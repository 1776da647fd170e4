import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { UsageError } from "../usage-error.ts";
import { locateDataDirectory } from "./data-directory.ts";
import { obtainJwtSecret } from "./jwt-secret.ts";

let folder = "";

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "alchemiscale-secret-"));
  vi.stubEnv("JWT_SECRET_KEY", undefined);
});
afterEach(() => {
  vi.unstubAllEnvs();
  rmSync(folder, { recursive: true });
});

describe("the secret that signs tokens", () => {
  test("is made at the first start, for its owner only, and kept", () => {
    const directory = locateDataDirectory(join(folder, "new"));
    const first = obtainJwtSecret(directory);
    expect(first.secret).toMatch(/^[0-9a-f]{64}$/);
    expect(statSync(directory.secretFile).mode & 0o777).toBe(0o600);
    expect(statSync(directory.path).mode & 0o777).toBe(0o700);
    expect(obtainJwtSecret(directory)).toEqual(first);
    expect(readdirSync(directory.path)).toEqual(["jwt-secret"]);
  });

  test("is one and the same for processes that start together", async () => {
    const program = `
      const { locateDataDirectory } = await import(${JSON.stringify(join(import.meta.dirname, "data-directory.ts"))});
      const { obtainJwtSecret } = await import(${JSON.stringify(join(import.meta.dirname, "jwt-secret.ts"))});
      await new Promise((resolve) => setTimeout(resolve, Number(process.argv[2]) - Date.now()));
      process.stdout.write(obtainJwtSecret(locateDataDirectory(process.argv[1])).secret);`;
    const start = Date.now() + 1000;
    const secrets = await Promise.all(
      Array.from({ length: 6 }, async () => {
        const child = spawn(process.execPath, ["--input-type=module", "-e", program, join(folder, "data"), String(start)], {
          stdio: ["ignore", "pipe", "inherit"],
        });
        const output = await text(child.stdout);
        if (child.exitCode === null) await once(child, "exit");
        return output;
      }),
    );
    expect(new Set(secrets).size).toBe(1);
    expect(secrets[0]).toMatch(/^[0-9a-f]{64}$/);
    expect(readFileSync(join(folder, "data", "jwt-secret"), "utf8")).toBe(`${secrets[0]}\n`);
  });

  test("is taken from JWT_SECRET_KEY, with a warning when it is short, and nothing is written", () => {
    vi.stubEnv("JWT_SECRET_KEY", "short");
    const directory = locateDataDirectory(join(folder, "new"));
    const secret = obtainJwtSecret(directory);
    expect(secret.secret).toBe("short");
    expect(secret.warning).toContain("5 bytes");
    expect(secret.warning).not.toContain("short;");
    vi.stubEnv("JWT_SECRET_KEY", "0123456789abcdef");
    expect(obtainJwtSecret(directory).warning).toBeNull();
    expect(existsSync(directory.path)).toBe(false);
  });

  test("is refused when its file holds too little", () => {
    const directory = locateDataDirectory(folder);
    writeFileSync(directory.secretFile, "tiny\n");
    expect(() => obtainJwtSecret(directory)).toThrow(UsageError);
    expect(() => obtainJwtSecret(directory)).toThrow(/holds 4 bytes/);
  });
});
