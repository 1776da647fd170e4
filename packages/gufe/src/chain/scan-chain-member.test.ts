import { describe, expect, test } from "vitest";
import { GufeError } from "../errors.ts";
import { scanMembers } from "../json/scan-members.ts";
import { scanChainMember } from "./scan-chain-member.ts";
import { sliceKeyedChain } from "./slice-keyed-chain.ts";

const key = (digit: string) => `Holder-${digit.repeat(32)}`;
const pair = (digit: string, content: string) =>
  `["${key(digit)}", {${content}, "__qualname__": "Holder", "__module__": "m", ":version:": 1}]`;
const chain = `[${pair("1", '"value": NaN')}, ${pair("2", `"value": {":gufe-key:": "${key("1")}"}`)}]`;

describe("a keyed chain among the members of an object", () => {
  test.each([
    `{"network": ${chain}, "scope": {"org": "o"}, "state": "active"}`,
    ` { "state" : "active" , "network" :\n${chain} , "scope":{"org":"o"}} `,
    `{"network": ${chain}, "state": "a", "network": [${pair("3", '"value": 1.0')}], "state": "b"}`,
    '{"state": "active"}',
    "{}",
  ])("is the same as read in two steps: %#", (text) => {
    const { members, chain: sliced } = scanChainMember(text, "network");
    const { network, ...others } = Object.fromEntries(scanMembers(text));
    expect(Object.fromEntries(members)).toEqual(others);
    expect(sliced).toEqual(network === undefined ? undefined : sliceKeyedChain(network));
  });

  test.each([
    "",
    "[]",
    `{"network": ${chain}`,
    `{"network": ${chain}} x`,
    `{"network": {}, "state": 1}`,
    `{"network": [], "state": 1}`,
    `{"network": [${pair("2", `"value": {":gufe-key:": "${key("1")}"}`)}]}`,
    `{"network": ${chain}, "state": }`,
  ])("is refused as in two steps: %#", (text) => {
    expect(() => scanChainMember(text, "network")).toThrow(GufeError);
    expect(() => sliceKeyedChain(scanMembers(text).get("network") ?? "")).toThrow(GufeError);
  });
});
