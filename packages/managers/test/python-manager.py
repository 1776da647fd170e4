"""A manager of the Python package that only notes what it is asked to start. Arguments: JSON of both settings."""

import json
import sys

from alchemiscale.compute.manager import ComputeManager
from alchemiscale.compute.settings import ComputeManagerSettings, ComputeServiceSettings
from alchemiscale.models import Scope


class NotingManager(ComputeManager):
    def create_compute_services(self, data, *target):
        print(json.dumps({"num_tasks": data["num_tasks"], "services": [str(s) for s in data["compute_service_ids"]]}), flush=True)
        if values["fails"]:
            raise RuntimeError("the queue is closed")
        return 1


values = json.loads(sys.argv[1])
service = dict(values["service"])
service["scopes"] = [Scope.from_str(scope) for scope in service["scopes"]]
manager = NotingManager(ComputeManagerSettings(**values["manager"]), ComputeServiceSettings(**service))
try:
    manager.start(max_cycles=2)
except RuntimeError as error:
    print(json.dumps({"raised": str(error)}))
