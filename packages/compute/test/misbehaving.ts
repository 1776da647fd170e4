/** Transformations whose units do what units should not do (`python/tests/misbehaving.py`), for a real interpreter. */
import { execFileSync } from "node:child_process";
import { delimiter, join } from "node:path";
import { fileURLToPath } from "node:url";
import { createPythonExecutor, type Executor } from "../src/index.ts";

/** An interpreter that has gufe; empty where none is named. */
export const testPython = process.env.ALCHEMISCALE_TEST_PYTHON ?? "";

const packages = fileURLToPath(new URL("../../../python/", import.meta.url));
const folder = join(packages, "tests");

export interface Misbehaving extends AsyncDisposable {
  readonly executor: Executor;
  /** Keyed chain of a Transformation, the second of whose three units does the deed. */
  transformation(deed: string, where?: string): string;
}

/** An executor that knows the Protocol. `PYTHONPATH` is changed until it is disposed of. */
export async function misbehaving(): Promise<Misbehaving> {
  const inherited = process.env.PYTHONPATH;
  process.env.PYTHONPATH = folder;
  const harmless = harmlessTransformation();
  const executor = await createPythonExecutor({ python: testPython, modules: ["misbehaving"] });
  return {
    executor,
    // gufe takes the chain's keys as labels and computes its own, so that the settings can be written into the text.
    transformation: (deed, where = "") =>
      harmless.replace('"deed": "nothing", "where": ""', `"deed": ${JSON.stringify(deed)}, "where": ${JSON.stringify(where)}`),
    async [Symbol.asyncDispose]() {
      await executor.close();
      if (inherited === undefined) delete process.env.PYTHONPATH;
      else process.env.PYTHONPATH = inherited;
    },
  };
}

function harmlessTransformation(): string {
  const program = `
from gufe import ChemicalSystem, SolventComponent, Transformation
from misbehaving import MisbehavingProtocol, MisbehavingSettings
from openff.units import Quantity
a, b = (ChemicalSystem({"s": SolventComponent(ion_concentration=Quantity(c, "molar"))}) for c in (0.1, 0.2))
print(Transformation(a, b, protocol=MisbehavingProtocol(MisbehavingSettings(deed="nothing")), name="t").to_json())`;
  const env = { ...process.env, PYTHONPATH: [packages, folder].join(delimiter) };
  return execFileSync(testPython, ["-c", program], { env, encoding: "utf8" });
}
