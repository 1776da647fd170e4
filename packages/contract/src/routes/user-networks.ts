/** The user API's routes for networks, their objects, relations, states and weights (user-api §5.2–5.5). */
import { Type } from "typebox";
import {
  bodyKeys,
  bodyScope,
  chemicalSystemParam,
  networkParam,
  pathKeys,
  scopesQueried,
  taskParam,
  transformationParam,
  userGet,
  userPost,
} from "../declare-route.ts";
import {
  KeyedChain,
  ScopedKeyInBody,
  ScopedKeyObject,
  ScopedKeyOrNull,
  ScopedKeys,
  ScopedKeysOrNulls,
  ScopeObject,
  ScopeText,
  StatusCounts,
  scopeQuery,
} from "../wire-types.ts";

const networks = Type.Array(ScopedKeyInBody);
const ofNetwork = { permission: pathKeys("network"), params: networkParam };
const ofTransformation = { permission: pathKeys("transformation"), params: transformationParam };
const ofChemicalSystem = { permission: pathKeys("chemicalsystem"), params: chemicalSystemParam };

export const userNetworkRoutes = {
  submitNetwork: userPost({
    path: "/networks",
    summary: "Submits a network into a scope",
    permission: bodyScope("scope"),
    body: Type.Object({ network: KeyedChain, scope: ScopeObject, state: Type.String() }),
    bodyKind: "chain",
    reply: ScopedKeyObject,
  }),
  queryNetworks: userGet({
    path: "/networks",
    summary: "Networks whose name and state match patterns",
    permission: scopesQueried,
    query: { name: Type.Optional(Type.String()), state: Type.Optional(Type.String()), ...scopeQuery },
    reply: ScopedKeys,
  }),
  queryTransformations: userGet({
    path: "/transformations",
    summary: "Transformations, by exact name",
    permission: scopesQueried,
    query: { name: Type.Optional(Type.String()), ...scopeQuery },
    reply: ScopedKeys,
  }),
  queryChemicalSystems: userGet({
    path: "/chemicalsystems",
    summary: "Chemical systems, by exact name",
    permission: scopesQueried,
    query: { name: Type.Optional(Type.String()), ...scopeQuery },
    reply: ScopedKeys,
  }),
  network: userGet({ path: "/networks/:network", summary: "A network with all it consists of", ...ofNetwork, reply: KeyedChain }),
  transformation: userGet({
    path: "/transformations/:transformation",
    summary: "A transformation with all it consists of",
    ...ofTransformation,
    reply: KeyedChain,
  }),
  chemicalSystem: userGet({
    path: "/chemicalsystems/:chemicalsystem",
    summary: "A chemical system with all it consists of",
    ...ofChemicalSystem,
    reply: KeyedChain,
  }),
  networkTransformations: userGet({
    path: "/networks/:network/transformations",
    summary: "The transformations of a network",
    ...ofNetwork,
    reply: ScopedKeys,
  }),
  networkChemicalSystems: userGet({
    path: "/networks/:network/chemicalsystems",
    summary: "The chemical systems of a network",
    ...ofNetwork,
    reply: ScopedKeys,
  }),
  transformationNetworks: userGet({
    path: "/transformations/:transformation/networks",
    summary: "The networks that hold a transformation",
    ...ofTransformation,
    reply: ScopedKeys,
  }),
  transformationChemicalSystems: userGet({
    path: "/transformations/:transformation/chemicalsystems",
    summary: "The chemical systems of a transformation, stateA first",
    ...ofTransformation,
    reply: ScopedKeys,
  }),
  chemicalSystemNetworks: userGet({
    path: "/chemicalsystems/:chemicalsystem/networks",
    summary: "The networks that hold a chemical system",
    ...ofChemicalSystem,
    reply: ScopedKeys,
  }),
  chemicalSystemTransformations: userGet({
    path: "/chemicalsystems/:chemicalsystem/transformations",
    summary: "The transformations from or to a chemical system",
    ...ofChemicalSystem,
    reply: ScopedKeys,
  }),
  taskNetworks: userGet({
    path: "/tasks/:task/networks",
    summary: "The networks that hold a task's transformation",
    permission: pathKeys("task"),
    params: taskParam,
    reply: ScopedKeys,
  }),
  setNetworkStates: userPost({
    path: "/bulk/networks/state/set",
    summary: "Sets the state of each network",
    permission: bodyKeys("networks"),
    body: Type.Object({ networks, states: Type.Array(Type.String()) }),
    reply: ScopedKeysOrNulls,
  }),
  getNetworkStates: userPost({
    path: "/bulk/networks/state/get",
    summary: "The state of each network",
    permission: bodyKeys("networks"),
    body: Type.Object({ networks }),
    reply: Type.Array(Type.Union([Type.String(), Type.Null()])),
  }),
  getNetworkWeight: userGet({
    path: "/networks/:network/weight",
    summary: "The weight of a network's hub",
    ...ofNetwork,
    reply: Type.Union([Type.Number(), Type.Null()]),
  }),
  setNetworkWeight: userPost({
    path: "/networks/:network/weight",
    summary: "Sets the weight of a network's hub",
    ...ofNetwork,
    body: Type.Number(),
    reply: ScopedKeyOrNull,
  }),
  getNetworkWeights: userPost({
    path: "/bulk/networks/weight/get",
    summary: "The hub weight of each network",
    permission: bodyKeys("networks"),
    body: Type.Object({ networks }),
    reply: Type.Array(Type.Union([Type.Number(), Type.Null()])),
  }),
  setNetworkWeights: userPost({
    path: "/bulk/networks/weight/set",
    summary: "Sets the hub weight of each network",
    permission: bodyKeys("networks"),
    body: Type.Object({ networks, weights: Type.Array(Type.Number()) }),
    reply: ScopedKeysOrNulls,
  }),
  scopeStatus: userGet({
    path: "/scopes/:scope/status",
    summary: "Counts of tasks by status in a scope",
    permission: scopesQueried,
    params: { scope: ScopeText },
    query: { network_state: Type.Optional(Type.String()) },
    reply: StatusCounts,
  }),
  networkStatus: userGet({
    path: "/networks/:network/status",
    summary: "Counts of tasks by status in a network",
    ...ofNetwork,
    reply: StatusCounts,
  }),
  networkStatuses: userPost({
    path: "/bulk/networks/status",
    summary: "Counts of tasks by status in each network",
    permission: bodyKeys("networks"),
    body: Type.Object({ networks }),
    reply: Type.Array(StatusCounts),
  }),
  transformationStatus: userGet({
    path: "/transformations/:transformation/status",
    summary: "Counts of tasks by status of a transformation",
    ...ofTransformation,
    reply: StatusCounts,
  }),
} as const;
