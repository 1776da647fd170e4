/** The executor itself cannot work, whatever the Task: no interpreter, no gufe. Tasks must not be blamed for it. */
export class ExecutorUnavailable extends Error {
  override readonly name = "ExecutorUnavailable";
}
