/** A Transformation made for tests, as the view that the real thing has. */
import { ChainViews, sliceKeyedChain, TransformationBaseView } from "@alchemiscale/gufe";

const reference = (key: string) => ({ ":gufe-key:": key });
const keyOf = (qualname: string, digit: string) => `${qualname}-${digit.repeat(32)}`;

/** A settings model with these fields. */
export function settingsModel(fields: object): object {
  return { __class__: "Settings", __module__: "any", ":is_custom:": true, ...fields };
}

export function quantity(magnitude: number, unit: string): object {
  return { magnitude, unit, ":is_custom:": true, pint_unit_registry: "openff_units" };
}

/** @param stateA, stateB components by class and name, such as `SmallMoleculeComponent A`; the same text is the same component */
export function oneTransformation({
  protocol = "AnyProtocol",
  settings = settingsModel({}),
  stateA = [],
  stateB = [],
}: {
  readonly protocol?: string;
  readonly settings?: object;
  readonly stateA?: readonly string[];
  readonly stateB?: readonly string[];
}): TransformationBaseView {
  const system = (components: readonly string[]) => ({
    name: null,
    components: Object.fromEntries(components.map((each, i) => [String(i), reference(componentOf(each)[0])])),
    __qualname__: "ChemicalSystem",
    __module__: "gufe.chemicalsystem",
  });
  const chain = sliceKeyedChain(
    JSON.stringify([
      ...new Map([...stateA, ...stateB].map(componentOf)),
      [keyOf("ChemicalSystem", "a"), system(stateA)],
      [keyOf("ChemicalSystem", "b"), system(stateB)],
      [keyOf(protocol, "c"), { settings, __qualname__: protocol, __module__: "any" }],
      [
        keyOf("Transformation", "d"),
        {
          stateA: reference(keyOf("ChemicalSystem", "a")),
          stateB: reference(keyOf("ChemicalSystem", "b")),
          protocol: reference(keyOf(protocol, "c")),
          mapping: null,
          name: null,
          __qualname__: "Transformation",
          __module__: "gufe.transformations.transformation",
        },
      ],
    ]),
  );
  const view = new ChainViews(chain).get(chain.root.key);
  if (view instanceof TransformationBaseView) return view;
  throw new Error(`${view.key} is no Transformation`);
}

function componentOf(text: string): readonly [string, object] {
  const [qualname = "", name = ""] = text.split(" ");
  const module = `gufe.components.${qualname.toLowerCase()}`;
  const key = `${qualname}-${Buffer.from(name).toString("hex").padEnd(32, "0")}`;
  return [key, { molprops: { "ofe-name": name }, name, __qualname__: qualname, __module__: module }];
}
