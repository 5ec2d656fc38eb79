"""A violation for every check, and its innocent neighbour."""

from __future__ import annotations

from typing import Final

from attrs import frozen
from tests.architecture import budgets, checks, words
from tests.architecture.sources import CORE, Find

DOMAIN: Final = f"{CORE}domain/slots.py"
POLICY: Final = f"{CORE}policies/slots.py"
USECASE: Final = f"{CORE}usecases/slots.py"
PORT: Final = f"{CORE}ports/slots.py"
TEST: Final = "tests/test_slots.py"


@frozen
class Planted:
    """A text at a path; *guilty* says whether the check must find something in it."""

    find: Find
    text: str
    path: str = DOMAIN
    guilty: bool = True


def _function(name: str, lines: int) -> str:
    return f"def {name}():\n" + "    x = 1\n" * (lines - 1)


def _port(methods: int) -> str:
    body = "".join(f"    def m{n}(self): ...\n" for n in range(methods))
    return f"class Mail(Protocol):\n{body}"


def _flow(body: str, elsewhere: str = "") -> str:
    return f"class Send:\n    def flow(self, context):\n        {body}\n{elsewhere}"


PLANTED: Final = (
    Planted(checks.ambient, "at = datetime.now(UTC)"),
    Planted(checks.ambient, "at = clock.now()"),
    Planted(checks.ambient, "clock = datetime.now"),
    Planted(checks.ambient, "at = datetime.datetime.utcnow()"),
    Planted(checks.ambient, "day = date.today()"),
    Planted(checks.ambient, "at = time.time()"),
    Planted(checks.ambient, "from time import time"),
    Planted(checks.ambient, "from uuid import uuid4"),
    Planted(checks.ambient, "name = uuid.uuid1()"),
    Planted(checks.ambient, "import random"),
    Planted(checks.ambient, "from random import choice"),
    Planted(checks.ambient, "token = secrets.token_hex()"),
    Planted(checks.ambient, "import os\nhome = os.environ"),
    Planted(checks.ambient, "from os import getenv"),
    Planted(checks.ambient, "late = at > context.now", guilty=False),
    Planted(checks.ambient, "at = self.now()", guilty=False),
    Planted(checks.ambient, "clock = datetime.now", f"{CORE}embedded/clock.py", guilty=False),
    Planted(checks.eager, "import pendulum"),
    Planted(checks.eager, "from cryptography.hazmat import primitives"),
    Planted(checks.eager, "import pluggy", f"{CORE}plugins.py"),
    Planted(checks.eager, "import pluggy", f"{CORE}ports/hookspecs.py", guilty=False),
    Planted(checks.eager, "if TYPE_CHECKING:\n    import pendulum", guilty=False),
    Planted(checks.eager, "def f():\n    import pendulum", guilty=False),
    Planted(checks.import_time, "engine.connect()"),
    Planted(checks.import_time, "for x in y:\n    z[x] = 1"),
    Planted(checks.import_time, "def f():\n    global x\n    x = 1"),
    Planted(checks.import_time, "if TYPE_CHECKING:\n    import x\nY = 1", guilty=False),
    Planted(checks.chained, "d = may_a(x) and may_b(x)"),
    Planted(checks.chained, "d = first or may_b(x)"),
    Planted(checks.chained, "d = elsewhere or decision"),
    Planted(checks.chained, "d = denied or decide(x)"),
    Planted(checks.chained, "def _fault(x) -> Decision | None: ...\nd = _fault(x) or other(x)"),
    Planted(checks.chained, "d = in_order(may_a(x), may_b(x))", guilty=False),
    Planted(checks.chained, "if may_a(x) and may_b(x):\n    y = 1"),
    Planted(checks.chained, "late = not decision or x is y", guilty=False),
    Planted(checks.chained, "if decision and x is y:\n    z = 1", guilty=False),
    Planted(checks.colour, "async def f(): return 1"),
    Planted(checks.colour, "async def arun(): return 1", f"{CORE}flows.py", guilty=False),
    Planted(checks.unfinished, "x = 1  # TODO: more"),
    Planted(checks.unfinished, "def f():\n    pass"),
    Planted(checks.unfinished, "def f():\n    ..."),
    Planted(checks.unfinished, "def f():\n    raise NotImplementedError"),
    Planted(checks.unfinished, "class P(Protocol):\n    def f(self): ...", guilty=False),
    Planted(checks.unfinished, "@overload\ndef f(): ...", guilty=False),
    Planted(checks.justified, "x = 1  # type: ignore"),
    Planted(checks.justified, "x = 1  # type: ignore[misc]"),
    Planted(checks.justified, "x = 1  # pyright: ignore - because"),
    Planted(checks.justified, "x = 1  # noqa"),
    Planted(checks.justified, "x = 1  # type: ignore[misc]  # attrs makes it", guilty=False),
    Planted(checks.justified, "x = 1  # noqa: E501", guilty=False),
    Planted(checks.private, "from clientportal.domain.slots import _grid"),
    Planted(checks.private, "from clientportal.domain.slots import grid", guilty=False),
    Planted(checks.documented, '"""M."""\ndef f(): return 1'),
    Planted(checks.documented, '"""M."""\nclass C:\n    """C."""\n    def m(self): return 1'),
    Planted(checks.documented, "x = 1"),
    Planted(checks.documented, '"""M."""\ndef _f(): return 1', guilty=False),
    Planted(checks.stated, "def test_f(): assert 1", TEST),
    Planted(checks.stated, "class TestF:\n    async def test_f(self): assert 1", TEST),
    Planted(checks.stated, 'def test_f():\n    """A rule."""', TEST, guilty=False),
    Planted(checks.honest, "from unittest.mock import Mock", TEST),
    Planted(checks.honest, "from unittest import mock", TEST),
    Planted(checks.honest, "def test_f(monkeypatch): assert 1", TEST),
    Planted(checks.honest, "time.sleep(1)", TEST),
    Planted(checks.honest, "from time import sleep", TEST),
    Planted(checks.honest, "pytest.skip()", TEST),
    Planted(checks.honest, 'pytest.skip("no such data here")', TEST, guilty=False),
    Planted(checks.decided, _flow("return Outcome(YES)"), USECASE),
    Planted(checks.decided, _flow("return may_a()") + "try:\n    x\nexcept E:\n    y", USECASE),
    Planted(checks.decided, _flow("return Outcome(may_a(facts))"), USECASE, guilty=False),
    Planted(checks.decided, _flow("return _f()", "def _f(): may_a()"), USECASE, guilty=False),
    Planted(words.empty, "class Config:\n    def parse_data(self): return 1"),
    Planted(words.empty, "x = 1", f"{CORE}utils.py"),
    Planted(words.empty, "class MailService: x = 1"),
    Planted(words.empty, "class BaseMail: x = 1"),
    Planted(words.empty, "class MailImpl: x = 1"),
    Planted(words.empty, "class ConnectionManager: x = 1"),
    Planted(words.empty, "def f(obj): return 1"),
    Planted(words.empty, "class Service: x = 1", guilty=False),
    Planted(words.empty, "class AddService: x = 1", USECASE, guilty=False),
    Planted(words.glossary, "class Invitation: x = 1"),
    Planted(words.glossary, "def f(patient_id): return 1"),
    Planted(words.glossary, 'NO = deny("thread_closed", NOUN, "MSG-5")'),
    Planted(words.glossary, "x = 1", f"{CORE}domain/chat.py"),
    Planted(words.glossary, "self.status = x.canceled\nself.is_task = 1"),
    Planted(words.glossary, "import threading\nthreading.Lock()", guilty=False),
    Planted(budgets.modules, "x = 1\n" * 301),
    Planted(budgets.modules, "x = 1\n" * 300, guilty=False),
    Planted(budgets.faces, "x = 1\n" * 61, f"{CORE}__init__.py"),
    Planted(budgets.faces, "class C: x = 1", f"{CORE}__init__.py"),
    Planted(budgets.faces, "x = 1\n" * 60, f"{CORE}__init__.py", guilty=False),
    Planted(budgets.functions, _function("f", 26)),
    Planted(budgets.functions, _function("f", 25), guilty=False),
    Planted(budgets.functions, _function("may_f", 16), POLICY),
    Planted(budgets.functions, _function("may_f", 15), POLICY, guilty=False),
    Planted(budgets.functions, _function("flow", 31), USECASE),
    Planted(budgets.functions, _function("flow", 30), USECASE, guilty=False),
    Planted(budgets.arguments, "def f(a, b, c, d, e): return 1"),
    Planted(budgets.arguments, "def f(self, a, b, c, d, *, e): return 1", guilty=False),
    Planted(budgets.ports, _port(5), PORT),
    Planted(budgets.ports, _port(4), PORT, guilty=False),
)
