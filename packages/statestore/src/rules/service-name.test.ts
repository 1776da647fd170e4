import { expect, test } from "vitest";
import { serviceName } from "./service-name.ts";

test.each([
  ["gpu.node_7-c8417af29e604c01a0a95cf80932610c", "gpu.node_7"],
  ["my-own-svc-c8417af2-9e60-4c01-a0a9-5cf80932610c", "my-own-svc"],
  ["svc-{C8417AF29E604C01A0A95CF80932610C}", "svc"],
  ["svc-urn:uuid:c8417af2-9e60-4c01-a0a9-5cf80932610c", "svc"],
  ["None", "None"],
])("of %s is %s", (service, name) => expect(serviceName(service)).toBe(name));
