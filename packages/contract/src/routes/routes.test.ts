import { describe, expect, test } from "vitest";
import { type Route, routePath } from "../route.ts";
import { computeRoutes, userRoutes } from "./index.ts";

const all: [string, Route][] = [...Object.entries(userRoutes), ...Object.entries(computeRoutes)];
const compatible = (routes: Record<string, Route>) => Object.values(routes).filter((route) => !route.path.startsWith("/v1/"));

test("the compatible APIs are declared whole", () => {
  expect(compatible(userRoutes)).toHaveLength(62);
  expect(compatible(computeRoutes)).toHaveLength(19);
});

describe.each(all)("%s", (_name, route) => {
  test("declares the parameters of its path, and no others", () => {
    const named = [...route.path.matchAll(/:([A-Za-z]+)/g)].map((match) => match[1]);
    expect(Object.keys(route.params.properties).sort()).toEqual(named.sort());
  });

  test("its permission speaks of what it has", () => {
    const { permission } = route;
    if (permission.kind === "path-keys")
      expect(Object.keys(route.params.properties)).toEqual(expect.arrayContaining([...permission.params]));
    if ("member" in permission) expect(route.body).toHaveProperty(["properties", permission.member]);
  });
});

test("no two routes of an API share method and path", () => {
  const places = all.map(([, route]) => `${route.api} ${route.method} ${route.path}`);
  expect(new Set(places).size).toBe(places.length);
});

test("a path is filled with encoded parameters, and scopes keep their wildcards", () => {
  expect(routePath(userRoutes.scopeStatus, { scope: "o-*-*" })).toBe("/scopes/o-*-*/status");
  expect(routePath(userRoutes.identityScopes, { identity: "a/b é" })).toBe("/identities/a%2Fb%20%C3%A9/scopes");
  expect(() => routePath(userRoutes.identityScopes, {})).toThrow("identity");
});
