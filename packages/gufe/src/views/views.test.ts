import { describe, expect, test } from "vitest";
import { goldenChain, goldenObjects } from "../../test/golden.ts";
import { sliceKeyedChain } from "../chain/slice-keyed-chain.ts";
import { magnitudeOf } from "../codecs/quantity.ts";
import { ChainError, ShapeError } from "../errors.ts";
import { JsonNumber } from "../json/json.ts";
import { summarizeResult } from "../results/summarize-result.ts";
import { nodeZstd } from "../zstd.ts";
import { ChainViews, viewOf } from "./chain-views.ts";
import { ChemicalSystemView, ProteinComponentView, SmallMoleculeComponentView, SolventComponentView } from "./component-views.ts";
import { LigandAtomMappingView, LigandNetworkView } from "./mapping-views.ts";
import { AlchemicalArchiveView, AlchemicalNetworkView, NonTransformationView, TransformationView } from "./network-views.ts";
import {
  ProtocolDAGResultView,
  ProtocolDAGView,
  ProtocolResultView,
  ProtocolUnitFailureView,
  ProtocolUnitResultView,
  ProtocolUnitView,
  ProtocolView,
} from "./protocol-views.ts";
import { OpaqueView, type View } from "./view.ts";

const golden = goldenObjects();

function view<Wanted extends View>(name: string, wanted: abstract new (...args: never[]) => Wanted): Wanted {
  const entry = golden.find((candidate) => candidate.name === name);
  if (entry === undefined) throw new Error(`no golden object ${name}`);
  const root = viewOf(sliceKeyedChain(goldenChain(entry)), undefined, nodeZstd());
  if (!(root instanceof wanted)) throw new Error(`${name} is a ${root.constructor.name}`);
  return root;
}

const classes = {
  solvent: SolventComponentView,
  small_molecule: SmallMoleculeComponentView,
  protein: ProteinComponentView,
  chemical_system: ChemicalSystemView,
  mapping: LigandAtomMappingView,
  ligand_network: LigandNetworkView,
  network: AlchemicalNetworkView,
  archive: AlchemicalArchiveView,
  protocol: ProtocolView,
  protocol_dag: ProtocolDAGView,
  protocol_dag_result: ProtocolDAGResultView,
  protocol_result: ProtocolResultView,
  protocol_unit: ProtocolUnitView,
  protocol_unit_result: ProtocolUnitResultView,
  protocol_unit_failure: ProtocolUnitFailureView,
};

test.each(Object.entries(classes))("every golden %s has its view, all of whose fields can be read", (kind, wanted) => {
  const entries = golden.filter((entry) => entry.kind === kind);
  expect(entries.length).toBeGreaterThan(0);
  for (const entry of entries) {
    const root = viewOf(sliceKeyedChain(goldenChain(entry)), undefined, nodeZstd());
    expect(root).toBeInstanceOf(wanted);
    expect(root.key).toBe(entry.gufe_key);
    const prototype = Object.getPrototypeOf(root) as object;
    for (const [name, property] of Object.entries(Object.getOwnPropertyDescriptors(prototype))) {
      // Concentrations such as "default" are no quantities.
      if (property.get !== undefined && name !== "ionConcentration") property.get.call(root);
    }
  }
});

describe("chemistry", () => {
  test("a molecule: atoms, bonds, positions, charge, a name with all its characters", () => {
    const molecule = view("small_molecule/zwitterion", SmallMoleculeComponentView);
    expect(molecule.atoms.length).toBe(molecule.positions.length / 3);
    expect(
      molecule.atoms
        .map((atom) => atom.formalCharge)
        .filter((charge) => charge !== 0)
        .sort(),
    ).toEqual([-1, 1]);
    expect(molecule.totalCharge).toBe(0);
    expect(molecule.bonds.every((bond) => bond.begin < molecule.atoms.length && bond.end < molecule.atoms.length)).toBe(true);
    const lengths = molecule.bonds.map(({ begin, end }) =>
      Math.hypot(...[0, 1, 2].map((i) => at(molecule, begin, i) - at(molecule, end, i))),
    );
    // Ångström, not nanometers.
    expect(Math.min(...lengths)).toBeGreaterThan(0.8);
    expect(Math.max(...lengths)).toBeLessThan(2.2);
  });

  const at = (molecule: SmallMoleculeComponentView, atom: number, axis: number) => molecule.positions[3 * atom + axis] as number;

  test("names that RDKit turned into numbers are given as written", () => {
    const names = golden
      .filter((entry) => entry.kind === "small_molecule")
      .map((entry) => viewOf(sliceKeyedChain(goldenChain(entry))) as SmallMoleculeComponentView);
    const written = names
      .filter((molecule) => molecule.properties.get("ofe-name") instanceof JsonNumber)
      .map((molecule) => molecule.name);
    expect(written).toEqual(expect.arrayContaining(["7", "1.5", "100000.0"]));
  });

  test("a protein: residues and conformers", () => {
    const name = golden.find((entry) => entry.kind === "protein")?.name as string;
    const protein = view(name, ProteinComponentView);
    expect(protein.atoms[0]?.residueName).toMatch(/^[A-Z]{3}$/);
    expect(protein.conformers[0]?.length).toBe(3 * protein.atoms.length);
    expect(protein.boxVectors).toBeNull();
  });

  test("a solvated protein has a box in nanometers", () => {
    const solvated = golden
      .filter((entry) => entry.kind === "protein")
      .map((entry) => view(entry.name, ProteinComponentView))
      .filter((protein) => protein.boxVectors !== null);
    expect(solvated.length).toBeGreaterThan(0);
    for (const protein of solvated) {
      expect(protein.boxVectors).toMatchObject({ unit: "nanometer", magnitude: { shape: [3, 3], dtype: "float64" } });
    }
  });

  test("a system's components by label", () => {
    const system = view("chemical_system/solvated", ChemicalSystemView);
    const kinds = [...system.components].map(([label, component]) => [label, component.qualname]);
    expect(kinds).toEqual(expect.arrayContaining([["solvent", "SolventComponent"]]));
    const solvent = system.components.get("solvent") as SolventComponentView;
    expect(solvent.ionConcentration.unit).toBe("molar");
    expect(system.totalCharge).toBe(0);
  });

  test("a mapping's pairs and annotations", () => {
    const mapping = golden.filter((entry) => entry.kind === "mapping").map((entry) => view(entry.name, LigandAtomMappingView));
    for (const { componentA, componentB, componentAToComponentB } of mapping) {
      for (const [a, b] of componentAToComponentB) {
        expect(a).toBeLessThan(componentA.atoms.length);
        expect(b).toBeLessThan(componentB.atoms.length);
      }
    }
    expect(mapping.some(({ annotations }) => annotations.size > 0)).toBe(true);
  });
});

