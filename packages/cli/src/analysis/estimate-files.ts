import {
  estimateTransformation,
  type ReadableProtocol,
  readResult,
  type StoredReading,
  type TransformationEstimate,
} from "@alchemiscale/analysis";
import {
  ChainViews,
  decodeSettings,
  GufeError,
  isJsonArray,
  isJsonObject,
  type Json,
  joinKeyedChain,
  type KeyedChain,
  ProtocolView,
  parseJson,
  SettingsView,
  scanMembers,
  TransformationBaseView,
} from "@alchemiscale/gufe";
import { nodeZstd } from "@alchemiscale/gufe/zstd";
import { locateChain } from "../check/locate-chain.ts";
import { fileChunks, pieces, readDocument } from "../check/read-document.ts";
import { warn } from "../terminal/print.ts";
import { CommandFailure, UsageError } from "../usage-error.ts";

/**
 * The estimate of one Transformation from files of its results: ProtocolDAGResults in any form that people have, or the files that
 * `openfe quickrun` writes.
 * @param transformation file of the Transformation; without it the protocol is that which the results hold, else the one whose units have such
 * classes
 */
export async function estimateOfFiles(
  files: readonly string[],
  transformation: string | undefined,
): Promise<TransformationEstimate> {
  const given = transformation === undefined ? undefined : await transformationIn(transformation);
  const readings: StoredReading[] = [];
  const protocols = new Map<string, string>();
  const transformations = new Map<string, string>();
  let protocol = given?.protocol;
  for (const file of files) {
    const { text, protocol: found, transformation: own } = await resultIn(file);
    if (own !== null) transformations.set(own, file);
    protocol = given?.protocol ?? found ?? { qualname: protocolByUnits(text, file), settings: null };
    protocols.set(protocol.qualname, file);
    readings.push(readResult(protocol, text, { zstd: nodeZstd() }));
  }
  if (protocol === undefined) throw new UsageError("no result is given");
  const several = protocols.size > 1 ? protocols : transformations;
  if (several.size > 1 && (several === protocols || given === undefined)) {
    const described = [...several].map(([name, file]) => `${file} is of ${name}`).join(", ");
    throw new UsageError(`results of one Transformation are wanted, but ${described}`);
  }
  // Another release of gufe may give one Transformation another key.
  for (const [own, file] of given === undefined ? [] : transformations)
    if (own !== given?.key) warn(`${file} says that it is of ${own}, not of ${given?.key}`);
  return estimateTransformation(protocol, readings);
}

async function transformationIn(file: string): Promise<{ readonly key: string; readonly protocol: ReadableProtocol }> {
  const chain = await chainIn(file);
  const root = new ChainViews(chain, nodeZstd()).get(chain.root.key);
  if (!(root instanceof TransformationBaseView))
    throw new UsageError(`--transformation ${file} holds a ${chain.root.qualname}, not a Transformation`);
  const { qualname, settings } = root.protocol;
  return { key: chain.root.key, protocol: { qualname, settings } };
}

/** A result as the text of its keyed chain, and its protocol where the file has it. */
interface FoundResult {
  readonly text: string;
  readonly protocol: ReadableProtocol | undefined;
  /** Key of the Transformation; null where the file does not tell. */
  readonly transformation: string | null;
}

async function resultIn(file: string): Promise<FoundResult> {
  const text = await readDocument(file);
  const written = text.trimStart().startsWith("{") ? quickrunResult(text) : undefined;
  if (written !== undefined) return written;
  const chain = await chainIn(file, text);
  const { entries, root } = chain;
  if (root.qualname === "ProtocolDAGResult") {
    const key: unknown = JSON.parse(scanMembers(root.text).get("transformation_key") ?? "null");
    const transformation = typeof key === "string" ? key : null;
    return { text: joinKeyedChain(entries), protocol: protocolAmong(chain), transformation };
  }
  if (!/.ProtocolResult$/.test(root.qualname))
    throw new UsageError(`${file} holds a ${root.qualname}; a ProtocolDAGResult is wanted, or what a protocol gathered`);
  const units = entries.filter(({ qualname }) => /^ProtocolUnit(Result|Failure)$/.test(qualname));
  const protocol = protocolAmong(chain) ?? { qualname: root.qualname.slice(0, -"Result".length), settings: null };
  return { text: chainOfUnits(units.map((unit) => unit.text)), protocol, transformation: null };
}

/** The Protocol that units had as an input. */
function protocolAmong(chain: KeyedChain): ReadableProtocol | undefined {
  const views = new ChainViews(chain, nodeZstd());
  return chain.entries
    .filter(({ qualname }) => qualname.endsWith("Protocol"))
    .map(({ key }) => views.get(key))
    .find((view) => view instanceof ProtocolView);
}

