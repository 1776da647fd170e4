"""The unmodified Python client sets a strategy and follows it. Prints what it has seen as a line of JSON."""

import json
import sys
import time
import urllib.request

from alchemiscale import AlchemiscaleClient, ScopedKey
from gufe.tokenization import JSON_HANDLER
from stratocaster.strategies import ConnectivityStrategy

url, identifier, key, network = sys.argv[1:]
client = AlchemiscaleClient(api_url=url, identifier=identifier, key=key)
network = ScopedKey.from_str(network)

settings = ConnectivityStrategy.default_settings()
settings.max_runs = 5
strategy = ConnectivityStrategy(settings)
client.set_network_strategy(network, strategy, max_tasks_per_transformation=2, sleep_interval=1)
same = client.get_network_strategy(network) == strategy
deadline = time.monotonic() + 40
while (state := client.get_network_strategy_state(network)).iterations == 0 and time.monotonic() < deadline:
    time.sleep(0.3)
status = client.get_network_strategy_status(network)
actioned = client.get_network_actioned_tasks(network)
client.set_network_strategy_awake(network)


def put_stack():
    """A stack with a member that this client cannot import, set as our own clients do."""
    chain = [list(entry) for entry in strategy.to_keyed_chain()]
    text = json.dumps(chain, cls=JSON_HANDLER.encoder)
    chain = json.loads(text)
    other = json.loads(text.replace("stratocaster.strategies.connectivity", "not_installed_here").replace(chain[-1][0], "ConnectivityStrategy-" + "0" * 32))
    body = json.dumps({"members": [{"strategy": other}, {"strategy": chain}], "mode": "disabled"})
    headers = {"authorization": f"Bearer {client._jwtoken}", "content-type": "application/json"}
    request = urllib.request.Request(f"{url}/v1/networks/{network}/strategy", body.encode(), headers, method="PUT")
    urllib.request.urlopen(request).read()


put_stack()
stacked = client.get_network_strategy(network) == strategy
client.set_network_strategy(network, None)
print(
    json.dumps(
        {
            "same": same,
            "executed": {"mode": state.mode.value, "status": status.value if hasattr(status, "value") else status, "exception": state.exception},
            "actioned": len(actioned) > 0,
            "stacked": stacked,
            "removed": client.get_network_strategy(network),
        }
    )
)
