import type { AlchemiscaleClient } from "@alchemiscale/client";
import type { ScopedKey } from "@alchemiscale/contract";
import { summarizeResult } from "@alchemiscale/gufe";
import { decodeDocument } from "../check/read-document.ts";
import { print } from "../terminal/print.ts";
import { printable } from "../terminal/printable.ts";
import { style } from "../terminal/style.ts";

/** The traceback of one failure, where there is one: usually all have the same cause. */
export async function printFirstFailure(client: AlchemiscaleClient, transformations: readonly ScopedKey[]): Promise<void> {
  for (const transformation of transformations) {
    const [reference] = await client.getTransformationFailures(transformation);
    if (reference === undefined) continue;
    const bytes = await client.getResult(transformation, reference, { route: "failures" });
    const [failure] = summarizeResult(await decodeDocument(bytes, reference)).failures;
    if (failure === undefined) continue;
    print(`One of the failures, of ${transformation}:`);
    print(style("dim", printable(failure.traceback).trimEnd()));
    return;
  }
}
