/** The connection to a running server that `network`, `task` and `results` use. */
import { AlchemiscaleClient } from "@alchemiscale/client";
import { InvalidScopedKey, parseScopedKey, qualnameOf, type ScopedKey } from "@alchemiscale/contract";
import { environmentVariable } from "../environment.ts";
import { UsageError } from "../usage-error.ts";

export interface ApiOptions {
  readonly apiUrl?: string;
  readonly identifier?: string;
  readonly key?: string;
}

/**
 * A client by the options, else by the variables of the Python client (user-api §7.1).
 * @throws {UsageError} when no identity or key is given, or the address is none.
 */
export function apiClient(options: ApiOptions): AlchemiscaleClient {
  const url = options.apiUrl ?? environmentVariable("ALCHEMISCALE_URL") ?? "http://127.0.0.1:8000";
  const identifier = options.identifier ?? environmentVariable("ALCHEMISCALE_ID");
  const key = options.key ?? environmentVariable("ALCHEMISCALE_KEY");
  if (!URL.canParse(url) || !/^https?:/.test(url)) {
    throw new UsageError(`--api-url ${JSON.stringify(url)} must be an address such as http://127.0.0.1:8000`);
  }
  if (identifier === undefined) throw new UsageError("who are you? Give --identifier, or set ALCHEMISCALE_ID");
  if (key === undefined) throw new UsageError(`the key of ${identifier} is missing; set ALCHEMISCALE_KEY, or give --key`);
  // A person waits: an address that nobody listens on is said after seconds, not after minutes.
  return new AlchemiscaleClient({ url, identifier, key, retries: { maxRetries: 2, baseSeconds: 1.5, maxSeconds: 5 } });
}

/**
 * The key of a stored object; of that class, where one is given.
 * @throws {UsageError}
 */
export function keyArgument(text: string, qualname?: string): ScopedKey {
  let key: ScopedKey;
  try {
    key = parseScopedKey(text);
  } catch (error) {
    if (error instanceof InvalidScopedKey) throw new UsageError(error.message);
    throw error;
  }
  if (qualname !== undefined && qualnameOf(key) !== qualname) {
    throw new UsageError(`${key} is a ${qualnameOf(key)}; the key of a ${qualname} is needed here`);
  }
  return key;
}
