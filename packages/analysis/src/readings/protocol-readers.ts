import type { ProtocolReader } from "./protocol-reader.ts";

/** All readers; to add a protocol, add its reader here. */
const readers: readonly ProtocolReader[] = [];

/** Readers by class name of the protocol. */
export const protocolReaders: ReadonlyMap<string, ProtocolReader> = new Map(
  readers.flatMap((reader) => reader.protocols.map((protocol) => [protocol, reader] as const)),
);
