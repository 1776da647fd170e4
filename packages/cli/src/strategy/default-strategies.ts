/** Keyed chains of strategies with their default settings, as the Python classes write them. */
export const defaultStrategies: Readonly<Record<string, string>> = {
  connectivity:
    '[["ConnectivityStrategy-ec471a54bb5e2932da7c0fb13fa69699", {"settings": {"__class__": "ConnectivityStrategySettings", "__module__": "stratocaster.strategies.connectivity", ":is_custom:": true, "decay_rate": 0.5, "cutoff": null, "max_runs": 3}, "__qualname__": "ConnectivityStrategy", "__module__": "stratocaster.strategies.connectivity", ":version:": 1}]]',
  radial:
    '[["RadialGrowthStrategy-d2f8191061f14152d7d7f8bd4ad24ed9", {"settings": {"__class__": "RadialGrowthStrategySettings", "__module__": "stratocaster.strategies.radialgrowth", ":is_custom:": true, "max_runs": 3, "candidacy_max_distance": 1, "decay_repeat_rate": 0.5, "decay_distance_rate": 0.5}, "__qualname__": "RadialGrowthStrategy", "__module__": "stratocaster.strategies.radialgrowth", ":version:": 1}]]',
  uncertainty:
    '[["UncertaintyStrategy-00b79423fbbdb37edff3973d8d2a44b5", {"settings": {"__class__": "UncertaintyStrategySettings", "__module__": "alchemiscale_strategies", ":is_custom:": true, "target_error": 0.25, "max_runs": 10, "batch": null, "criterion": "ligands", "prior_spread": 0.5, "prior_solvent_spread": 0.2, "prior_results": 3.0, "ligand_spread": 2.0}, "__qualname__": "UncertaintyStrategy", "__module__": "alchemiscale_strategies", ":version:": 1}]]',
  criticality:
    '[["CriticalityStrategy-d313899d454327f682f48e7181ffef7d", {"settings": {"__class__": "CriticalityStrategySettings", "__module__": "alchemiscale_strategies", ":is_custom:": true, "bridge_runs": 3, "cut_vertex_runs": 2, "other_runs": 1, "decay_rate": 0.5}, "__qualname__": "CriticalityStrategy", "__module__": "alchemiscale_strategies", ":version:": 1}]]',
  score:
    '[["MappingScoreStrategy-ac7d82f07ba625a01d06cb419cbf9662", {"settings": {"__class__": "MappingScoreStrategySettings", "__module__": "alchemiscale_strategies", ":is_custom:": true, "max_runs": 3, "decay_rate": 0.5, "missing_score": 0.5, "minimum_score": 0.0, "share_of_best": 0.5}, "__qualname__": "MappingScoreStrategy", "__module__": "alchemiscale_strategies", ":version:": 1}]]',
  closure:
    '[["CycleClosureStrategy-beb9c1f6cb573b3f0dd6701507c7c957", {"settings": {"__class__": "CycleClosureStrategySettings", "__module__": "alchemiscale_strategies", ":is_custom:": true, "tolerance": 0.5, "longest_cycle": 5, "max_runs": 5, "decay_rate": 0.5, "prior_spread": 0.5, "prior_solvent_spread": 0.2, "prior_results": 3.0}, "__qualname__": "CycleClosureStrategy", "__module__": "alchemiscale_strategies", ":version:": 1}]]',
};
