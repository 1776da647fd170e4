/** `admin identity …`: identities of a running server, over its API. */
import { randomBytes } from "node:crypto";
import type { IdentityType } from "@alchemiscale/contract";
import { note, print, printJson } from "../../terminal/print.ts";
import { printable } from "../../terminal/printable.ts";
import { table } from "../../terminal/table.ts";
import { UsageError } from "../../usage-error.ts";
import { scopeOption } from "../scope-option.ts";
import { type AdminOptions, adminClient, newKey, stateOf, tell } from "./admin-client.ts";

export interface NewKeyOptions {
  readonly newKey?: string;
  readonly generateKey?: boolean;
}

export async function adminIdentityList(options: AdminOptions & { readonly type?: IdentityType }): Promise<void> {
  const identities = await adminClient(options).listIdentities(options.type);
  if (options.json) return printJson(identities);
  const columns = [
    { title: "type" },
    { title: "identifier", shrinkTo: 12 },
    { title: "logins" },
    { title: "scopes", shrinkTo: 20 },
  ];
  const rows = identities.map((identity) => [
    identity.type,
    printable(identity.identifier),
    stateOf(identity),
    identity.scopes.join(" "),
  ]);
  print(table(columns, rows));
}

export async function adminIdentityAdd(
  type: IdentityType,
  identifier: string,
  options: AdminOptions & NewKeyOptions & { readonly scope?: readonly string[]; readonly expires?: string },
): Promise<void> {
  const scopes = (options.scope ?? []).map(scopeOption);
  const client = adminClient(options);
  const key = await keyFor(options);
  const added = await client.addIdentity({ type, identifier, key, scopes, expires: options.expires ?? null });
  tellKey(options, key);
  tell(added, options);
}

export async function adminIdentitySetKey(
  type: IdentityType,
  identifier: string,
  options: AdminOptions & NewKeyOptions,
): Promise<void> {
  const client = adminClient(options);
  const key = await keyFor(options);
  const changed = await client.setKey(type, identifier, key);
  tellKey(options, key);
  tell(changed, options);
}

export async function adminIdentityAddScope(
  type: IdentityType,
  identifier: string,
  scopes: readonly string[],
  options: AdminOptions,
): Promise<void> {
  tell(await adminClient(options).addScopes(type, identifier, scopes.map(scopeOption)), options);
}

export async function adminIdentityRemoveScope(
  type: IdentityType,
  identifier: string,
  scopes: readonly string[],
  options: AdminOptions,
): Promise<void> {
  tell(await adminClient(options).removeScopes(type, identifier, scopes.map(scopeOption)), options);
}

export async function adminIdentityDisable(type: IdentityType, identifier: string, options: AdminOptions): Promise<void> {
  tell(await adminClient(options).disable(type, identifier), options);
}

export async function adminIdentityEnable(type: IdentityType, identifier: string, options: AdminOptions): Promise<void> {
  tell(await adminClient(options).enable(type, identifier), options);
}

/** @param when an instant with its offset, or `never` */
export async function adminIdentityExpire(
  type: IdentityType,
  identifier: string,
  when: string,
  options: AdminOptions,
): Promise<void> {
  tell(await adminClient(options).expire(type, identifier, when === "never" ? null : when), options);
}

export async function adminIdentityRemove(type: IdentityType, identifier: string, options: AdminOptions): Promise<void> {
  const removed = await adminClient(options).remove(type, identifier);
  if (options.json) return printJson(removed);
  note(`Removed the ${type} identity ${printable(identifier)}. Its tokens hold until they expire.`);
}

export async function adminIdentityChanges(options: AdminOptions & { readonly limit: number }): Promise<void> {
  const changes = await adminClient(options).changes(options.limit);
  if (options.json) return printJson(changes);
  const columns = [
    { title: "when" },
    { title: "identity", shrinkTo: 12 },
    { title: "change", shrinkTo: 20 },
    { title: "by", shrinkTo: 8 },
  ];
  print(
    table(
      columns,
      changes.map(({ at, identity, change, by }) => [
        at,
        printable(identity),
        printable(change),
        by === null ? "a command at the store" : printable(by),
      ]),
    ),
  );
}

async function keyFor(options: NewKeyOptions): Promise<string> {
  if (options.generateKey === true && options.newKey === undefined) return randomBytes(24).toString("base64url");
  if (options.newKey === undefined || options.generateKey === true) {
    throw new UsageError("give either --new-key (`-` reads it from standard input) or --generate-key");
  }
  return await newKey(options.newKey);
}

/** A key that was made here is shown once, alone on standard error, so that the result stays what programs expect. */
function tellKey(options: NewKeyOptions, key: string): void {
  if (options.generateKey === true) note(`key: ${key}`);
}
