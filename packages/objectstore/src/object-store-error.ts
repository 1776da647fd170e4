/** The errors of an object store, one class a condition. */

/** No object under this path. */
export class ObjectNotFound extends Error {
  override readonly name = "ObjectNotFound";
  readonly path: string;

  constructor(path: string, options?: ErrorOptions) {
    super(`No object is stored under '${path}'.`, options);
    this.path = path;
  }
}

/** The store does not answer, or refuses: `store` is its description, `operation` what was tried; the cause is attached. */
export class ObjectStoreUnavailable extends Error {
  override readonly name = "ObjectStoreUnavailable";
  readonly store: string;
  readonly operation: string;

  constructor(store: string, operation: string, reason: string, options?: ErrorOptions) {
    super(`The object store ${store} failed to ${operation}: ${reason}`, options);
    this.store = store;
    this.operation = operation;
  }
}

/** A path, or a part of one, that breaks the rule of object paths. */
export class InvalidObjectPath extends Error {
  override readonly name = "InvalidObjectPath";
  readonly path: string;
  readonly rule: string;

  constructor(path: string, rule: string) {
    super(`Invalid object path ${JSON.stringify(path.length > 300 ? `${path.slice(0, 300)}…` : path)}: ${rule}.`);
    this.path = path;
    this.rule = rule;
  }
}

/** A store address that names no store: `url` is the address without secrets, `rule` what it must look like. */
export class InvalidObjectStoreUrl extends Error {
  override readonly name = "InvalidObjectStoreUrl";
  readonly url: string;
  readonly rule: string;

  constructor(url: string, rule: string) {
    super(`Invalid object store address '${url}': ${rule}. Use 'file:DIRECTORY' or 's3://bucket/prefix?endpoint=…&region=…'.`);
    this.url = url;
    this.rule = rule;
  }
}
