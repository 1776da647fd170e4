/** Profiles: which server, as whom. Kept in a file that only its owner can read. */
import { mkdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import envPaths from "env-paths";
import { environmentVariable } from "../environment.ts";
import { UsageError } from "../usage-error.ts";

export interface Profile {
  /** Address of the user API. */
  readonly url: string;
  readonly identifier: string;
  readonly key: string;
}

/** The one that is used where nothing is said. */
export const defaultProfile = "default";

/** `profiles.json` in `ALCHEMISCALE_CONFIG`, else in the platform's directory for settings of this user. */
export function profilesFile(): string {
  return join(environmentVariable("ALCHEMISCALE_CONFIG") ?? envPaths("alchemiscale", { suffix: "" }).config, "profiles.json");
}

/**
 * The profiles by their names; none where there is no file.
 * @throws {UsageError} where others can read the file, or it is none of ours.
 */
export function readProfiles(): Map<string, Profile> {
  const file = profilesFile();
  let text: string;
  try {
    // Windows has no such mode.
    if (process.platform !== "win32" && (statSync(file).mode & 0o077) !== 0) {
      throw new UsageError(`${file} holds keys, and others on this machine may open it; chmod 600 it`);
    }
    text = readFileSync(file, "utf8");
  } catch (error) {
    if (error instanceof UsageError) throw error;
    if (error instanceof Error && "code" in error && (error.code === "ENOENT" || error.code === "ENOTDIR")) return new Map();
    throw new UsageError(`cannot read ${file}: ${error instanceof Error ? error.message : String(error)}`);
  }
  const profiles = parseProfiles(text);
  if (profiles === undefined) throw new UsageError(`${file} is no file of profiles; remove it, and log in again`);
  return profiles;
}

/** Sets one, or removes it (undefined). The file is replaced as a whole, and has mode 600 from its first byte on. */
export function writeProfile(name: string, profile: Profile | undefined): void {
  const profiles = readProfiles();
  if (profile === undefined) profiles.delete(name);
  else profiles.set(name, profile);
  const file = profilesFile();
  const temporary = `${file}.${process.pid}.part`;
  try {
    mkdirSync(join(file, ".."), { recursive: true, mode: 0o700 });
    rmSync(temporary, { force: true });
    const content = JSON.stringify({ profiles: Object.fromEntries(profiles) }, null, 2);
    writeFileSync(temporary, `${content}\n`, { mode: 0o600, flag: "wx" });
    renameSync(temporary, file);
  } catch (error) {
    throw new UsageError(`cannot write ${file}: ${error instanceof Error ? error.message : String(error)}`);
  }
}

function parseProfiles(text: string): Map<string, Profile> | undefined {
  let content: unknown;
  try {
    content = JSON.parse(text);
  } catch {
    return undefined;
  }
  const entries = Object.entries(members(members(content)?.profiles) ?? {});
  const profiles = new Map<string, Profile>();
  for (const [name, value] of entries) {
    const { url, identifier, key } = members(value) ?? {};
    if (typeof url !== "string" || typeof identifier !== "string" || typeof key !== "string") return undefined;
    profiles.set(name, { url, identifier, key });
  }
  return profiles;
}

function members(value: unknown): Record<string, unknown> | undefined {
  return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : undefined;
}
