/** Runs one command line and sets the exit code: 0, 1 for a failure, 2 for wrong use. */
import cluster from "node:cluster";
import { CommanderError } from "commander";
import { createProgram } from "./program.ts";
import { styleError } from "./terminal/style.ts";
import { UsageError } from "./usage-error.ts";

/** Never rejects. The process ends when nothing is left to do; only a command that serves keeps it alive. */
export async function main(argv: readonly string[]): Promise<void> {
  endQuietlyWithReader();
  try {
    await createProgram().parseAsync(argv, { from: "user" });
  } catch (error) {
    process.exitCode = report(error);
  }
  // The channel to its parent would keep a worker alive.
  if (cluster.isWorker) process.exit();
}

/** The exit code of an error, after telling people what they need to know of it. */
function report(error: unknown): number {
  // Commander has said already what is wrong.
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
  const fault = isFaultOfOurs(error);
  const message = error instanceof Error ? error.message : String(error);
  process.stderr.write(`${styleError("red", "error:")} ${message}\n`);
  if (fault || process.env.ALCHEMISCALE_DEBUG) {
    process.stderr.write(`${error instanceof Error ? error.stack : ""}\n`);
  }
  if (fault)
    process.stderr.write("This is a fault of alchemiscale itself, not of what you did; please report it with the lines above.\n");
  return error instanceof UsageError ? 2 : 1;
}

/** What the language throws when a program is wrong. Everything that we throw on purpose has its own class. */
function isFaultOfOurs(error: unknown): boolean {
  if (!(error instanceof Error)) return true;
  // fetch reports an address that cannot be reached as a TypeError with a cause.
  if (error instanceof TypeError) return error.cause === undefined;
  return error instanceof ReferenceError || error instanceof SyntaxError || (error instanceof RangeError && !("code" in error));
}

/** `alchemiscale … | head` ends without a complaint. */
function endQuietlyWithReader(): void {
  for (const stream of [process.stdout, process.stderr]) {
    stream.on("error", (error: NodeJS.ErrnoException) => {
      if (error.code === "EPIPE") process.exit(0);
      throw error;
    });
  }
}
