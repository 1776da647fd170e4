import type { Figure } from "../figures.ts";
import type { MeasuredSystem } from "../servers/measured-system.ts";
import { residentBytes } from "../servers/process-tree.ts";

/** What the server holds now; nothing where that cannot be told. */
export function memoryFigure({ server }: MeasuredSystem, when: string): Figure[] {
  const bytes = residentBytes(server.pid);
  return bytes === undefined ? [] : [{ label: `resident, server, ${when}`, value: bytes / 2 ** 20, unit: "MiB" }];
}
