import type { StateStore } from "../state-store.ts";
import type { Engine } from "./engine.ts";
import { type Mode, operationModes } from "./operation-modes.ts";

/** The state store on an engine: every method sends one operation to it. */
export function stateStoreOf(engine: Engine): StateStore {
  const domains: Record<string, Record<string, (...args: unknown[]) => Promise<unknown>>> = {};
  for (const [domain, methods] of Object.entries(operationModes)) {
    const calls: Record<string, (...args: unknown[]) => Promise<unknown>> = {};
    for (const [method, mode] of Object.entries<Mode>(methods)) {
      calls[method] = (...args) => engine.run({ domain, method, mode, args });
    }
    domains[domain] = calls;
  }
  // The table is checked against the contract where it is declared.
  const operations = domains as unknown as Omit<StateStore, "description" | "check" | "watch" | "rest" | "close">;
  return {
    ...operations,
    description: engine.description,
    store: {
      ...operations.store,
      async reset(liveSince) {
        await operations.store.reset(liveSince);
        await engine.shrink();
      },
    },
    check: async () => {
      await engine.run({ domain: "store", method: "check", mode: "write", args: [] });
    },
    watch: (listener) => engine.watch(listener),
    rest: () => engine.rest(),
    close: () => engine.close(),
  };
}
