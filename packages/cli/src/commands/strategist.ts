import { createServiceLog } from "@alchemiscale/compute";
import type { Scope } from "@alchemiscale/contract";
import type { StateStore } from "@alchemiscale/statestore";
import { Strategist } from "@alchemiscale/strategist/service";
import { type StoreOptions, withStateStore } from "../data/open-stores.ts";
import { storeUrls } from "../data/store-urls.ts";
import { type AnalysisPythonOptions, createPythonProposer, openAnalysisPython } from "../python/analysis-python.ts";
import { firstSignal } from "../serving/first-signal.ts";
import { parseStrategistSettings } from "../strategy/strategist-settings.ts";
import { note } from "../terminal/print.ts";
import { readSettingsFile } from "./compute-service.ts";

type Options = StoreOptions & AnalysisPythonOptions & { readonly configFile: string };

/** `strategist`: until a signal. */
export async function strategist(options: Options): Promise<void> {
  const askedToEnd = firstSignal();
  const { settings, warnings } = await readSettingsFile(options.configFile, parseStrategistSettings);
  const { loglevel, logfile, sleep_interval: sleepInterval, max_workers: maxWorkers, scopes } = settings;
  const log = createServiceLog({ level: loglevel, logfile, id: () => "strategist" });
  for (const warning of warnings) log.warn(`${options.configFile}: ${warning}`);
  await withStateStore(options, async (stateStore) => {
    const everywhere = scopes === null || scopes.length === 0 ? ["*-*-*" as Scope] : scopes;
    const python = await proposerOf(stateStore, options, (text) => log.info(text));
    const proposer = python && { proposer: python.proposer };
    const service = new Strategist({ stateStore, logger: log, sleepInterval, maxWorkers, scopes: everywhere, ...proposer });
    service.start();
    note(
      `Strategist: looks at ${everywhere.join(", ")} every ${sleepInterval} s and at what changes. Its log shows ${loglevel} and above; stop it with Ctrl-C.`,
    );
    await askedToEnd;
    note("Ending …");
    await service.stop();
    await python?.close();
  });
}

/** For strategies of Python packages, with the results that they may want to see; undefined where no interpreter is named. */
async function proposerOf(stateStore: StateStore, options: Options, log: (text: string) => void) {
  const python = await openAnalysisPython(options, log);
  if (python === undefined) return undefined;
  const { openObjectStore } = await import("@alchemiscale/objectstore");
  const objectStore = await openObjectStore(storeUrls(options).objectStore);
  const close = () => Promise.allSettled([python.close(), objectStore.close()]);
  return { proposer: await createPythonProposer({ stateStore, objectStore }, python), close };
}
