/** The Open Free Energy data model: lossless JSON, keys, keyed chains, results, views. Pure: runs in browsers too. */
export { joinKeyedChain, joinKeyedChainChunks } from "./chain/join-keyed-chain.ts";
export { type ChainEntry, isGufeKey, type KeyedChain, qualnameOfKey } from "./chain/keyed-chain.ts";
export { type NetworkIndex, networkIndex, type TransformationIndex, transformationIndex } from "./chain/network-index.ts";
export { sliceKeyedChain } from "./chain/slice-keyed-chain.ts";
export { ChainError, GufeError, JsonLimitError, JsonSyntaxError, ShapeError, ZstdError } from "./errors.ts";
export { isJsonArray, isJsonObject, type Json, JsonNumber, type JsonObject } from "./json/json.ts";
export { jsonToPlain, type Plain } from "./json/json-to-plain.ts";
export { parseJson } from "./json/parse-json.ts";
export { pythonString, pythonStringContent } from "./json/python-string.ts";
export { scanMembers } from "./json/scan-members.ts";
export { writeJson } from "./json/write-json.ts";
export { type Canonical, canonicalText } from "./keys/canonical-text.ts";
export { compareCodePoints } from "./keys/compare-code-points.ts";
export { compareTexts, type TextComparison } from "./keys/compare-texts.ts";
export { type KeyVerification, verifyKey } from "./keys/verify-key.ts";
export type { ResultSummary, UnitFailure, UnitSummary } from "./results/result-summary.ts";
export { summarizeResult } from "./results/summarize-result.ts";
