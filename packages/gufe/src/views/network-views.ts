/** Views of networks and their edges. (spec/gufe.md §3.3, §5) */
import type { JsonObject } from "../json/json.ts";
import { isJsonArray, isJsonObject } from "../json/json.ts";
import { ChemicalSystemView } from "./component-views.ts";
import { fieldError, objectField, optionalTextField, referenceField, referenceKey, referencesField } from "./fields.ts";
import { ProtocolView } from "./protocol-views.ts";
import { View } from "./view.ts";

/** An edge of a network, of either kind. */
export abstract class TransformationBaseView extends View {
  get name(): string | null {
    return optionalTextField(this.dict, "name");
  }

  /** Empty where a release before gufe 1.12 left it out. */
  get metadata(): JsonObject {
    return objectField(this.dict, "metadata", new Map());
  }

  get protocol(): ProtocolView {
    return this.related(referenceField(this.dict, "protocol"), ProtocolView);
  }

  abstract get stateA(): ChemicalSystemView;
  abstract get stateB(): ChemicalSystemView;
}

/** An alchemical change from one system to another. */
export class TransformationView extends TransformationBaseView {
  override get stateA(): ChemicalSystemView {
    return this.related(referenceField(this.dict, "stateA"), ChemicalSystemView);
  }

  override get stateB(): ChemicalSystemView {
    return this.related(referenceField(this.dict, "stateB"), ChemicalSystemView);
  }

  /** The mappings: none, one or several. Older files have them by label; then in the order written. */
  get mappings(): View[] {
    const mapping = this.dict.members.get("mapping") ?? null;
    if (mapping === null) return [];
    const single = referenceKey(mapping);
    if (single !== undefined) return [this.views.get(single)];
    const list = isJsonArray(mapping) ? mapping : isJsonObject(mapping) ? [...mapping.values()] : undefined;
    if (list === undefined) throw fieldError(this.dict, "mapping", "null, a reference or a list of references");
    return list.map((item) => {
      const key = referenceKey(item);
      if (key === undefined) throw fieldError(this.dict, "mapping", "null, a reference or a list of references");
      return this.views.get(key);
    });
  }
}

/** A simulation of one system as it is. */
export class NonTransformationView extends TransformationBaseView {
  get system(): ChemicalSystemView {
    return this.related(referenceField(this.dict, "system"), ChemicalSystemView);
  }

  override get stateA(): ChemicalSystemView {
    return this.system;
  }

  override get stateB(): ChemicalSystemView {
    return this.system;
  }
}

/** A directed multigraph of chemical systems and transformations. */
export class AlchemicalNetworkView extends View {
  get name(): string | null {
    return optionalTextField(this.dict, "name");
  }

  get edges(): TransformationBaseView[] {
    return [...new Set(referencesField(this.dict, "edges"))].map((key) => this.related(key, TransformationBaseView));
  }

  /** All systems: those listed, then ends of edges that are not. */
  get nodes(): ChemicalSystemView[] {
    const nodes = new Set(referencesField(this.dict, "nodes").map((key) => this.related(key, ChemicalSystemView)));
    for (const edge of this.edges) nodes.add(edge.stateA).add(edge.stateB);
    return [...nodes];
  }
}

/** A network with its results. */
export class AlchemicalArchiveView extends View {
  get network(): AlchemicalNetworkView {
    return this.related(referenceField(this.dict, "network"), AlchemicalNetworkView);
  }

  get metadata(): JsonObject {
    return objectField(this.dict, "metadata", new Map());
  }

  get gufeVersion(): string | null {
    return optionalTextField(this.dict, "version_gufe");
  }
}
