import { gzipSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { Session, smallNetwork } from "./session.ts";

let session: Session;
beforeAll(async () => {
  session = await Session.open();
});
afterAll(() => session.server.stop());

interface Submission {
  network: [string, Record<string, unknown>][];
  scope: { org: string; campaign: string; project: string };
  state: string;
}

function submission(change: (body: Submission) => void = () => {}, project = "p"): Submission {
  const body = JSON.parse(smallNetwork().toString()) as Submission;
  body.scope = { org: "o", campaign: "c", project };
  change(body);
  return body;
}

async function submitted(body: Buffer | Submission, headers: Record<string, string> = {}) {
  const reply = await session.post("user", "/networks", body, headers);
  return { status: reply.status, reply: JSON.parse(reply.text) as Record<string, string> & { detail?: string } };
}

describe("a network", () => {
  test("large enough for a thread comes back with the same characters", async () => {
    const body = submission(({ network }) => {
      const root = network.at(-1)?.[1];
      if (root !== undefined) root.notes = { big: "PLACEHOLDER", pad: "é".repeat(800_000) };
    }, "large");
    const text = JSON.stringify(body).replace(
      '"PLACEHOLDER"',
      "[1.0, 1e5, 123456789012345678901234567890, NaN, -Infinity, 0.10]",
    );
    const { status, reply } = await submitted(gzipSync(text), { "content-encoding": "gzip" });
    expect(status).toBe(200);
    const key = `${reply.gufe_key}-o-c-large`;
    const back = await session.get("user", `/networks/${key}`, { "accept-encoding": "gzip" });
    expect(back.headers["content-encoding"]).toBe("gzip");
    expect(back.text).toContain("[1.0, 1e5, 123456789012345678901234567890, NaN, -Infinity, 0.10]");
    expect(back.text).toContain("é".repeat(800_000));
  });

  test("submitted again is the same network", async () => {
    const first = await submitted(submission(undefined, "again"));
    const second = await submitted(submission(undefined, "again"));
    expect(second).toEqual(first);
    expect(JSON.parse((await session.get("user", "/networks?org=o&campaign=c&project=again")).text)).toHaveLength(1);
  });

  test("without edges is accepted", async () => {
    const body = submission(({ network }) => {
      const root = network.at(-1)?.[1];
      if (root !== undefined) root.edges = [];
    }, "edgeless");
    expect((await submitted(body)).status).toBe(200);
  });

  test("of a protocol that nobody has installed is accepted", async () => {
    const renamed = JSON.stringify(submission(undefined, "unknown")).replaceAll("DummyProtocol", "NobodysProtocol");
    expect((await submitted(Buffer.from(renamed))).status).toBe(200);
  });

  test("may not change what is stored under a key", async () => {
    await submitted(submission(undefined, "changed"));
    const other = submission(({ network }) => {
      const system = network.find(([key]) => key.startsWith("ChemicalSystem-"));
      if (system !== undefined) system[1].name = "another name";
    }, "changed");
    const { status, reply } = await submitted(other);
    expect(status).toBe(409);
    expect(reply.detail).toMatch(/ChemicalSystem-[0-9a-f]{32}/);
  });

  test.each<[string, (body: Submission) => void]>([
    ["a state that is none", (body) => void Object.assign(body, { state: "sleeping" })],
    ["a scope with a wildcard", (body) => void Object.assign(body.scope, { project: "*" })],
    ["a root that is no network", (body) => void body.network.pop()],
    ["an empty chain", (body) => void body.network.splice(0)],
    ["a reference to what is not there", (body) => void body.network.shift()],
    ["a reference forward", (body) => void body.network.reverse()],
    [
      "a transformation from a system to itself",
      (body) => {
        const edge = body.network.find(([key]) => key.startsWith("Transformation-"));
        if (edge !== undefined) edge[1].stateB = edge[1].stateA;
      },
    ],
  ])("with %s is refused, and nothing is stored", async (_what, change) => {
    const { status } = await submitted(submission(change, "refused"));
    expect(status).toBe(422);
    expect(JSON.parse((await session.get("user", "/chemicalsystems?org=o&campaign=c&project=refused")).text)).toEqual([]);
  });

  test("in a list 100,000 deep is refused", async () => {
    const deep = `{"network": ${"[".repeat(100_000)}${"]".repeat(100_000)}, "scope": {"org": "o", "campaign": "c", "project": "p"}, "state": "active"}`;
    expect((await submitted(Buffer.from(deep))).status).toBe(422);
  });
});
