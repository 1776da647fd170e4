import type { ConnectionOptions } from "../api-connection.ts";
import { InvalidArgument } from "../client-error.ts";

/** What the environment may say, with the names that the Python client knows (user-api §7.1). */
const variables = { url: "ALCHEMISCALE_URL", identifier: "ALCHEMISCALE_ID", key: "ALCHEMISCALE_KEY" } as const;

/**
 * Address, identifier and key: those given, else those of the environment. `onWarning` is told of one that is given and differs from the
 * environment's; no key is ever shown.
 * @throws {InvalidArgument} where one is neither given nor in the environment.
 */
export function connectionFromEnvironment(
  given: Partial<Pick<ConnectionOptions, "url" | "identifier" | "key">> = {},
  options: {
    readonly environment?: Readonly<Record<string, string | undefined>>;
    readonly onWarning?: (warning: string) => void;
  } = {},
): Pick<ConnectionOptions, "url" | "identifier" | "key"> {
  const { environment = process.env, onWarning = () => {} } = options;
  const value = (name: keyof typeof variables): string => {
    const variable = variables[name];
    const standing = environment[variable] === "" ? undefined : environment[variable];
    const chosen = given[name] ?? standing;
    if (chosen === undefined) throw new InvalidArgument(name, undefined, `given, or in the environment as ${variable}`);
    if (standing !== undefined && chosen !== standing) onWarning(`the ${name} that is given is used, not that of ${variable}`);
    return chosen;
  };
  return { url: value("url"), identifier: value("identifier"), key: value("key") };
}