/** The units in a file of `openfe quickrun`. */
function quickrunResult(text: string): FoundResult | undefined {
  const members = scanMembers(text);
  const [result, units] = [members.get("protocol_result"), members.get("unit_results")];
  if (result === undefined || units === undefined || !units.startsWith("{")) return undefined;
  const name: unknown = JSON.parse(scanMembers(result).get("__qualname__") ?? "null");
  if (typeof name !== "string" || !name.endsWith("Result")) return undefined;
  const settings = decodeSettings(settingsWithin(parseJson(result)));
  const qualname = name.slice(0, -"Result".length);
  return {
    text: chainOfUnits([...scanMembers(units).values()]),
    protocol: { qualname, settings: settings === undefined ? null : new SettingsView(settings, nodeZstd()) },
    transformation: null,
  };
}

/** The settings of the protocol that is nested in a unit's inputs, where it is. */
function settingsWithin(json: Json | undefined): Json | undefined {
  if (isJsonArray(json)) return firstOf(json, settingsWithin);
  if (!isJsonObject(json)) return undefined;
  const inputs = json.get("inputs");
  const protocol = isJsonObject(inputs) ? inputs.get("protocol") : undefined;
  if (inputs === undefined) return firstOf(json.values(), settingsWithin);
  return isJsonObject(protocol) ? protocol.get("settings") : undefined;
}

function firstOf(values: Iterable<Json>, find: (json: Json) => Json | undefined): Json | undefined {
  for (const value of values) {
    const found = find(value);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** Attempts at units as one ProtocolDAGResult. What went into them is left out: it refers to objects that such files lack. */
function chainOfUnits(units: readonly string[]): string {
  const entries = units.map((text) => {
    const members = [...scanMembers(text)].map(([name, value]) => `${JSON.stringify(name)}: ${name === "inputs" ? "{}" : value}`);
    return { key: scanMembers(text).get("_key") ?? "null", text: `{${members.join(", ")}}` };
  });
  const references = entries.map(({ key }) => `{":gufe-key:": ${key}}`).join(", ");
  const root = `{"name": null, "protocol_units": [], "protocol_unit_results": [${references}], "transformation_key": null, "extends_key": null, "__qualname__": "ProtocolDAGResult", "__module__": "gufe.protocols.protocoldag", ":version:": 1}`;
  // Every file is another result: what it has of its own are its units.
  const own = /[0-9a-f]{32}/.exec(entries[0]?.key ?? "")?.[0];
  const key = `ProtocolDAGResult-${own ?? "0".repeat(32)}`;
  return `[${[...entries.map((entry) => `[${entry.key}, ${entry.text}]`), `["${key}", ${root}]`].join(", ")}]`;
}

async function chainIn(file: string, text?: string): Promise<KeyedChain> {
  try {
    const bytes = text === undefined ? fileChunks(file) : pieces(Buffer.from(text));
    const { chain } = await locateChain(bytes, file);
    if ("entries" in chain) return chain;
  } catch (error) {
    if (error instanceof GufeError) throw new CommandFailure(`${file} cannot be read as a gufe object: ${error.message}`);
    throw error;
  }
  throw new CommandFailure(`${file} is too large for this command`);
}

/** Protocols by how the classes of their units begin. */
const unitClasses: readonly (readonly [RegExp, string])[] = [
  [/^(HybridTopology|RelativeHybridTopology)/, "RelativeHybridTopologyProtocol"],
  [/^(AHFE|AbsoluteSolvation)/, "AbsoluteSolvationProtocol"],
  [/^(ABFE|AbsoluteBinding)/, "AbsoluteBindingProtocol"],
  [/^SepTop/, "SepTopProtocol"],
  [/^PlainMD/, "PlainMDProtocol"],
  [/^Harmonic/, "HarmonicSwitchingProtocol"],
];

function protocolByUnits(text: string, file: string): string {
  const classes = new Set([...text.matchAll(/"source_key":\s*"([^"-]+)-/g)].map(([, name]) => name as string));
  const names = new Set(
    unitClasses.filter(([pattern]) => [...classes].some((name) => pattern.test(name))).map(([, name]) => name),
  );
  const [name, ...others] = names;
  if (name !== undefined && others.length === 0) return name;
  throw new UsageError(
    `${file} does not say what protocol it is of (its units: ${[...classes].join(", ") || "none"}); give the Transformation with --transformation FILE`,
  );
}
