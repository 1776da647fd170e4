"""Reads networks and results from standard input, and prints what the Python classes propose."""

import json
import statistics
import sys

import alchemiscale_strategies
from gufe import AlchemicalNetwork, ProtocolResult


class Results(ProtocolResult):
    """Estimates without a protocol."""

    def get_estimate(self):
        return statistics.fmean(self.data["estimates"]) if self.data["estimates"] else None

    def get_uncertainty(self):
        values = self.data["estimates"]
        return statistics.stdev(values) if len(values) > 1 else 0.0


given = json.load(sys.stdin)
answers = []
for case in given:
    network = AlchemicalNetwork.from_json(content=case["chain"])
    for results in case["results"]:
        gathered = {
            key: Results(n_protocol_dag_results=row["n"], estimates=row["estimates"])
            for key, row in results.items()
            if row["n"] is not None
        }
        answer = {}
        for name, settings in case["strategies"].items():
            strategy_class = getattr(alchemiscale_strategies, name)
            strategy = strategy_class(strategy_class._settings_cls(**settings))
            answer[name] = dict(strategy.propose(network, gathered).weights)
        answers.append(answer)
json.dump(answers, sys.stdout)
