import type { Binding } from "@alchemiscale/server";
import { environmentNumber, environmentVariable } from "../environment.ts";

/** Where an API alone listens: options, else `<prefix>_HOST` and `<prefix>_PORT`, else 127.0.0.1:80 (user-api §9). */
export function apiBinding(prefix: string, options: { readonly host?: string; readonly port?: number }): Binding {
  return {
    host: options.host ?? environmentVariable(`${prefix}_HOST`) ?? "127.0.0.1",
    port: options.port ?? environmentNumber(`${prefix}_PORT`, 80, { least: 0, most: 65_535 }),
  };
}
