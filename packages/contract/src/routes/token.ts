/** The login form and its answer, the same on both APIs (user-api §3). */
import { Type } from "typebox";

export const LoginForm = Type.Object({
  username: Type.String({ minLength: 1 }),
  password: Type.String({ minLength: 1 }),
  grant_type: Type.Optional(Type.String({ pattern: "^password$" })),
});

export const Token = Type.Object({ access_token: Type.String(), token_type: Type.String() });
