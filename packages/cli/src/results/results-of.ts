import { type AlchemiscaleClient, isUnknownRoute } from "@alchemiscale/client";
import { qualnameOf, type ScopedKey } from "@alchemiscale/contract";
import { CommandFailure } from "../usage-error.ts";
import { wrongKind } from "../wrong-kind.ts";

/**
 * References of the results, successful or not, of a network, a transformation or a Task; or the one that is named itself.
 * @throws {UsageError} for a key of anything else; {@link CommandFailure} when the server has no such object.
 */
export async function resultsOf(client: AlchemiscaleClient, key: ScopedKey): Promise<ScopedKey[]> {
  const qualname = qualnameOf(key);
  if (qualname === "ProtocolDAGResultRef") return [key];
  const wanted = ["AlchemicalNetwork", "Transformation", "NonTransformation", "Task"];
  if (!wanted.includes(qualname)) throw wrongKind(key, [...wanted, "ProtocolDAGResultRef"]);
  if (!(await client.exists(key))) throw new CommandFailure(`there is no ${key} (or it is in a scope that you cannot see)`);
  switch (qualname) {
    case "AlchemicalNetwork": {
      const byTransformation = await Promise.all([client.getNetworkResults(key), client.getNetworkFailures(key)]);
      return byTransformation.flatMap((listed) => [...listed.values()].flat());
    }
    case "Task":
      return (await Promise.all([client.getTaskResults(key), client.getTaskFailures(key)])).flat();
    default:
      return (await Promise.all([client.getTransformationResults(key), client.getTransformationFailures(key)])).flat();
  }
}

/** `work`, with what a Python server answers said in words. */
export async function askedOfOurs<T>(what: string, work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    if (isUnknownRoute(error)) throw new CommandFailure(`this server keeps no ${what} (Python servers do not)`);
    throw error;
  }
}
