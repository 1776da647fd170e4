/** What pages and streams below `/v1/` are asked with. */
import { Type } from "typebox";

/** Where a page or a stream goes on; clients send back what they got and do not look inside. */
export const Cursor = Type.String({ pattern: "^[0-9]{1,15}$" });

export const afterCursor = { after: Type.Optional(Cursor) };

/** At most this many entries on a page. */
export const pageLimit = { limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 10_000, default: 1000 })) };