describe("networks and transformations", () => {
  test("edges lead to systems, protocols and settings with units", () => {
    const network = view("network/mixed", AlchemicalNetworkView);
    expect(network.edges.some((edge) => edge instanceof NonTransformationView)).toBe(true);
    for (const edge of network.edges) {
      expect(network.nodes).toEqual(expect.arrayContaining([edge.stateA, edge.stateB]));
      expect(edge.protocol.settings.className).not.toBe("");
    }
  });

  test("a transformation has no mapping, one or several", () => {
    const counts = ["plain", "mapped", "mapping-list"].map(
      (name) => view(`transformation/${name}`, TransformationView).mappings.length,
    );
    expect(counts[0]).toBe(0);
    expect(counts[1]).toBe(1);
    expect(counts[2]).toBeGreaterThan(1);
  });

  test("quantities of settings keep unit and characters", () => {
    const protocol = view("transformation/toy", TransformationView).protocol;
    const thermo = protocol.settings.settings("thermo_settings");
    const temperature = thermo?.quantity("temperature");
    expect(temperature?.unit).toBe("kelvin");
    expect(magnitudeOf(temperature as NonNullable<typeof temperature>)).toBeGreaterThan(200);
    expect(protocol.settings.settings("absent")).toBeNull();
    expect(() => protocol.settings.quantity("thermo_settings")).toThrow(ShapeError);
  });
});

describe("results", () => {
  test("say the same as their summary", () => {
    for (const entry of golden.filter((candidate) => candidate.kind === "protocol_dag_result")) {
      const result = view(entry.name, ProtocolDAGResultView);
      const summary = summarizeResult(goldenChain(entry));
      expect(result.ok).toBe(summary.ok);
      expect(result.transformationKey).toBe(summary.transformationKey);
      expect(new Set(result.failures.map((failure) => failure.key))).toEqual(
        new Set(summary.failures.map((failure) => failure.failureKey)),
      );
      expect(result.protocolUnitResults.map(({ key, startTime, endTime }) => ({ key, startTime, endTime }))).toEqual(
        summary.units.map(({ key, startTime, endTime }) => ({ key, startTime, endTime })),
      );
    }
  });

  test("have the captured files, byte for byte", () => {
    const result = view("result-toy-captured", ProtocolDAGResultView);
    const files = result.protocolUnitResults.flatMap((unit) => [...unit.stdout.values(), ...unit.stderr.values()]);
    expect(files.some((bytes) => new Set(bytes).size === 256)).toBe(true);
  });
});

describe("what does not fit", () => {
  const zeros = "0".repeat(32);
  const chain = (qualname: string, module: string, fields: string) =>
    sliceKeyedChain(
      `[["Thing-${zeros}", {"__qualname__": "Thing", "__module__": "m"}], ["${qualname}-${zeros}", {${fields}, "__qualname__": "${qualname}", "__module__": "${module}"}]]`,
    );

  test("an unknown class is opaque, its fields lossless", () => {
    const thing = viewOf(chain("Other", "m", '"a": 1.0'));
    expect(thing).toBeInstanceOf(OpaqueView);
    expect(thing.fields.get("a")).toEqual(new JsonNumber("1.0"));
  });

  test("a field of another shape names the object and the field", () => {
    const system = viewOf(chain("ChemicalSystem", "gufe.chemicalsystem", '"components": []')) as ChemicalSystemView;
    expect(() => system.components).toThrow(expect.objectContaining({ where: `ChemicalSystem-${zeros}.components` }));
    const molecule = viewOf(
      chain("SmallMoleculeComponent", "gufe.components.smallmoleculecomponent", '"atoms": [[6]], "conformer": ["x", {}]'),
    ) as SmallMoleculeComponentView;
    expect(() => molecule.atoms).toThrow(ShapeError);
    expect(() => molecule.positions).toThrow(ShapeError);
  });

  test("a reference to an object of another class is refused", () => {
    const edge = viewOf(
      chain("Transformation", "gufe.transformations.transformation", `"protocol": {":gufe-key:": "Thing-${zeros}"}`),
    ) as TransformationView;
    expect(() => edge.protocol).toThrow(ChainError);
    expect(() => new ChainViews(chain("A", "m", '"x": 1')).get("nothing")).toThrow(ChainError);
  });
});
