import type { ScopedKey } from "@alchemiscale/contract";
import { expect, it } from "vitest";
import { patternToken } from "./pattern-token.ts";

it("the token of a restart pattern is that of the Python server", () => {
  const network = "AlchemicalNetwork-0123456789abcdef0123456789abcdef-org-camp-proj" as ScopedKey;
  expect(patternToken("err.*", network)).toBe("c5c516894a1544f27aaa472185f10b81");
});
