/** Which objects belong to which (user-api §5.3); an unknown one has no relations. */
import type { userRoutes } from "@alchemiscale/contract";
import type { Handler } from "../../transport/handler.ts";

export const networkTransformations: Handler<typeof userRoutes.networkTransformations> = ({ context, params }) =>
  context.stateStore.networks.transformationsOf(params.network);

export const networkChemicalSystems: Handler<typeof userRoutes.networkChemicalSystems> = ({ context, params }) =>
  context.stateStore.networks.chemicalSystemsOf(params.network);

export const transformationNetworks: Handler<typeof userRoutes.transformationNetworks> = ({ context, params }) =>
  context.stateStore.networks.networksOfTransformation(params.transformation);

export const transformationChemicalSystems: Handler<typeof userRoutes.transformationChemicalSystems> = ({ context, params }) =>
  context.stateStore.networks.chemicalSystemsOfTransformation(params.transformation);

export const chemicalSystemNetworks: Handler<typeof userRoutes.chemicalSystemNetworks> = ({ context, params }) =>
  context.stateStore.networks.networksOfChemicalSystem(params.chemicalsystem);

export const chemicalSystemTransformations: Handler<typeof userRoutes.chemicalSystemTransformations> = ({ context, params }) =>
  context.stateStore.networks.transformationsOfChemicalSystem(params.chemicalsystem);

export const taskNetworks: Handler<typeof userRoutes.taskNetworks> = ({ context, params }) =>
  context.stateStore.tasks.networksOf(params.task);
