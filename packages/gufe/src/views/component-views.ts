/** Views of the chemistry: components and systems. (spec/gufe.md §3.1, §3.2) */
import { latin1ToBytes } from "../codecs/latin-1.ts";
import { readNpy } from "../codecs/npy.ts";
import { decodeQuantity, isEncodedQuantity, type Quantity, quantityFromOlderForm } from "../codecs/quantity.ts";
import { isJsonArray, isJsonObject, type Json, JsonNumber, type JsonObject } from "../json/json.ts";
import { arrayField, booleanField, fieldError, objectField, optionalTextField, referenceKey, textField } from "./fields.ts";
import { View } from "./view.ts";

/** Positions of atoms in ångström: x, y, z of atom 0, of atom 1, … */
export type Positions = Float64Array;

/** Water with ions. */
export class SolventComponentView extends View {
  get smiles(): string {
    return textField(this.dict, "smiles");
  }

  get positiveIon(): string {
    return textField(this.dict, "positive_ion");
  }

  get negativeIon(): string {
    return textField(this.dict, "negative_ion");
  }

  get neutralize(): boolean {
    return booleanField(this.dict, "neutralize");
  }

  /** For instance 0.15 molar. The text that it was written as is `fields.get("ion_concentration")`. */
  get ionConcentration(): Quantity {
    const quantity = quantityFromOlderForm(textField(this.dict, "ion_concentration"));
    if (quantity === undefined) throw fieldError(this.dict, "ion_concentration", 'a number and a unit, such as "0.15 molar"');
    return quantity;
  }
}

/** One atom of a small molecule; its index is its place in the list. */
export interface MoleculeAtom {
  readonly atomicNumber: number;
  /** 0 where unspecified. */
  readonly isotope: number;
  readonly formalCharge: number;
  readonly isAromatic: boolean;
  /** RDKit's code: 0 unspecified, 1 tetrahedral CW, 2 CCW, … */
  readonly chiralTag: number;
  readonly atomMapNumber: number;
  readonly properties: JsonObject;
  /** RDKit's code: 0 unspecified (also where gufe before 1.2 left it out), 2 SP, 3 SP2, 4 SP3, … */
  readonly hybridization: number;
}

export interface MoleculeBond {
  readonly begin: number;
  readonly end: number;
  /** RDKit's code: 1 single, 2 double, 3 triple, 12 aromatic, … */
  readonly type: number;
  /** RDKit's code: 0 none, 2 Z, 3 E, … */
  readonly stereo: number;
  readonly properties: JsonObject;
}

/** A ligand or cofactor. */
export class SmallMoleculeComponentView extends View {
  /** `""` where it has none. RDKit writes names that look like numbers as numbers; they are given as they are written. */
  get name(): string {
    const name = this.properties.get("ofe-name") ?? "";
    if (typeof name === "string") return name;
    if (name instanceof JsonNumber) return name.text;
    if (typeof name === "boolean") return name ? "True" : "False";
    throw fieldError(this.dict, "molprops.ofe-name", "a text or number");
  }

  get properties(): JsonObject {
    return objectField(this.dict, "molprops", new Map());
  }

  get atoms(): MoleculeAtom[] {
    return arrayField(this.dict, "atoms").map((json, i) => {
      const row = new Row(this, `atoms[${i}]`, json);
      return {
        atomicNumber: row.integer(0),
        isotope: row.integer(1),
        formalCharge: row.integer(2),
        isAromatic: row.boolean(3),
        chiralTag: row.integer(4),
        atomMapNumber: row.integer(5),
        properties: row.object(6),
        hybridization: row.length > 7 ? row.integer(7) : 0,
      };
    });
  }

  get bonds(): MoleculeBond[] {
    return arrayField(this.dict, "bonds").map((json, i) => {
      const row = new Row(this, `bonds[${i}]`, json);
      return {
        begin: row.integer(0),
        end: row.integer(1),
        type: row.integer(2),
        stereo: row.integer(3),
        properties: row.object(4),
      };
    });
  }

  /** Atom positions in ångström. */
  get positions(): Positions {
    const [text] = arrayField(this.dict, "conformer");
    if (typeof text !== "string") throw fieldError(this.dict, "conformer", "positions and their properties");
    return positions(text);
  }

  /** Sum of the formal charges. */
  get totalCharge(): number {
    return this.atoms.reduce((sum, atom) => sum + atom.formalCharge, 0);
  }
}

