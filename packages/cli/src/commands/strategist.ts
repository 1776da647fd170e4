import { createServiceLog } from "@alchemiscale/compute";
import type { Scope } from "@alchemiscale/contract";
import { Strategist } from "@alchemiscale/strategist/service";
import { type StoreOptions, withStateStore } from "../data/open-stores.ts";
import { firstSignal } from "../serving/first-signal.ts";
import { parseStrategistSettings } from "../strategy/strategist-settings.ts";
import { note } from "../terminal/print.ts";
import { readSettingsFile } from "./compute-service.ts";

/** `strategist`: until a signal. */
export async function strategist(options: StoreOptions & { readonly configFile: string }): Promise<void> {
  const askedToEnd = firstSignal();
  const { settings, warnings } = await readSettingsFile(options.configFile, parseStrategistSettings);
  const { loglevel, logfile, sleep_interval: sleepInterval, max_workers: maxWorkers, scopes } = settings;
  const log = createServiceLog({ level: loglevel, logfile, id: () => "strategist" });
  for (const warning of warnings) log.warn(`${options.configFile}: ${warning}`);
  await withStateStore(options, async (stateStore) => {
    const everywhere = scopes === null || scopes.length === 0 ? ["*-*-*" as Scope] : scopes;
    const service = new Strategist({ stateStore, logger: log, sleepInterval, maxWorkers, scopes: everywhere });
    service.start();
    note(
      `Strategist: looks at ${everywhere.join(", ")} every ${sleepInterval} s and at what changes. Its log shows ${loglevel} and above; stop it with Ctrl-C.`,
    );
    await askedToEnd;
    note("Ending …");
    await service.stop();
  });
}
