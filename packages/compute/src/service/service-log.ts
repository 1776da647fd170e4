import { appendFileSync } from "node:fs";
import { type Logger, pino } from "pino";
import type { LogLevel } from "../settings/field-readers.ts";

export type ServiceLog = Logger;

export interface ServiceLogOptions {
  readonly level: LogLevel;
  /** Appended to, beside stderr. */
  readonly logfile: string | null;
  /** Who is speaking; asked at each line, since a service that registers anew has another id. */
  readonly id: () => string;
  /** Where lines go but the file; default: stderr. */
  readonly write?: (line: string) => void;
}

const pinoLevels: Record<LogLevel, string> = {
  DEBUG: "debug",
  INFO: "info",
  WARNING: "warn",
  ERROR: "error",
  CRITICAL: "fatal",
};

const levelNames: Readonly<Record<number, LogLevel>> = { 20: "DEBUG", 30: "INFO", 40: "WARNING", 50: "ERROR", 60: "CRITICAL" };

/** Log of a service in upstream's format: `[YYYY-MM-DD HH:MM:SS,mmm] [<id>] [<LEVEL>] message`, UTC (compute-api §8.2). */
export function createServiceLog(options: ServiceLogOptions): ServiceLog {
  const { write = (line) => void process.stderr.write(line), logfile } = options;
  return pino(
    { level: pinoLevels[options.level], base: null },
    {
      write(json: string) {
        const line = formatted(json, options.id());
        write(line);
        if (logfile !== null) appendFileSync(logfile, line);
      },
    },
  );
}

function formatted(json: string, id: string): string {
  const { level, time, msg = "", err } = JSON.parse(json);
  const stamp = new Date(time).toISOString().replace("T", " ").replace(".", ",").replace("Z", "");
  const stack = err?.stack === undefined ? "" : `\n${err.stack}`;
  return `[${stamp}] [${id}] [${levelNames[level] ?? "DEBUG"}] ${msg}${stack}\n`;
}
