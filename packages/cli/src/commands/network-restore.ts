import { ImportNotPossible, type OpenArchive, openArchive, restoreArchive } from "@alchemiscale/client/node";
import type { NetworkState } from "@alchemiscale/contract";
import { GufeError } from "@alchemiscale/gufe";
import { note, print, printJson } from "../terminal/print.ts";
import { startProgressOf } from "../terminal/progress.ts";
import { CommandFailure } from "../usage-error.ts";
import { type ApiOptions, apiClient } from "./api-client.ts";
import { placeOption } from "./scope-option.ts";

/** `network restore`: an archive to a server. The whole archive is looked through before anything is sent. */
export async function networkRestore(
  file: string,
  options: ApiOptions & { readonly scope: string; readonly state: NetworkState; readonly json?: boolean },
): Promise<void> {
  const scope = placeOption(options.scope);
  const client = apiClient(options);
  const archive = await opened(file);
  const progress = startProgressOf("Restoring results");
  try {
    const restored = await restoreArchive(client, archive, scope, { state: options.state, onProgress: progress.onProgress });
    progress.stop();
    if (options.json) return printJson(restored);
    const { network, submitted, imported, present } = restored;
    note(
      `${submitted ? "Submitted the network" : "The network was there"}; ${imported} results brought back, ${present} were there already.`,
    );
    print(network);
  } catch (error) {
    if (error instanceof ImportNotPossible) throw new CommandFailure(error.message);
    throw error;
  } finally {
    progress.stop();
    await archive.close();
  }
}

async function opened(file: string): Promise<OpenArchive> {
  try {
    return await openArchive(file === "-" ? process.stdin : file);
  } catch (error) {
    const name = file === "-" ? "standard input" : file;
    if (error instanceof GufeError) throw new CommandFailure(`${name} is no archive that can be read: ${error.message}`);
    if (error instanceof Error && "syscall" in error) throw new CommandFailure(`cannot read ${name}: ${error.message}`);
    throw error;
  }
}
