/** The connection of an administrator to a running server. */
import { text } from "node:stream/consumers";
import { AlchemiscaleAdminClient, type IdentityFacts } from "@alchemiscale/client";
import { environmentVariable } from "../../environment.ts";
import { print, printJson } from "../../terminal/print.ts";
import { printable } from "../../terminal/printable.ts";
import { UsageError } from "../../usage-error.ts";

export interface AdminOptions {
  readonly apiUrl?: string;
  readonly identifier?: string;
  readonly key?: string;
  readonly json?: boolean;
}

/**
 * By the options, else by `ALCHEMISCALE_URL`, `ALCHEMISCALE_ADMIN_ID` and `ALCHEMISCALE_ADMIN_KEY`: nobody acts as an administrator
 * because of what the variables of a user happen to hold.
 * @throws {UsageError}
 */
export function adminClient(options: AdminOptions): AlchemiscaleAdminClient {
  const url = options.apiUrl ?? environmentVariable("ALCHEMISCALE_URL") ?? "http://127.0.0.1:8000";
  const identifier = options.identifier ?? environmentVariable("ALCHEMISCALE_ADMIN_ID");
  const key = options.key ?? environmentVariable("ALCHEMISCALE_ADMIN_KEY");
  if (!URL.canParse(url) || !/^https?:/.test(url)) {
    throw new UsageError(`--api-url ${JSON.stringify(url)} must be an address such as http://127.0.0.1:8000`);
  }
  if (identifier === undefined) throw new UsageError("who are you? Give --identifier, or set ALCHEMISCALE_ADMIN_ID");
  if (key === undefined) throw new UsageError(`the key of ${identifier} is missing; set ALCHEMISCALE_ADMIN_KEY, or give --key`);
  return new AlchemiscaleAdminClient({ url, identifier, key, retries: { maxRetries: 2, baseSeconds: 1.5, maxSeconds: 5 } });
}

/**
 * The key that an identity is to have: the option, or standard input for `-`.
 * @throws {UsageError} where there is none
 */
export async function newKey(option: string): Promise<string> {
  const key = option === "-" ? (await text(process.stdin)).replace(/\r?\n$/, "") : option;
  if (key === "") throw new UsageError("--new-key is empty");
  return key;
}

/** One identity: as JSON, or in a line. */
export function tell(identity: IdentityFacts, options: AdminOptions): void {
  const { type, identifier, scopes } = identity;
  if (options.json) printJson(identity);
  else print(`${type} ${printable(identifier)}: ${stateOf(identity)}; scopes: ${scopes.join(" ") || "none"}`);
}

/** Whether an identity can log in, for people. */
export function stateOf({ disabled, expires }: Pick<IdentityFacts, "disabled" | "expires">): string {
  if (disabled) return "disabled";
  if (expires === null) return "enabled";
  return Date.parse(expires) <= Date.now() ? `expired ${expires}` : `until ${expires}`;
}
