/** What gufe's AlchemicalArchive says of what is in it. (gufe.archival) */
import { ChainError } from "../errors.ts";
import { isJsonArray } from "../json/json.ts";
import {
  arrayField,
  type Dict,
  fieldError,
  objectField,
  optionalTextField,
  referenceField,
  referenceKey,
} from "../views/fields.ts";

/** The class of an archive. */
export const archiveQualname = "AlchemicalArchive";

export interface ArchiveContents {
  /** Key of the AlchemicalNetwork. */
  readonly network: string;
  /** Keys of ProtocolDAGResults, each once, by the key of their Transformation. */
  readonly results: ReadonlyMap<string, readonly string[]>;
  /** The release of gufe that the archive says it was made by. */
  readonly gufeVersion: string | null;
}

/** @throws {ShapeError} {@link ChainError} where a Transformation is listed twice, which gufe refuses, too. */
export function archiveContents(dict: Dict): ArchiveContents {
  const field = "transformation_results";
  const results = new Map<string, string[]>();
  for (const [i, pair] of arrayField(dict, field).entries()) {
    const [transformation, list] = isJsonArray(pair) && pair.length === 2 ? pair : [];
    const key = referenceKey(transformation);
    const keys = isJsonArray(list) ? list.map(referenceKey) : [undefined];
    if (key === undefined || keys.includes(undefined))
      throw fieldError(dict, `${field}[${i}]`, "a reference to a Transformation and a list of references to its results");
    if (results.has(key)) throw new ChainError("repeated-key", `${dict.key}.${field}[${i}]`, `${key} is listed twice`);
    results.set(key, [...new Set(keys as string[])]);
  }
  objectField(dict, "metadata", new Map());
  return { network: referenceField(dict, "network"), results, gufeVersion: optionalTextField(dict, "version_gufe") };
}
