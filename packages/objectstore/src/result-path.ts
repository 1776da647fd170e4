import { isObjectPath } from "./object-path.ts";
import { InvalidObjectPath } from "./object-store-error.ts";

/** What decides where a result lies. */
export interface ResultLocation {
  readonly org: string;
  readonly campaign: string;
  readonly project: string;
  /** gufe key of the performed node with its class: `Transformation-…` or `NonTransformation-…`. */
  readonly transformationKey: string;
  /** Whether the ProtocolDAGResult succeeded. */
  readonly ok: boolean;
  /** `ProtocolDAGResult-` and 32 hex digits. */
  readonly resultKey: string;
}

const scopePartPattern = /^[A-Za-z][A-Za-z0-9_]*$/;
const transformationKeyPattern = /^[A-Za-z0-9_]+-[A-Za-z0-9_]+$/;
const resultKeyPattern = /^[A-Za-z0-9_]+-[0-9a-f]{32}$/;

/**
 * The path of a result below the store's prefix, as the Python server lays its bucket out:
 * `protocoldagresult/<org>/<campaign>/<project>/<transformation key>/<results|failures>/<result key>/obj.json.zst`.
 * This is also what a result reference keeps as its `location`. Throws `InvalidObjectPath` when a part is not what it must be.
 */
export const resultPath = (at: ResultLocation): string => {
  const part = (name: string, value: string, pattern: RegExp): string => {
    if (value.length > 200) throw new InvalidObjectPath(value, `the ${name} is longer than 200 characters`);
    if (!pattern.test(value)) throw new InvalidObjectPath(value, `the ${name} must match ${pattern.source}`);
    return value;
  };
  return [
    "protocoldagresult",
    part("organization", at.org, scopePartPattern),
    part("campaign", at.campaign, scopePartPattern),
    part("project", at.project, scopePartPattern),
    part("transformation key", at.transformationKey, transformationKeyPattern),
    at.ok ? "results" : "failures",
    part("result key", at.resultKey, resultKeyPattern),
    "obj.json.zst",
  ].join("/");
};

/**
 * The paths under which a result may be found, in the order to try them: the stored `location` of its reference, where there is one that is a valid path,
 * then the computed path. Early versions of the Python server computed other paths, which only `location` tells. Throws `InvalidObjectPath` as `resultPath` does.
 */
export const resultPathsToTry = (at: ResultLocation, location: string | null): readonly string[] => {
  const computed = resultPath(at);
  return location === null || location === computed || !isObjectPath(location) ? [computed] : [location, computed];
};
