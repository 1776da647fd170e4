import { readFile } from "node:fs/promises";
import { decompressZstd } from "@alchemiscale/gufe/zstd";
import type { Figure } from "../figures.ts";
import { latencySummary } from "../load/latency-summary.ts";
import { syntheticNetwork } from "../networks/synthetic-network.ts";
import { startComparisonServer } from "../servers/comparison-server.ts";
import { freshScope, type MeasuredSystem } from "../servers/measured-system.ts";
import type { Measurement, Surroundings } from "./measurement.ts";

/** Submitting networks and reading them back, beside sending the same bytes to a server that only parses them. */
export const submission: Measurement = {
  name: "submit",
  run: async (surroundings) => {
    const { quick, startSystem } = surroundings;
    const system = await startSystem();
    const parser = await startComparisonServer("parse-only-server");
    const [parserUrl = ""] = parser.urls;
    try {
      const figures = await compare(surroundings, system, parserUrl, await goldenNetwork(), quick ? 3 : 30);
      if (!quick) {
        const large = syntheticNetwork({ systems: 4000, transformations: 8000 });
        figures.push(
          ...(await compare(
            surroundings,
            system,
            parserUrl,
            { label: "4,000 systems, 8,000 Transformations", text: large.text },
            3,
          )),
        );
      }
      return {
        name: "submit",
        title: "Submitting a network and reading it back",
        method:
          "POST /networks into a fresh scope each time and GET /networks/…, p50 after some that are not counted, not compressed, one connection; turn about with the same bytes sent to a Fastify route that runs JSON.parse",
        figures,
      };
    } finally {
      await parser.stop();
      await system.close();
    }
  },
};

interface NetworkText {
  readonly label: string;
  readonly text: string;
}

async function goldenNetwork(): Promise<NetworkText> {
  const file = await readFile(new URL("../fixtures/network-200-400.keyedchain.json.zst", import.meta.url));
  const text = new TextDecoder().decode(decompressZstd(file, { maxBytes: 64 * 2 ** 20 }));
  return { label: "200 systems, 400 Transformations", text };
}

async function compare(
  { load, say }: Surroundings,
  system: MeasuredSystem,
  parserUrl: string,
  network: NetworkText,
  rounds: number,
): Promise<Figure[]> {
  say(`submit: ${network.label}, ${rounds} times`);
  const bytes = Buffer.byteLength(network.text);
  const times = { parse: [] as number[], submit: [] as number[], read: [] as number[] };
  const once = async (
    name: keyof typeof times,
    origin: string,
    headers: Record<string, string>,
    request: { method: "GET" | "POST"; path: string; body?: string },
  ) => {
    const { milliseconds, replies } = await load.run({
      origin,
      headers,
      lanes: [{ requests: [request], times: 1 }],
      keepReplies: true,
    });
    times[name].push(...milliseconds);
    return replies[0] ?? "";
  };
  for (let i = 0; i < rounds; i += 1) {
    await once(
      "parse",
      parserUrl,
      { "content-type": "application/json" },
      { method: "POST", path: "/parse", body: network.text },
    );
    const [org, campaign, project] = freshScope().split("-");
    const body = `{"network": ${network.text}, "scope": ${JSON.stringify({ org, campaign, project })}, "state": "active"}`;
    const reply = await once("submit", system.server.userUrl, system.headers.user, { method: "POST", path: "/networks", body });
    const { gufe_key } = JSON.parse(reply) as { gufe_key: string };
    const path = `/networks/${gufe_key}-${org}-${campaign}-${project}`;
    const back = await once(
      "read",
      system.server.userUrl,
      { ...system.headers.user, "accept-encoding": "" },
      { method: "GET", path },
    );
    if (JSON.parse(back).length !== JSON.parse(network.text).length) throw new Error("the network came back with other entries");
  }
  const [parse, submit, read] = [times.parse, times.submit, times.read].map((samples) => latencySummary(samples).p50) as [
    number,
    number,
    number,
  ];
  return [
    { label: network.label, value: bytes / 2 ** 20, unit: "MiB" },
    { label: "  parsing only", value: parse, unit: "ms" },
    { label: "  submitting", value: submit, unit: "ms" },
    { label: "  reading back", value: read, unit: "ms" },
    { label: "  submitting ÷ parsing", value: submit / parse, unit: "×", target: { atMost: 5 } },
    { label: "  reading back ÷ parsing", value: read / parse, unit: "×", target: { atMost: 5 } },
  ];
}
