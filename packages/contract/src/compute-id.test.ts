import { describe, expect, test } from "vitest";
import { tableRows } from "../test/table.ts";
import { InvalidComputeId } from "./compute-id.ts";
import { computeManagerName, computeManagerUuid, parseComputeManagerId } from "./compute-manager-id.ts";
import { hasDashedUuid, isStrictComputeServiceId, parseComputeServiceId } from "./compute-service-id.ts";

interface Row {
  input: string;
  ok: boolean;
  name?: string;
  uuid?: string;
  message?: string;
}

/** Forms of older services and managers, which the Python 0.8.0 refuses and we take. */
const olderServices = new Set(["svc-c8417af2-9e60-4c01-a0a9-5cf80932610c", "my-svc-c8417af29e604c01a0a95cf80932610c"]);
const olderManagers = new Set(["svc-c8417af2-9e60-4c01-a0a9-5cf80932610c"]);

describe("ids of compute services", () => {
  test.each(tableRows<Row>("compute_service_id_parse"))("$input", (row) => {
    if (row.ok || olderServices.has(row.input)) {
      expect(parseComputeServiceId(row.input)).toBe(row.input);
      expect(isStrictComputeServiceId(parseComputeServiceId(row.input))).toBe(row.ok);
    } else {
      expect(() => parseComputeServiceId(row.input)).toThrow(new InvalidComputeId(row.message ?? "", row.input));
    }
  });

  test("a dashed UUID is told from a hyphen in the name", () => {
    expect(hasDashedUuid(parseComputeServiceId("svc-c8417af2-9e60-4c01-a0a9-5cf80932610c"))).toBe(true);
    expect(hasDashedUuid(parseComputeServiceId("my-own-svc-c8417af2-9e60-4c01-a0a9-5cf80932610c"))).toBe(true);
    expect(hasDashedUuid(parseComputeServiceId("my-svc-c8417af29e604c01a0a95cf80932610c"))).toBe(false);
  });
});

describe("ids of compute managers", () => {
  test("of 0.7.0 and 0.7.1 have a dashed UUID, and any name of letters and digits", () => {
    const uuid = "c8417af2-9e60-4c01-a0a9-5cf80932610c";
    for (const name of ["svc", "2nd", "größe", "my.svc"]) {
      const id = parseComputeManagerId(`${name}-${uuid}`);
      expect({ id, name: computeManagerName(id), uuid: computeManagerUuid(id) }).toEqual({ id: `${name}-${uuid}`, name, uuid });
    }
    for (const name of ["", "2.nd", "my-svc", "a b"])
      expect(() => parseComputeManagerId(`${name}-${uuid}`)).toThrow(InvalidComputeId);
  });

  test.each(tableRows<Row>("compute_manager_id_parse"))("$input", (row) => {
    if (row.ok || olderManagers.has(row.input)) {
      const id = parseComputeManagerId(row.input);
      expect(id).toBe(row.input);
      if (row.ok)
        expect({ name: computeManagerName(id), uuid: computeManagerUuid(id) }).toEqual({ name: row.name, uuid: row.uuid });
    } else {
      expect(() => parseComputeManagerId(row.input)).toThrow(new InvalidComputeId(row.message ?? "", row.input));
    }
  });
});
