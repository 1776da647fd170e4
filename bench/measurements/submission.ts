import { readFile } from "node:fs/promises";
import type { Scope } from "@alchemiscale/contract";
import { sliceKeyedChain } from "@alchemiscale/gufe";
import { decompressZstd } from "@alchemiscale/gufe/zstd";
import type { Figure } from "../figures.ts";
import { latencySummary } from "../load/latency-summary.ts";
import type { LoadRequest } from "../load/load-plan.ts";
import { syntheticNetwork } from "../networks/synthetic-network.ts";
import { startComparisonServer } from "../servers/comparison-server.ts";
import { freshScope, type MeasuredSystem } from "../servers/measured-system.ts";
import type { Measurement, Surroundings } from "./measurement.ts";
import { memoryFigure } from "./memory-figure.ts";

/** Submitting networks and reading them back, beside sending the same bytes to a server that only parses them. */
export const submission: Measurement = {
  name: "submit",
  run: async (surroundings) => {
    const { quick, startSystem } = surroundings;
    const system = await startSystem();
    const parser = await startComparisonServer("parse-only-server");
    const [parserUrl = ""] = parser.urls;
    try {
      const compared = (network: NetworkText, turns: number, inTurn: number) =>
        compare(surroundings, system, parserUrl, network, turns, inTurn);
      const golden = await compared(await goldenNetwork(), quick ? 2 : 8, 5);
      const figures: Figure[] = golden.map((figure) =>
        figure.label.includes("÷") ? { ...figure, target: { atMost: 5 } } : figure,
      );
      if (!quick) {
        const middle = syntheticNetwork({ systems: 1000, transformations: 2000 });
        figures.push(...(await compared(networkText("1,000 systems, 2,000 Transformations", middle.text), 4, 3)));
        const large = syntheticNetwork({ systems: 4000, transformations: 8000 });
        figures.push(...(await compared(networkText("4,000 systems, 8,000 Transformations", large.text), 4, 1)));
        figures.push(...memoryFigure(system, "after it all"));
      }
      return {
        name: "submit",
        title: "Submitting a network and reading it back",
        method:
          "POST /networks into a fresh scope each time and GET /networks/…, p50 after some that are not counted, not compressed, one connection; in turns of five with the same bytes sent to a Fastify route that runs JSON.parse",
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
  readonly key: string;
  readonly entries: number;
}

function networkText(label: string, text: string): NetworkText {
  const { root, entries } = sliceKeyedChain(text);
  return { label, text, key: root.key, entries: entries.length };
}

function submitting(text: string, scope: Scope): LoadRequest {
  const [org, campaign, project] = scope.split("-");
  const body = `{"network": ${text}, "scope": ${JSON.stringify({ org, campaign, project })}, "state": "active"}`;
  return { method: "POST", path: "/networks", body };
}

async function goldenNetwork(): Promise<NetworkText> {
  const file = await readFile(new URL("../fixtures/network-200-400.keyedchain.json.zst", import.meta.url));
  const text = new TextDecoder().decode(decompressZstd(file, { maxBytes: 64 * 2 ** 20 }));
  return networkText("200 systems, 400 Transformations", text);
}

async function compare(
  { load, say }: Surroundings,
  system: MeasuredSystem,
  parserUrl: string,
  network: NetworkText,
  turns: number,
  inTurn: number,
): Promise<Figure[]> {
  say(`submit: ${network.label}, ${turns * inTurn} times`);
  const bytes = Buffer.byteLength(network.text);
  const times = { parse: [] as number[], submit: [] as number[], read: [] as number[] };
  const several = async (
    name: keyof typeof times,
    origin: string,
    headers: Record<string, string>,
    requests: readonly LoadRequest[],
  ): Promise<readonly string[]> => {
    const lanes = [{ requests, times: requests.length }];
    const { milliseconds, replies } = await load.run({ origin, headers, lanes, keepReplies: true });
    times[name].push(...milliseconds);
    return replies;
  };
  const { userUrl } = system.server;
  for (let turn = 0; turn < turns; turn += 1) {
    // Not counted: code that has just been loaded runs slowly, and so does the first write to a fresh file.
    if (turn === Math.floor(turns / 4)) for (const samples of Object.values(times)) samples.length = 0;
    const parsing = { method: "POST", path: "/parse", body: network.text } as const;
    await several("parse", parserUrl, { "content-type": "application/json" }, Array(inTurn).fill(parsing));
    const scopes = Array.from({ length: inTurn }, freshScope);
    await several(
      "submit",
      userUrl,
      system.headers.user,
      scopes.map((scope) => submitting(network.text, scope)),
    );
    const reading = scopes.map((scope) => ({ method: "GET", path: `/networks/${network.key}-${scope}` }) as const);
    const headers = { ...system.headers.user, "accept-encoding": "" };
    for (const back of await several("read", userUrl, headers, reading)) {
      if (JSON.parse(back).length !== network.entries) throw new Error("the network came back with another number of entries");
    }
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
    { label: "  submitting ÷ parsing", value: submit / parse, unit: "×" },
    { label: "  reading back ÷ parsing", value: read / parse, unit: "×" },
  ];
}
