import { StateStoreUnavailable } from "../../errors.ts";
import type { Instant } from "../../state-store.ts";
import type { Engine } from "../engine.ts";

export async function openPostgresEngine(_url: string, _options: { clock: () => Instant; connections: number }): Promise<Engine> {
  throw new StateStoreUnavailable("PostgreSQL is not supported yet");
}
