"""A stand-in for the Python server's state store: its methods, as far as tests of clients call them, over a state store of ours.

Speaks to `store-program.ts` beside this file. What a test asks the database itself in Cypher is recognised by what it
names; a question that is not recognised is a NotImplementedError, which fails the test.
"""

from __future__ import annotations

import datetime
import json
import os
import pathlib
import re
import subprocess
import threading
from functools import lru_cache
from types import SimpleNamespace

from alchemiscale.models import Scope, ScopedKey
from alchemiscale.storage.models import ProtocolDAGResultRef, Task, TaskStatusEnum
from gufe.tokenization import JSON_HANDLER, GufeTokenizable, KeyedChain

PROGRAM = pathlib.Path(__file__).parent / "store-program.ts"
EPOCH = datetime.datetime(1970, 1, 1, tzinfo=datetime.UTC)
ACTOR = {"reason": "test"}
EVERYWHERE = Scope()

# The codes of statuses in the database, in their order.
STATUSES = ["waiting", "running", "complete", "error", "invalid", "deleted"]


class StoreProgramError(Exception):
    pass


class StoreProgram:
    """The Node process that holds the store and serves the APIs; one in a process of pytest."""

    _instance: StoreProgram | None = None

    @classmethod
    def instance(cls) -> StoreProgram:
        if cls._instance is None:
            cls._instance = cls()
        return cls._instance

    @classmethod
    def end(cls) -> None:
        if cls._instance is not None:
            process = cls._instance._process
            cls._instance = None
            process.stdin.close()
            process.wait(timeout=60)

    def __init__(self) -> None:
        # A test may change the environment; the store and its servers start from the one that was there first.
        self._process = subprocess.Popen(
            [os.environ["ALCHEMISCALE_TEST_NODE"], str(PROGRAM)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            encoding="utf-8",
        )
        self._owner = os.getpid()
        self._turn = threading.Lock()

    def ask(self, name: str, **request):
        if os.getpid() != self._owner:
            raise StoreProgramError("a forked process has no access to the store")
        with self._turn:
            self._process.stdin.write(json.dumps({"do": name, **request}) + "\n")
            self._process.stdin.flush()
            line = self._process.stdout.readline()
        if line == "":
            raise StoreProgramError(f"the store program has ended with {self._process.wait()}")
        reply = json.loads(line)
        if "error" in reply:
            raise StoreProgramError(f"{name}: {reply['error']['name']}: {reply['error']['message']}")
        return reply["ok"]

    def call(self, operation: str, *arguments):
        return self.ask("call", operation=operation, input=arguments)

    def rows(self, sql: str, *values) -> list[dict]:
        return self.ask("rows", sql=sql, values=values)


def key_of(text: str | None) -> ScopedKey | None:
    return None if text is None else ScopedKey.from_str(text)


def texts(keys) -> list[str | None]:
    return [None if key is None else str(key) for key in keys]


def instant(microseconds: int) -> datetime.datetime:
    return EPOCH + datetime.timedelta(microseconds=microseconds)


@lru_cache(maxsize=8)
def chain_text(network) -> str:
    """Fixtures submit the same networks before every test."""
    return json.dumps(KeyedChain.gufe_to_keyed_chain_rep(network), cls=JSON_HANDLER.encoder)


class Node(dict):
    """A record of the database with labels, as a graph database gives it."""

    def __init__(self, label: str, **properties) -> None:
        super().__init__(properties)
        self.labels = {label}


class StoreProxy:
    """Called like the Python server's `Neo4jStore`."""

    def __init__(self, settings=None) -> None:
        self._program = StoreProgram.instance()
        # What holds a connection of its own there is the store itself here.
        self.graph = self

    def close(self) -> None:
        """The program is the session's, and ends with it."""

    def initialize(self) -> None:
        """A store that was reset is ready."""

    def reset(self) -> None:
        self._program.ask("reset")

    # --- objects ---

    def assemble_network(self, network, scope: Scope, state="active"):
        keys = self._program.ask("submit", chain=chain_text(network), scope=str(scope), state=getattr(state, "value", state))
        return tuple(map(key_of, keys))

    def check_existence(self, key: ScopedKey) -> bool:
        return self._program.call("objects.exists", str(key))

    def get_scoped_key(self, thing: GufeTokenizable, scope: Scope) -> ScopedKey:
        key = ScopedKey(gufe_key=thing.key, **scope.to_dict())
        if not self.check_existence(key):
            raise KeyError("No such object in database")
        return key

    def get_gufe(self, key: ScopedKey):
        if key.qualname == "ProtocolDAGResultRef":
            found = self._program.call("results.get", str(key))
            return ProtocolDAGResultRef(
                location=found["location"],
                obj_key=found["resultKey"],
                scope=key.scope,
                ok=found["ok"],
                datetime_created=datetime.datetime.fromisoformat(found["created"]),
                creator=found["creator"],
            )
        chain = self._program.call("objects.chain", str(key))
        if chain is None:
            raise KeyError("No such object in database")
        return KeyedChain([(link["key"], json.loads(link["text"], cls=JSON_HANDLER.decoder)) for link in chain]).to_gufe()

    def query_transformations(self, *, name=None, scope: Scope = EVERYWHERE):
        request = {"scopes": [str(scope)]} | ({} if name is None else {"name": name})
        return [key_of(key) for key in self._program.call("networks.queryTransformations", request)]

    def set_network_state(self, networks, states):
        return [key_of(key) for key in self._program.call("networks.setStates", texts(networks), states, ACTOR)]

    # --- identities ---

    def create_credentialed_entity(self, entity) -> None:
        self._program.ask(
            "identity",
            type="compute" if "Compute" in type(entity).__name__ else "user",
            identifier=entity.identifier,
            hashedKey=entity.hashed_key,
            scopes=entity.scopes,
        )

    # --- tasks ---

    def create_tasks(self, transformations, extends=None, creator=None):
        extended = None if extends is None else texts(extends)
        return [key_of(key) for key in self._program.call("tasks.create", texts(transformations), extended, creator, ACTOR)]

    def create_task(self, transformation, extends=None, creator=None):
        return self.create_tasks([transformation], None if extends is None else [extends], creator)[0]

    def query_tasks(self, *, status=None, scope: Scope = EVERYWHERE):
        request = {"scopes": [str(scope)]} | ({} if status is None else {"status": status})
        return [key_of(key) for key in self._program.call("tasks.query", request)]

    def get_transformation_tasks(self, transformation, extends=None, return_as="list", status=None):
        if return_as != "list":
            raise NotImplementedError("only a list")
        asked = ({} if extends is None else {"extends": str(extends)}) | ({} if status is None else {"status": status})
        return [key_of(found["task"]) for found in self._program.call("tasks.ofTransformation", str(transformation), asked)]

    def get_task_transformation(self, task, return_gufe=True):
        found = self._program.call("results.forExecution", str(task))
        extended = found["extended"]
        keys = (key_of(found["transformation"]), None if extended is None else key_of(extended["ref"]))
        return tuple(None if key is None else self.get_gufe(key) for key in keys) if return_gufe else keys

    def get_task_status(self, tasks):
        found = self._program.call("tasks.getStatuses", texts(tasks))
        return [None if status is None else TaskStatusEnum(status) for status in found]

    def set_task_status(self, tasks, status, raise_error=False):
        status = getattr(status, "value", status)
        return [key_of(key) for key in self._program.call("tasks.setStatuses", texts(tasks), status, ACTOR)]

    def set_task_complete(self, tasks, raise_error=False):
        return self.set_task_status(tasks, "complete")

    def set_task_error(self, tasks, raise_error=False):
        return self.set_task_status(tasks, "error")

    def get_task_priority(self, tasks):
        return self._program.call("tasks.getPriorities", texts(tasks))

    def set_task_priority(self, tasks, priority: int):
        return [key_of(key) for key in self._program.ask("prioritize", tasks=texts(tasks), priority=priority)]

    # --- hubs ---

    def _hubs(self) -> list[dict]:
        return self._program.call("hubs.query", {"scopes": ["*-*-*"]})

    def _network_of(self, hub: ScopedKey) -> str:
        return next(found["network"] for found in self._hubs() if found["hub"] == str(hub))

    def get_taskhub(self, network: ScopedKey) -> ScopedKey:
        return next(key_of(found["hub"]) for found in self._hubs() if found["network"] == str(network))

    def get_taskhub_weight(self, networks):
        return self._program.call("networks.getWeights", texts(networks))

    def set_taskhub_weight(self, networks, weights):
        return [key_of(key) for key in self._program.call("networks.setWeights", texts(networks), weights, ACTOR)]

    def action_tasks(self, tasks, hub: ScopedKey):
        found = self._program.call("hubs.action", self._network_of(hub), texts(tasks), None, ACTOR)
        return [key_of(key) for key in found]

    def get_task_weights(self, tasks, hub: ScopedKey):
        weights = self._program.call("hubs.actionedTasks", [self._network_of(hub)])[0]
        return [weights.get(str(task)) for task in tasks]

    def get_taskhub_tasks(self, hub: ScopedKey, return_gufe=False):
        keys = [key_of(key) for key in self._program.call("hubs.actionedTasks", [self._network_of(hub)])[0]]
        if not return_gufe:
            return keys
        described = zip(keys, self.get_task_status(keys), self.get_task_priority(keys))
        return {key: Task(status=status, priority=priority, _key=key.gufe_key) for key, status, priority in described}

    def get_taskhub_unclaimed_tasks(self, hub: ScopedKey):
        claimed = {f"Task-{row['token']}" for row in self._program.rows("select token from task where service is not null")}
        return [key for key in self.get_taskhub_tasks(hub) if str(key.gufe_key) not in claimed]

    # --- results ---

    def set_task_result(self, task: ScopedKey, protocoldagresultref: ProtocolDAGResultRef) -> ScopedKey:
        ref, created = protocoldagresultref, protocoldagresultref.datetime_created
        return key_of(
            self._program.call(
                "results.report",
                {
                    "task": str(task),
                    "service": ref.creator or "None",
                    "resultKey": str(ref.obj_key),
                    "ok": ref.ok,
                    "location": ref.location,
                    "created": created.isoformat(),
                    "failures": [],
                    "actor": ACTOR,
                },
            )
        )

    # --- strategies ---

    def get_network_strategy(self, network: ScopedKey):
        found = self._program.call("strategies.get", str(network))
        return None if found is None else self.get_gufe(key_of(found["strategy"]))

    def update_strategy_state(self, network: ScopedKey, state) -> None:
        found = self._program.call("strategies.get", str(network))
        changed = found["state"] | {"status": state.status.value, "iterations": state.iterations}
        if not self._program.call(
            "strategies.updateState", str(network), found["strategy"], found["state"]["iterations"], changed
        ):
            raise KeyError(f"{network} has another strategy")

    # --- the database itself ---

    def execute_query(self, query: str, parameters_=None, database_=None, **parameters):
        return SimpleNamespace(records=self._answer(query, {**(parameters_ or {}), **parameters}))

    def _answer(self, query: str, parameters: dict) -> list[dict]:
        names = set(re.findall(r"\b[A-Za-z_]+\b", query))
        writes = "SET" in names
        if "NetworkMark" in names and not writes:
            networks = parameters.get("networks") or [parameters["network"]]
            return [{"state": state} for state in self._program.call("networks.getStates", networks)]
        if "TaskRestartPattern" in names and not writes:
            found = self._program.call("restarts.get", [parameters["network_scoped_key"]])[0]
            return [{"trp": Node("TaskRestartPattern", pattern=pattern["pattern"])} for pattern in found]
        if "EXTENDS" in names and not writes:
            return self._extended(re.findall(r"Task-[0-9a-f]{32}-\w+-\w+-\w+", query))
        if "ComputeManagerRegistration" in names:
            return self._managers(query, parameters, writes)
        if "failure_times" in names and writes:
            return self._add_failures(parameters)
        if "CLAIMS" in names and not writes:
            service = re.search(r"identifier: '([^']+)'", query)[1]
            rows = self._program.rows(
                "select token from task where service = (select id from service where identifier = ?)", service
            )
            return [{"t": Node("Task", token=row["token"])} for row in rows]
        if "ComputeServiceRegistration" in names and not writes:
            found = self._program.call("services.get", re.search(r"identifier: '([^']+)'", query)[1])
            if found is None:
                return []
            times = {name: instant(found[name]) for name in ("registered", "heartbeat")}
            return [{"csreg": Node("ComputeServiceRegistration", **times)}]
        if "ProtocolDAGResultRef" in names and not writes:
            rows = self._program.rows("select token, ok from result")
            return [{"pdr": Node("ProtocolDAGResultRef", ok=row["ok"] == 1)} for row in rows]
        if (status := re.search(r"\(t:Task \{status: '(\w+)'\}\)", query)) and not writes:
            rows = self._program.rows("select token from task where status = ?", STATUSES.index(status[1]))
            return [{"t": Node("Task", token=row["token"])} for row in rows]
        raise NotImplementedError(f"a question to the database that has no counterpart here: {query}")

    def _extended(self, tasks: list[str]) -> list[dict]:
        sql = """
        select e.token as token, s.text as scope from task t join task e on e.id = t.extends join scope s on s.id = e.scope
        where t.token = ?"""
        rows = [row for task in tasks for row in self._program.rows(sql, task.split("-")[1])]
        return [{"original_task": f"Task-{row['token']}-{row['scope']}"} for row in rows]

    def _managers(self, query: str, parameters: dict, writes: bool) -> list[dict]:
        if writes:
            if "cmr.uuid = $new_uuid" not in query:
                raise NotImplementedError(query)
            self._program.rows("update manager set uuid = ?", parameters["new_uuid"])
            return []
        rows = self._program.rows("select name, uuid, status, detail, saturation from manager")
        rows = [row for row in rows if parameters.get("name") in (None, row["name"])]
        if 'status: "ERROR"' in query:
            rows = [row for row in rows if row["status"] == "ERROR"]
        if "AS status" in query:
            return rows
        return [{"cmr": Node("ComputeManagerRegistration", **row)} for row in rows]

    def _add_failures(self, parameters: dict) -> list[dict]:
        """As many failures as times are given (one without any), now, for the service named or for all."""
        for _ in parameters.get("failure_times", [None]):
            self._program.rows(
                "insert into service_failure (service, at) select id, cast(? as bigint) from service where ? in (identifier, '')",
                int((datetime.datetime.now(tz=datetime.UTC) - EPOCH) / datetime.timedelta(microseconds=1)),
                parameters.get("compute_service_id", ""),
            )
        return []
