/** Views of protocols, their DAGs, units and results. (spec/gufe.md §3.5) */
import { decodeBytes } from "../codecs/bytes.ts";
import { decodeSettings } from "../codecs/decode-value.ts";
import { isJsonArray, isJsonObject, type Json, type JsonObject } from "../json/json.ts";
import type { ResultSummary } from "../results/result-summary.ts";
import { fieldError, integerField, objectField, optionalTextField, referencesField, textField } from "./fields.ts";
import { SettingsView } from "./settings-view.ts";
import { View } from "./view.ts";

/** A Protocol of any class: what to compute, and its settings. */
export class ProtocolView extends View {
  get settings(): SettingsView {
    const settings = decodeSettings(this.dict.members.get("settings"));
    if (settings === undefined) throw fieldError(this.dict, "settings", "a settings model");
    return new SettingsView(settings, this.views.zstd);
  }
}

/** What a Protocol gathered from several DAG results. */
export class ProtocolResultView extends View {
  /** 0 where an older release left it out. */
  get protocolDagResultCount(): number {
    return integerField(this.dict, "n_protocol_dag_results", 0);
  }

  get data(): JsonObject {
    return objectField(this.dict, "data");
  }
}

/** One step of a DAG, of any class. */
export class ProtocolUnitView extends View {
  get name(): string | null {
    return optionalTextField(this.dict, "name");
  }

  get inputs(): JsonObject {
    return objectField(this.dict, "inputs");
  }
}

/** The units of one calculation, in an order in which they can run. */
export class ProtocolDAGView extends View {
  get name(): string | null {
    return optionalTextField(this.dict, "name");
  }

  get protocolUnits(): View[] {
    return referencesField(this.dict, "protocol_units").map((key) => this.views.get(key));
  }

  get transformationKey(): string | null {
    return optionalTextField(this.dict, "transformation_key");
  }

  /** Key of the ProtocolDAGResult that this one extends. */
  get extendsKey(): string | null {
    return optionalTextField(this.dict, "extends_key");
  }
}

/** One attempt at a unit. `ProtocolUnitFailureView` where it failed. */
export class ProtocolUnitResultView extends View {
  get name(): string | null {
    return optionalTextField(this.dict, "name");
  }

  /** Key of the unit that was run. */
  get sourceKey(): string {
    return textField(this.dict, "source_key");
  }

  /** Whether it succeeded: decided by class alone. */
  get ok(): boolean {
    return true;
  }

  get inputs(): JsonObject {
    return objectField(this.dict, "inputs");
  }

  get outputs(): JsonObject {
    return objectField(this.dict, "outputs");
  }

  /** ISO 8601 as written, local to the host, with microseconds. */
  get startTime(): string | null {
    return isotime(this.dict.members.get("start_time"));
  }

  get endTime(): string | null {
    return isotime(this.dict.members.get("end_time"));
  }

  /** Captured files by name. */
  get stdout(): Map<string, Uint8Array> {
    return this.#files("stdout");
  }

  get stderr(): Map<string, Uint8Array> {
    return this.#files("stderr");
  }

  #files(field: string): Map<string, Uint8Array> {
    const files = new Map<string, Uint8Array>();
    for (const [name, bytes] of objectField(this.dict, field, new Map())) files.set(name, decodeBytes(bytes, this.views.zstd));
    return files;
  }
}

export class ProtocolUnitFailureView extends ProtocolUnitResultView {
  override get ok(): boolean {
    return false;
  }

  /** The exception's class and its arguments. */
  get exception(): { readonly className: string; readonly args: readonly Json[] } {
    const value = this.dict.members.get("exception");
    const [className, args] = isJsonArray(value) ? value : [];
    if (typeof className !== "string") throw fieldError(this.dict, "exception", "a class name and its arguments");
    return { className, args: isJsonArray(args) ? args : [] };
  }

  get traceback(): string {
    return textField(this.dict, "traceback");
  }
}

/** A DAG that was run, with all attempts at its units. */
export class ProtocolDAGResultView extends ProtocolDAGView {
  /** All attempts, in the order written. */
  get protocolUnitResults(): ProtocolUnitResultView[] {
    return referencesField(this.dict, "protocol_unit_results").map((key) => this.related(key, ProtocolUnitResultView));
  }

  get failures(): ProtocolUnitFailureView[] {
    return this.protocolUnitResults.filter((result) => result instanceof ProtocolUnitFailureView);
  }

  /** Whether every unit has a success; see `ResultSummary.ok`. */
  get ok(): ResultSummary["ok"] {
    const done = new Set(this.protocolUnitResults.filter((result) => result.ok).map((result) => result.sourceKey));
    return referencesField(this.dict, "protocol_units").every((key) => done.has(key));
  }
}

function isotime(json: Json | undefined): string | null {
  const text = isJsonObject(json) ? json.get("isotime") : json;
  return typeof text === "string" ? text : null;
}
