/** A process that runs the first unit of a Task, says which, and waits for its end. Arguments: the Transformation's file, a directory. */
import { readFileSync } from "node:fs";
import { createNativeExecutor } from "../src/index.ts";
import { executorTask } from "./executor-task.ts";

const [file = "", directory = ""] = process.argv.slice(2);
const never = new AbortController().signal;
const prepared = await createNativeExecutor().prepare(executorTask(readFileSync(file, "utf8"), directory, { retries: 0 }), never);
if (prepared.kind === "failure") throw new Error(prepared.exception);
const [first] = prepared.units;
await prepared.executeUnit(first?.key ?? "", { variables: {} }, never);
console.log(first?.key);
setInterval(() => {}, 1000);
