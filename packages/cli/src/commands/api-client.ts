/** The connection to a running server that `network`, `task` and `results` use. */
import { AlchemiscaleClient } from "@alchemiscale/client";
import { InvalidScopedKey, parseScopedKey, qualnameOf, type ScopedKey } from "@alchemiscale/contract";
import { defaultProfile, type Profile, readProfiles } from "../data/profiles.ts";
import { environmentVariable } from "../environment.ts";
import { UsageError } from "../usage-error.ts";
import { wrongKind } from "../wrong-kind.ts";

export interface ApiOptions {
  readonly profile?: string;
  readonly apiUrl?: string;
  readonly identifier?: string;
  readonly key?: string;
}

const defaultUrl = "http://127.0.0.1:8000";

/**
 * A client by `--profile`, else by the other options and the variables of the Python client (user-api §7.1), else, where these name neither
 * identity nor key, by the default profile. A key goes only to the address that it was kept with.
 * @throws {UsageError} when no identity or key is given, or the address is none.
 */
export function apiClient(options: ApiOptions): AlchemiscaleClient {
  return clientOf(connectionOf(options));
}

/** @throws {UsageError} where the address is none. */
export function clientOf({ url, identifier, key }: Profile): AlchemiscaleClient {
  if (!URL.canParse(url) || !/^https?:/.test(url)) {
    throw new UsageError(`--api-url ${JSON.stringify(url)} must be an address such as ${defaultUrl}`);
  }
  // A person waits: an address that nobody listens on is said after seconds, not after minutes.
  return new AlchemiscaleClient({ url, identifier, key, retries: { maxRetries: 2, baseSeconds: 1.5, maxSeconds: 5 } });
}

function connectionOf(options: ApiOptions): Profile {
  if (options.profile !== undefined) {
    const profiles = readProfiles();
    const profile = profiles.get(options.profile);
    if (profile !== undefined) return profile;
    const known = profiles.size === 0 ? "there is none" : `there are ${[...profiles.keys()].join(", ")}`;
    throw new UsageError(`there is no profile ${JSON.stringify(options.profile)} (${known}); make it by alchemiscale login`);
  }
  const url = options.apiUrl ?? environmentVariable("ALCHEMISCALE_URL");
  const identifier = options.identifier ?? environmentVariable("ALCHEMISCALE_ID");
  const key = options.key ?? environmentVariable("ALCHEMISCALE_KEY");
  if (identifier === undefined && key === undefined) {
    const profile = readProfiles().get(defaultProfile);
    if (profile !== undefined && (url === undefined || url === profile.url)) return profile;
  }
  if (identifier === undefined)
    throw new UsageError("who are you? Log in (alchemiscale login), give --identifier, or set ALCHEMISCALE_ID");
  if (key === undefined) throw new UsageError(`the key of ${identifier} is missing; set ALCHEMISCALE_KEY, or give --key`);
  return { url: url ?? defaultUrl, identifier, key };
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
    throw wrongKind(key, [qualname]);
  }
  return key;
}
