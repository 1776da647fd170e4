/** Restart patterns that cannot be: told at once, and nothing is stored. */
import { afterAll, beforeAll, expect, test } from "vitest";
import { Session } from "./session.ts";

let session: Session;
let network: string;
beforeAll(async () => {
  session = await Session.open();
  await session.task();
  [network = ""] = JSON.parse((await session.get("user", "/networks")).text) as string[];
});
afterAll(() => session.server.stop());

test.each(["(", "a**", "\\q", "(?P=nobody)", "\0", "(a)?(?(2)b|c)"])(
  "the pattern %j is refused with its reason",
  async (pattern) => {
    const added = await session.post("user", `/networks/${network}/restartpatterns/add`, {
      patterns: ["fine", pattern],
      num_allowed_restarts: 2,
    });
    expect(added.status).toBe(422);
    expect(JSON.parse(added.text)).toEqual({ detail: expect.stringContaining("is no valid pattern") });
    const stored = await session.post("user", "/bulk/networks/restartpatterns/get", { networks: [network] });
    expect(JSON.parse(stored.text)).toEqual({ [network]: [] });
  },
);

test("a limit that is no number of times is refused", async () => {
  for (const limit of [0, -1, 2.5, "x", 2 ** 60]) {
    const body = { patterns: ["fine"], num_allowed_restarts: limit };
    expect((await session.post("user", `/networks/${network}/restartpatterns/add`, body)).status).toBe(422);
  }
});
