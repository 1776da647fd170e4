/** Views of atom mappings. (spec/gufe.md §3.1) */
import { isJsonObject, JsonNumber, type JsonObject } from "../json/json.ts";
import { parseJson } from "../json/parse-json.ts";
import { SmallMoleculeComponentView } from "./component-views.ts";
import { fieldError, objectField, referenceField, textField } from "./fields.ts";
import { View } from "./view.ts";

/** Which atoms of two ligands correspond. */
export class LigandAtomMappingView extends View {
  get componentA(): SmallMoleculeComponentView {
    return this.related(referenceField(this.dict, "componentA"), SmallMoleculeComponentView);
  }

  get componentB(): SmallMoleculeComponentView {
    return this.related(referenceField(this.dict, "componentB"), SmallMoleculeComponentView);
  }

  /** Atom indices of A to those of B, in the order written; atoms without counterpart are absent. */
  get componentAToComponentB(): ReadonlyMap<number, number> {
    const field = "componentA_to_componentB";
    const pairs = [...objectField(this.dict, field)].map(([a, b]): [number, number] => {
      if (!/^\d{1,9}$/.test(a) || !(b instanceof JsonNumber) || !b.isInteger)
        throw fieldError(this.dict, field, "pairs of atom indices");
      return [Number(a), b.toNumber()];
    });
    return new Map(pairs);
  }

  /** The annotations: JSON held in a string, whose exact characters are `fields.get("annotations")`. */
  get annotations(): JsonObject {
    const json = this.dict.members.has("annotations") ? parseJson(textField(this.dict, "annotations")) : new Map();
    if (!isJsonObject(json)) throw fieldError(this.dict, "annotations", "the JSON text of an object");
    return json;
  }
}

/** A network of ligands and mappings, kept as GraphML; opaque, since its order depends on RDKit. */
export class LigandNetworkView extends View {
  get graphml(): string {
    return textField(this.dict, "graphml");
  }
}
