/** Keys of the right class, for routes that speak of one. */
import { qualnameOf, type ScopedKey } from "@alchemiscale/contract";
import { HttpError } from "../transport/http-error.ts";

/** @throws {HttpError} 422 */
export function requireNetwork(key: ScopedKey): void {
  require(key, "AlchemicalNetwork");
}

/** @throws {HttpError} 422 */
export function requireTransformation(key: ScopedKey): void {
  require(key, "Transformation", "NonTransformation");
}

/** @throws {HttpError} 422 */
export function requireTask(key: ScopedKey): void {
  require(key, "Task");
}

/** @throws {HttpError} 422 */
export function requireResult(key: ScopedKey): void {
  require(key, "ProtocolDAGResultRef");
}

function require(key: ScopedKey, name: string, otherName = name): void {
  const given = qualnameOf(key);
  if (given === name || given === otherName) return;
  const beginnings = [...new Set([name, otherName])].map((beginning) => `'${beginning}-'`).join(" or ");
  throw new HttpError(422, `'${key}' is not the key of a ${name}: it must begin with ${beginnings}`);
}
