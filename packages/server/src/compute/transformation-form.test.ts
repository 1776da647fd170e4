import type { ComputeServiceId } from "@alchemiscale/contract";
import type { ServiceGeneration } from "@alchemiscale/statestore";
import { describe, expect, test } from "vitest";
import { chooseTransformationForm } from "./transformation-form.ts";

const id = "svc-00000000000000000000000000000000" as ComputeServiceId;
const dashed = "svc-00000000-0000-0000-0000-000000000000" as ComputeServiceId;
const newer: ServiceGeneration = { service: id, sentManagerKey: true, sentScopesExclude: true };
const older: ServiceGeneration = { service: id, sentManagerKey: true, sentScopesExclude: false };
const oldest: ServiceGeneration = { service: id, sentManagerKey: false, sentScopesExclude: false };
const fah: ServiceGeneration = { service: dashed, sentManagerKey: true, sentScopesExclude: null };
const silent: ServiceGeneration = { service: id, sentManagerKey: true, sentScopesExclude: null };

describe("the form of a transformation", () => {
  test.each<[string, string[], ServiceGeneration | null, "chain" | "json", boolean?]>([
    ["a service of 0.8.0", ["gzip"], newer, "chain"],
    ["the same without a claim", ["gzip"], null, "chain"],
    ["a service of 0.7.2: an empty header", [""], older, "json"],
    ["the same without a claim", [""], null, "json"],
    ["the same behind a proxy that adds a line", ["", "gzip"], older, "json"],
    ["an empty line outweighs the registration", ["", "gzip"], newer, "json"],
    ["a header that was lost and put back, with an older service's claim", ["gzip"], older, "json", true],
    ["the same for 0.6", ["gzip"], oldest, "json", true],
    ["a rewritten header: the registration decides", ["gzip, br"], newer, "chain"],
    ["a rewritten header: the registration decides", ["gzip, br"], older, "json"],
    ["no header: the registration decides", [], newer, "chain"],
    ["no header: an id of the old form", [], fah, "json"],
    ["no header, a service that has not claimed yet", [], silent, "json"],
    ["generic tools", ["gzip, deflate"], null, "chain"],
    ["generic tools", ["gzip, deflate"], silent, "chain"],
    ["two lines, gzip first", ["gzip", "br"], null, "chain"],
    ["nothing known at all", [], null, "json"],
    ["no compression wanted", ["identity"], null, "json"],
  ])("%s (%j)", (_what, acceptEncoding, holder, form, overruled = false) => {
    expect(chooseTransformationForm({ setting: "auto", asked: undefined, acceptEncoding, holder })).toEqual({ form, overruled });
  });

  test("a query asks for one; the operator's setting outweighs all", () => {
    const evidence = { acceptEncoding: ["gzip"], holder: newer };
    expect(chooseTransformationForm({ ...evidence, setting: "auto", asked: "json" }).form).toBe("json");
    expect(chooseTransformationForm({ ...evidence, setting: "chain", asked: "json" }).form).toBe("chain");
    expect(chooseTransformationForm({ ...evidence, setting: "json", asked: undefined }).form).toBe("json");
    expect(chooseTransformationForm({ ...evidence, setting: "auto", asked: "nonsense" }).form).toBe("chain");
  });
});
