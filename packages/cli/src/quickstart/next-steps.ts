import type { Scope, ScopedKey } from "@alchemiscale/contract";
import { print } from "../terminal/print.ts";
import { style } from "../terminal/style.ts";
import type { ChildCommand } from "./child-command.ts";

export interface FinishedQuickstart {
  readonly server: ChildCommand;
  readonly userAddress: string;
  readonly user: string;
  readonly userKey: string;
  readonly network: ScopedKey;
  readonly scope: Scope;
  readonly directory: string;
  readonly kept: boolean;
  readonly python: string | undefined;
}

/** What to do now: connect with the Python client, run a network of one's own. */
export function printNextSteps(run: FinishedQuickstart): void {
  const title = (text: string) => print(`\n${style("bold", text)}`);
  if (run.kept) {
    title("The server goes on running. Look at it with the Python client (alchemiscale):");
    print(`  from alchemiscale import AlchemiscaleClient, ScopedKey
  client = AlchemiscaleClient(
      "${run.userAddress}", "${run.user}", "${run.userKey}")
  network = ScopedKey.from_str(
      "${run.network}")
  client.get_network_status(network)`);
    title("or from here:");
    print(`  export ALCHEMISCALE_URL=${run.userAddress}
  export ALCHEMISCALE_ID=${run.user} ALCHEMISCALE_KEY=${run.userKey}
  npx alchemiscale results ${run.network}`);
    title("Stop it, and remove its data:");
    print(`  kill ${run.server.pid}; rm -r ${run.directory}`);
  } else {
    title("What next");
    print("  npm run quickstart -- --keep     leaves the server for you to look at");
  }
  title("A server of your own, for networks that you planned with openfe:");
  print(`  npx alchemiscale serve                    # in a terminal of its own
  npx alchemiscale identity add -i me -k KEY
  npx alchemiscale identity add-scope -i me -s 'my_lab-*-*'
  npx alchemiscale identity add -t compute -i gpu -k ANOTHER_KEY
  npx alchemiscale identity add-scope -t compute -i gpu -s 'my_lab-*-*'
  export ALCHEMISCALE_ID=me ALCHEMISCALE_KEY=KEY
  npx alchemiscale network submit network.json --scope my_lab-campaign-project
  npx alchemiscale task create NETWORK --count 3   # NETWORK: the key just printed
  npx alchemiscale task action NETWORK
  npx alchemiscale compute synchronous -c examples/compute-service.yaml \\
      --executor python --python PATH       # PATH: a Python that has openfe
  npx alchemiscale results NETWORK`);
  if (run.python === undefined) {
    title("Real chemistry now, in a minute or two, with a Python that has openfe:");
    print("  npm run quickstart -- --python PATH");
  }
  print(style("dim", "\nMore in docs/quickstart.md and docs/cli.md."));
}
