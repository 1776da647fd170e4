/** The Open Free Energy data model: lossless JSON, keys, keyed chains, results, views. Pure: runs in browsers too. */
export type { ArchiveContents } from "./archive/archive-contents.ts";
export { type ArchivedObject, type ArchivedRepeat, ArchiveIndex, ArchiveScanner } from "./archive/archive-scanner.ts";
export { ArchiveWriter } from "./archive/archive-writer.ts";
export { ChainScanner, type ChainScannerOptions, type ScannedEntry } from "./chain/chain-scanner.ts";
export { joinKeyedChain, joinKeyedChainChunks, joinPackedChunks } from "./chain/join-keyed-chain.ts";
export { type ChainEntry, isGufeKey, type KeyedChain, qualnameOfKey } from "./chain/keyed-chain.ts";
export { keyedChainFromDeep, keyedChainFromText } from "./chain/keyed-chain-from-deep.ts";
export { jsonStringChunks, nestChain } from "./chain/nest-chain.ts";
export { type NetworkIndex, networkIndex, type TransformationIndex, transformationIndex } from "./chain/network-index.ts";
export { type PackedNetwork, packNetworkMember } from "./chain/pack-network-member.ts";
export {
  blocksOf,
  isPacked,
  type PackedEntries,
  type PackedObjects,
  packEntries,
  packedBytes,
  packedReferences,
  packedText,
  packObjects,
  unpackObjects,
} from "./chain/packed-objects.ts";
export { sliceKeyedChain } from "./chain/slice-keyed-chain.ts";
export { decodeBytes, encodeBytes, isEncodedBytes, type Zstd } from "./codecs/bytes.ts";
export {
  type DecodedValue,
  decodeSettings,
  decodeValue,
  encodeDatetime,
  encodePath,
  encodeSettings,
  encodeUuid,
  type SettingsValue,
} from "./codecs/decode-value.ts";
export { bytesToLatin1, latin1ToBytes } from "./codecs/latin-1.ts";
export { decodeNdArray, decodeNumpyScalar, encodeNdArray, encodeNumpyScalar, NdArray, NumpyScalar } from "./codecs/ndarray.ts";
export { readNpy } from "./codecs/npy.ts";
export type { NumpyValue } from "./codecs/numpy-values.ts";
export {
  decodeQuantity,
  decodeUnit,
  encodeQuantity,
  encodeUnit,
  magnitudeOf,
  type Quantity,
  quantityFromOlderForm,
} from "./codecs/quantity.ts";
export { ChainError, GufeError, GzipError, JsonLimitError, JsonSyntaxError, ShapeError, ZstdError } from "./errors.ts";
export { isJsonArray, isJsonObject, type Json, JsonNumber, type JsonObject } from "./json/json.ts";
export { jsonToPlain, type Plain } from "./json/json-to-plain.ts";
export { parseJson } from "./json/parse-json.ts";
export { pythonString, pythonStringContent } from "./json/python-string.ts";
export { scanElements } from "./json/scan-elements.ts";
export { scanMembers } from "./json/scan-members.ts";
export { writeJson } from "./json/write-json.ts";
export { type Canonical, canonicalText } from "./keys/canonical-text.ts";
export { compareCodePoints } from "./keys/compare-code-points.ts";
export { compareTexts, type TextComparison } from "./keys/compare-texts.ts";
export { type KeyVerification, verifyKey } from "./keys/verify-key.ts";
export { executionOrder } from "./results/execution-order.ts";
export { ResultScanner, type ResultScannerOptions } from "./results/result-scanner.ts";
export type { ResultSummary, UnitFailure, UnitSummary } from "./results/result-summary.ts";
export { summarizeResult } from "./results/summarize-result.ts";
export { type ByteVisitor, type Interest, JsonByteScanner } from "./stream/json-byte-scanner.ts";
export { MemberExtractor, type MemberExtractorOptions } from "./stream/member-extractor.ts";
export { ChainViews, viewOf } from "./views/chain-views.ts";
export {
  ChemicalSystemView,
  type MoleculeAtom,
  type MoleculeBond,
  type Positions,
  type ProteinAtom,
  type ProteinBond,
  ProteinComponentView,
  SmallMoleculeComponentView,
  SolventComponentView,
} from "./views/component-views.ts";
export { LigandAtomMappingView, LigandNetworkView } from "./views/mapping-views.ts";
export {
  AlchemicalArchiveView,
  AlchemicalNetworkView,
  NonTransformationView,
  TransformationBaseView,
  TransformationView,
} from "./views/network-views.ts";
export {
  ProtocolDAGResultView,
  ProtocolDAGView,
  ProtocolResultView,
  ProtocolUnitFailureView,
  ProtocolUnitResultView,
  ProtocolUnitView,
  ProtocolView,
} from "./views/protocol-views.ts";
export { SettingsView } from "./views/settings-view.ts";
export { OpaqueView, View } from "./views/view.ts";