export interface ProteinAtom {
  readonly atomicNumber: number;
  readonly chainId: string;
  readonly serial: number;
  readonly segmentNumber: number;
  readonly insertionCode: string;
  /** Unpadded (`CA`) where read from a file, padded (` CA `) where built from an RDKit molecule. */
  readonly atomName: string;
  readonly residueName: string;
  readonly residueNumber: number;
  readonly isHetero: boolean;
  readonly formalCharge: number;
}

export interface ProteinBond {
  readonly begin: number;
  readonly end: number;
  /** RDKit's name: `SINGLE`, `DOUBLE`, `AROMATIC`, … */
  readonly order: string;
  readonly isAromatic: boolean;
}

/** A protein: also those with solvent (`SolvatedPDBComponent`) and in a membrane (`ProteinMembraneComponent`). */
export class ProteinComponentView extends View {
  get name(): string {
    return optionalTextField(this.dict, "name") ?? "";
  }

  get atoms(): ProteinAtom[] {
    return arrayField(this.dict, "atoms").map((json, i) => {
      const row = new Row(this, `atoms[${i}]`, json);
      return {
        atomicNumber: row.integer(0),
        chainId: row.text(1),
        serial: row.integer(2),
        segmentNumber: row.integer(3),
        insertionCode: row.text(4),
        atomName: row.text(5),
        residueName: row.text(6),
        residueNumber: row.integer(7),
        isHetero: row.text(8) === "Y",
        formalCharge: row.integer(9),
      };
    });
  }

  get bonds(): ProteinBond[] {
    return arrayField(this.dict, "bonds").map((json, i) => {
      const row = new Row(this, `bonds[${i}]`, json);
      return { begin: row.integer(0), end: row.integer(1), order: row.text(2), isAromatic: row.text(3) === "Y" };
    });
  }

  /** Atom positions in ångström, one for each conformer. */
  get conformers(): Positions[] {
    return arrayField(this.dict, "conformers").map((text, i) => {
      if (typeof text !== "string") throw fieldError(this.dict, `conformers[${i}]`, "positions");
      return positions(text);
    });
  }

  /** The periodic box (3×3, nanometers) of a solvated protein; `null` for a protein alone. */
  get boxVectors(): Quantity | null {
    const box = this.dict.members.get("box_vectors");
    if (box === undefined || box === null) return null;
    if (!isEncodedQuantity(box)) throw fieldError(this.dict, "box_vectors", "a quantity");
    return decodeQuantity(box, this.views.zstd);
  }

  get totalCharge(): number {
    return this.atoms.reduce((sum, atom) => sum + atom.formalCharge, 0);
  }
}

/** What is simulated at one end of a transformation: components by label. */
export class ChemicalSystemView extends View {
  get name(): string | null {
    return optionalTextField(this.dict, "name");
  }

  /** Components by label, in the order written. */
  get components(): ReadonlyMap<string, View> {
    const components = new Map<string, View>();
    for (const [label, reference] of objectField(this.dict, "components")) {
      const key = referenceKey(reference);
      if (key === undefined) throw fieldError(this.dict, `components.${label}`, "a reference to a component");
      components.set(label, this.views.get(key));
    }
    return components;
  }

  /** Sum over the components whose charge is known. */
  get totalCharge(): number {
    let sum = 0;
    for (const component of this.components.values()) {
      if (component instanceof SmallMoleculeComponentView || component instanceof ProteinComponentView)
        sum += component.totalCharge;
    }
    return sum;
  }
}

function positions(text: string): Positions {
  return readNpy(latin1ToBytes(text)).numbers();
}

/** One row of a table of atoms or bonds. */
class Row {
  readonly #cells: readonly Json[];
  readonly #fail: (expected: string) => Error;

  constructor(view: View, field: string, json: Json) {
    this.#fail = (expected) => fieldError({ key: view.key, members: view.fields }, field, expected);
    if (!isJsonArray(json)) throw this.#fail("a list");
    this.#cells = json;
  }

  get length(): number {
    return this.#cells.length;
  }

  integer(i: number): number {
    const cell = this.#cells[i];
    if (!(cell instanceof JsonNumber) || !cell.isInteger) throw this.#fail(`a list with an integer at ${i}`);
    return cell.toNumber();
  }

  boolean(i: number): boolean {
    const cell = this.#cells[i];
    if (typeof cell !== "boolean") throw this.#fail(`a list with true or false at ${i}`);
    return cell;
  }

  text(i: number): string {
    const cell = this.#cells[i];
    if (typeof cell !== "string") throw this.#fail(`a list with a text at ${i}`);
    return cell;
  }

  object(i: number): JsonObject {
    const cell = this.#cells[i];
    if (!isJsonObject(cell)) throw this.#fail(`a list with an object at ${i}`);
    return cell;
  }
}
