/** `login`, `logout` and `profile list`. */
import { createInterface } from "node:readline/promises";
import { Writable } from "node:stream";
import { text } from "node:stream/consumers";
import { profilesFile, readProfiles, writeProfile } from "../data/profiles.ts";
import { note, print, printJson } from "../terminal/print.ts";
import { printable } from "../terminal/printable.ts";
import { table } from "../terminal/table.ts";
import { CommandFailure, UsageError } from "../usage-error.ts";
import { clientOf } from "./api-client.ts";

/** Keeps a profile, after the server has accepted it. */
export async function login(options: {
  readonly profile: string;
  readonly apiUrl?: string;
  readonly identifier?: string;
}): Promise<void> {
  const before = readProfiles().get(options.profile);
  const url = await given("--api-url", "Address of the user API", options.apiUrl, before?.url ?? "http://127.0.0.1:8000");
  const identifier = await given("--identifier", "Identity", options.identifier, before?.identifier);
  const key = process.stdin.isTTY ? await askSecret(`Key of ${identifier}`) : (await text(process.stdin)).replace(/\r?\n$/, "");
  if (key === "") throw new UsageError("the key is empty; on no terminal it is read from standard input");
  const scopes = await clientOf({ url, identifier, key }).listScopes();
  writeProfile(options.profile, { url, identifier, key });
  note(`Logged in at ${url} as ${identifier}; scopes: ${scopes.join(" ") || "none"}.`);
  note(`Kept as profile ${options.profile} in ${profilesFile()}.`);
}

export async function logout({ profile }: { readonly profile: string }): Promise<void> {
  if (!readProfiles().has(profile)) throw new CommandFailure(`there is no profile ${JSON.stringify(profile)}`);
  writeProfile(profile, undefined);
  note(`Removed the profile ${profile}.`);
}

export async function profileList(options: { readonly json?: boolean }): Promise<void> {
  const profiles = Array.from(readProfiles(), ([profile, { url, identifier }]) => ({ profile, url, identifier }));
  if (options.json) return printJson(profiles);
  const columns = [{ title: "profile" }, { title: "server", shrinkTo: 20 }, { title: "identity", shrinkTo: 12 }];
  print(
    table(
      columns,
      profiles.map((each) => [each.profile, each.url, each.identifier].map(printable)),
    ),
  );
}

/** What was given, else what a person answers; an empty answer is `fallback`. */
async function given(option: string, label: string, value: string | undefined, fallback: string | undefined): Promise<string> {
  if (value !== undefined && value !== "") return value;
  if (!process.stdin.isTTY) {
    if (fallback !== undefined) return fallback;
    throw new UsageError(`${option} is missing (nobody can be asked: standard input is no terminal)`);
  }
  const answer = await ask(`${label}${fallback === undefined ? "" : ` [${fallback}]`}: `, process.stderr);
  const chosen = answer.trim() || fallback;
  if (chosen === undefined) throw new UsageError(`${option} is missing`);
  return chosen;
}

/** Without showing what is typed. */
async function askSecret(label: string): Promise<string> {
  process.stderr.write(`${label}: `);
  const nowhere = new Writable({ write: (_chunk, _encoding, done) => done() });
  const answer = await ask("", nowhere);
  process.stderr.write("\n");
  return answer;
}

async function ask(question: string, output: NodeJS.WritableStream): Promise<string> {
  const terminal = createInterface({ input: process.stdin, output, terminal: true });
  const ended = new AbortController();
  terminal.once("SIGINT", () => ended.abort());
  try {
    return await terminal.question(question, { signal: ended.signal });
  } catch (error) {
    if (ended.signal.aborted) throw new CommandFailure("given up");
    throw error;
  } finally {
    terminal.close();
  }
}
