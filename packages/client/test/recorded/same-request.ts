/** Whether two requests say the same. */

import type { Step } from "../../../../scripts/recorded-scenarios/scenario.ts";
import { bodyText } from "./filled-scenario.ts";
import type { SeenRequest } from "./recorded-server.ts";

/** Null, or where they differ. */
export function sameRequest(seen: SeenRequest, { request }: Step): string | null {
  const pairs: readonly (readonly [string, unknown, unknown])[] = [
    ["method", seen.method, request.method],
    ["path", decodeURIComponent(seen.path), decodeURIComponent(request.path)],
    ["query", query(seen.query), query(request.query ?? "")],
    ["body", body(seen.path, seen.body), body(request.path, bodyText(request))],
    ["token", seen.authorization !== undefined, request.as !== undefined],
    ["content-type", seen.contentType, "application/json"],
  ];
  for (const [name, sent, recorded] of pairs) {
    const [a, b] = [sent, recorded].map((value) => JSON.stringify(value) ?? "none");
    if (a !== b) return `${name}: ${a?.slice(0, 300)} for ${b?.slice(0, 300)}`;
  }
  return null;
}

/** A wildcard is the same as nothing, what is the default need not be said, and Python servers pass over `form`. Python writes its booleans large. */
function query(text: string): unknown {
  return [...new URLSearchParams(text)]
    .map(([name, value]) => `${name}=${name === "return_gufe" ? value.toLowerCase() : value}`)
    .filter((pair) => !/^(org|campaign|project)=\*$|^return_as=list$|^return_gufe=false$|^form=chain$/.test(pair))
    .sort();
}

/** Members in any order; null and what a manager says by default are the same as nothing. No body is the same as an empty object. */
function body(path: string, text: string | undefined): unknown {
  if (text === undefined || text === "") return {};
  const defaults = path.startsWith("/computemanager/") ? { scopes: [], protocols: [], steal: false } : {};
  try {
    const value: unknown = told(
      JSON.parse(text.replaceAll(/:\s*(\d{16,})/g, ': "$1"').replaceAll(/\b-?(?:NaN|Infinity)\b(?=\s*[,}\]])/g, '"$&"')),
    );
    if (typeof value !== "object" || value === null || Array.isArray(value)) return value;
    const isDefault = ([name, member]: [string, unknown]) =>
      name in defaults && JSON.stringify(member) === JSON.stringify(Reflect.get(defaults, name));
    return Object.fromEntries(Object.entries(value).filter((entry) => !isDefault(entry)));
  } catch {
    return text;
  }
}

function told(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(told);
  if (typeof value !== "object" || value === null) return value;
  const entries = Object.entries(value).filter(([, member]) => member !== null);
  return Object.fromEntries(entries.sort(([a], [b]) => (a < b ? -1 : 1)).map(([name, member]) => [name, told(member)]));
}
