/** What one draw from one hub asks for. Ids are the store's own. */
export interface DrawRequest {
  readonly network: number;
  /** Of the hub, and so of every Task on it. */
  readonly scope: string;
  /** Registration of the claiming service. */
  readonly service: number;
  /** The service's interned name, for the event log. */
  readonly agent: number;
  readonly count: number;
  /** Class names of Protocols; null = any. */
  readonly protocols: readonly string[] | null;
}
