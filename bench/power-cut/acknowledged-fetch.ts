import { once } from "node:events";
import { type IncomingMessage, request } from "node:http";
import { buffer } from "node:stream/consumers";

/** A request that was sent, by the address that it came from: no other one came from there. */
export interface Exchange {
  /** IPv4, as a number. */
  readonly address: number;
}

// All of 127.0.0.0/8 is this machine; ports would come around again too soon.
let last = 0x7f010000;

/** A `fetch` whose every request comes from an address of its own, which tells the answers in the log apart. */
export function acknowledgedFetch(onSent: (exchange: Exchange) => void): typeof globalThis.fetch {
  return async (input, init) => {
    const asked = new Request(input, init);
    last += 1;
    const address = last;
    const body = Buffer.from(await asked.arrayBuffer());
    const headers = { ...Object.fromEntries(asked.headers), "content-length": body.length };
    const outgoing = request(asked.url, { method: asked.method, agent: false, headers, localAddress: dotted(address) });
    outgoing.end(body);
    const [response] = (await once(outgoing, "response")) as [IncomingMessage];
    onSent({ address });
    const content = await buffer(response);
    if (!response.complete) throw new TypeError("the server ended in the middle of its answer");
    return new Response(content.length === 0 ? null : content, { status: response.statusCode ?? 0 });
  };
}

function dotted(address: number): string {
  return [24, 16, 8, 0].map((shift) => (address >>> shift) & 0xff).join(".");
}
