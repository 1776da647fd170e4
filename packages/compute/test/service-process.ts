/** A process with a service, as the command runs it: settings (JSON) and hard limit as arguments, lines of the log on stderr. */
import {
  createNativeExecutor,
  parseSynchronousServiceSettings,
  runUntilSignal,
  SynchronousComputeService,
} from "../src/index.ts";

const [settings = "", hardLimit = "30"] = process.argv.slice(2);
const service = new SynchronousComputeService(parseSynchronousServiceSettings(settings).settings, createNativeExecutor());
process.exitCode = await runUntilSignal(service, Number(hardLimit));
