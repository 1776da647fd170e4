/** What is measured while serving, handed to whoever keeps it: nobody, unless metrics were asked for. */

export interface RequestMeasure {
  readonly api: string;
  readonly method: string;
  /** The declared path, `/networks/:network`; never the one that was asked for, which would be a series each. */
  readonly route: string;
  readonly status: number;
  readonly seconds: number;
}

export interface MeasurementKeeper {
  request(measure: RequestMeasure): void;
  /** Requests that are being answered. */
  inFlight(change: 1 | -1): void;
  claimed(tasks: number): void;
  /** A result was stored. */
  result(ok: boolean): void;
}

export class Measurements implements MeasurementKeeper {
  #keeper: MeasurementKeeper | null = null;

  keepIn(keeper: MeasurementKeeper): void {
    this.#keeper = keeper;
  }

  request(measure: RequestMeasure): void {
    this.#keeper?.request(measure);
  }

  inFlight(change: 1 | -1): void {
    this.#keeper?.inFlight(change);
  }

  claimed(tasks: number): void {
    this.#keeper?.claimed(tasks);
  }

  result(ok: boolean): void {
    this.#keeper?.result(ok);
  }
}
