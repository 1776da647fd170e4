import { createHash } from "node:crypto";

export interface RefContent {
  readonly location: string | null;
  readonly resultKey: string;
  readonly scope: string;
  readonly ok: boolean;
  readonly created: string | null;
  readonly creator: string | null;
}

/** The token of a ProtocolDAGResultRef: md5 of the sorted members as Python writes them, without those that are null (§2.2). */
export function refToken(ref: RefContent): string {
  const members: [string, string | boolean | null][] = [
    ["__module__", "alchemiscale.storage.models"],
    ["__qualname__", "ProtocolDAGResultRef"],
    ["creator", ref.creator],
    ["datetime_created", ref.created],
    ["location", ref.location],
    ["obj_key", ref.resultKey],
    ["ok", ref.ok],
    ["scope", ref.scope],
  ];
  const written = members.filter(([, value]) => value !== null).map(([name, value]) => `${asciiJson(name)}: ${asciiJson(value)}`);
  return createHash("md5")
    .update(`{${written.join(", ")}}`)
    .digest("hex");
}

/** JSON with everything outside printable ASCII escaped, as Python writes it. */
function asciiJson(value: string | boolean | null): string {
  return JSON.stringify(value).replace(/[\u007f-\uffff]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`);
}
