import cluster from "node:cluster";
import { Writable } from "node:stream";
import { destination, type LogFn, type Logger, pino } from "pino";
import { environmentVariable } from "../environment.ts";
import { styleError } from "../terminal/style.ts";
import { UsageError } from "../usage-error.ts";

/** Upstream's words for levels, and pino's. */
const levels: Readonly<Record<string, string>> = {
  critical: "fatal",
  fatal: "fatal",
  error: "error",
  warning: "warn",
  warn: "warn",
  info: "info",
  debug: "debug",
  trace: "trace",
};

/**
 * The log of a server, on standard error: lines for people on a terminal, JSON for programs elsewhere.
 * @param level `--loglevel`, else the first of `variables` that is set, else `info`.
 * @throws {UsageError} for a level that there is not.
 */
export function serverLog(level: string | undefined, variables: readonly string[]): Logger {
  const asked = level ?? variables.map((name) => environmentVariable(name)).find((value) => value !== undefined) ?? "info";
  const known = levels[asked.toLowerCase()];
  if (known === undefined)
    throw new UsageError(`log level ${JSON.stringify(asked)} must be one of ${Object.keys(levels).join(", ")}`);
  return pino(
    { level: known, base: cluster.isWorker ? { worker: process.pid } : null, hooks: { logMethod: withoutListening } },
    process.stderr.isTTY ? readableLines() : destination(2),
  );
}

/** The addresses are announced once, by the command. */
function withoutListening(this: Logger, args: Parameters<LogFn>, method: LogFn): void {
  const [message] = args as unknown[];
  if (typeof message === "string" && message.startsWith("Server listening at")) return;
  method.apply(this, args);
}

const names: Readonly<Record<number, string>> = {
  10: "trace",
  20: "debug",
  30: "info",
  40: "warning",
  50: "error",
  60: "critical",
};

function readableLines(): Writable {
  return new Writable({
    write(chunk: Buffer, _encoding, done) {
      process.stderr.write(readableLine(chunk.toString()));
      done();
    },
  });
}

/** Time, level, message; then what belongs to it. */
function readableLine(json: string): string {
  const { level, time, msg, err, ...rest } = JSON.parse(json) as Record<string, unknown> & {
    err?: { stack?: string; message?: string };
  };
  const name = names[Number(level)] ?? String(level);
  const clock = new Date(Number(time)).toTimeString().slice(0, 8);
  const details = Object.entries(rest)
    .map(([key, value]) => `${key}=${typeof value === "string" ? value : JSON.stringify(value)}`)
    .join(" ");
  const trace = err === undefined ? "" : `\n${err.stack ?? err.message ?? JSON.stringify(err)}`;
  const colour = Number(level) >= 50 ? "red" : Number(level) >= 40 ? "yellow" : "dim";
  return `${styleError("dim", clock)} ${styleError(colour, name)} ${String(msg ?? "")} ${styleError("dim", details)}${trace}\n`;
}
