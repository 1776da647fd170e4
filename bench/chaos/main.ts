/**
 * Servers and compute services are killed at random while work goes on; nothing acknowledged may be lost (docs/performance.md).
 *
 *   npm run chaos [-- --kills 100 --minutes 10 --store sqlite|postgres --services 3 --seed N]
 *
 * Prints the seed, what it did, and every violation; exit code 1 when there is one.
 */
import { randomInt } from "node:crypto";
import { parseArgs } from "node:util";
import { openStateStores } from "../servers/state-stores.ts";
import { runChaos } from "./run-chaos.ts";

const { values } = parseArgs({
  options: {
    kills: { type: "string", default: "100" },
    minutes: { type: "string", default: "10" },
    store: { type: "string", default: "sqlite" },
    services: { type: "string", default: "3" },
    seed: { type: "string" },
  },
});
const store = values.store;
if (store !== "sqlite" && store !== "postgres") fail(`--store is sqlite or postgres, not ${store}`);
const kills = positive("kills", values.kills);
const minutes = positive("minutes", values.minutes);
const seed = values.seed === undefined ? randomInt(2 ** 31) : positive("seed", values.seed);

const begun = performance.now();
const say = (text: string): void => console.log(`[${((performance.now() - begun) / 1000).toFixed(0).padStart(4)} s] ${text}`);
const stores = await openStateStores(store);
const shared = store === "postgres" ? await stores.create("") : undefined;
const servers = shared === undefined ? 1 : 2;
say(
  `seed ${seed}: ${kills} kills in ${minutes} minutes, ${servers} server(s), ${values.services} services, ${stores.description}`,
);
try {
  const report = await runChaos({
    kills,
    seconds: minutes * 60,
    seed,
    stateStoreUrl: shared?.url,
    servers,
    services: positive("services", values.services),
    expirySeconds: 6,
    pauseSeconds: 0.15,
    say,
  });
  for (const [label, value] of Object.entries(report.figures)) console.log(`  ${label.padEnd(36)} ${value}`);
  for (const violation of report.violations) console.log(`VIOLATION: ${violation}`);
  console.log(
    report.violations.length === 0
      ? "Nothing acknowledged was lost."
      : `${report.violations.length} violations; repeat with --seed ${seed}`,
  );
  process.exitCode = report.violations.length === 0 ? 0 : 1;
} finally {
  await shared?.remove();
  await stores.stop();
}

function positive(name: string, text: string): number {
  const value = Number(text);
  if (!(value > 0)) fail(`--${name} must be a number above 0, not ${text}`);
  return value;
}

function fail(message: string): never {
  console.error(message);
  process.exit(2);
}
