/** A strategist in a process of its own, until it is killed: `node strategist-process.ts URL`. */
import type { Scope } from "@alchemiscale/contract";
import { openStateStore } from "@alchemiscale/statestore";
import { Strategist } from "../../src/service/index.ts";

const [url = ""] = process.argv.slice(2);
const error = (data: object, message: string) => process.stderr.write(`${message} ${JSON.stringify(data)}\n`);
const info = (_data: object, message: string) => process.stdout.write(`${message}\n`);
new Strategist({
  stateStore: await openStateStore(url),
  logger: { debug() {}, info, warn: error, error },
  sleepInterval: 1,
  maxWorkers: 3,
  leaseSeconds: 1,
  scopes: ["*-*-*" as Scope],
}).start();
