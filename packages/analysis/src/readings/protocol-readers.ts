import { absoluteBinding } from "../readers/absolute-binding.ts";
import { absoluteSolvation } from "../readers/absolute-solvation.ts";
import { harmonicSwitching } from "../readers/harmonic-switching.ts";
import { nonequilibriumCycling } from "../readers/nonequilibrium-cycling.ts";
import { plainMd } from "../readers/plain-md.ts";
import { relativeHybridTopology } from "../readers/relative-hybrid-topology.ts";
import { sepTop } from "../readers/sep-top.ts";
import type { ProtocolReader } from "./protocol-reader.ts";

/** All readers; to add a protocol, add its reader here. */
const readers: readonly ProtocolReader[] = [
  relativeHybridTopology,
  absoluteSolvation,
  absoluteBinding,
  sepTop,
  plainMd,
  nonequilibriumCycling,
  harmonicSwitching,
];

/** Readers by class name of the protocol. */
export const protocolReaders: ReadonlyMap<string, ProtocolReader> = new Map(
  readers.flatMap((reader) => reader.protocols.map((protocol) => [protocol, reader] as const)),
);
