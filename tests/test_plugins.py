"""Plugins: found afresh, chosen by name, and told apart by where they come from."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path
from textwrap import dedent
from types import SimpleNamespace
from typing import Any, Final

import pytest

from clientportal import embedded
from clientportal.domain.actors import Actor, Capacity
from clientportal.domain.ids import PracticeId, StaffId
from clientportal.domain.practices import MessagingPolicy, PolicySince
from clientportal.embedded.files import FolderFiles, MemoryFiles
from clientportal.embedded.keys import DevelopmentKeys
from clientportal.embedded.mail import FolderMailer, MemoryMailer
from clientportal.embedded.memory import MemoryStorage
from clientportal.errors import ConfigurationError
from clientportal.parts import Parts, open_portal
from clientportal.plugins import Plugins, discover
from clientportal.policies.correspondence import WritingFacts
from clientportal.policies.extra import ExtraRule, narrowed
from clientportal.policies.messaging import AUTO_CLOSED, MAY_REPLY
from clientportal.portal import Portal
from clientportal.ports.files import Files
from clientportal.ports.hookspecs import Adapter, Heard, Subscriber, hookimpl
from clientportal.ports.keys import Keys
from clientportal.ports.mail import Mailer
from clientportal.ports.storage import Storage
from clientportal.receipts import Published
from clientportal.security.passwords import Argon2Parameters

CHEAP: Final = Argon2Parameters(memory=8, passes=1, lanes=1)


def plugin(*names: str, subscribers: Iterable[Subscriber] = ()) -> object:
    """A plugin with mailers of those names."""

    @hookimpl
    def clientportal_adapters() -> list[Adapter[Any]]:
        return [Adapter(Mailer, name, lambda _: MemoryMailer()) for name in names]

    @hookimpl
    def clientportal_subscribers() -> Iterable[Subscriber]:
        return subscribers

    return SimpleNamespace(
        clientportal_adapters=clientportal_adapters,
        clientportal_subscribers=clientportal_subscribers,
    )


def offered(plugins: Plugins) -> set[tuple[str, str]]:
    """The port and name of everything that is installed."""
    return {(adapter.port.__name__, adapter.name) for _, adapter in plugins.adapters}


def test_what_comes_with_the_library_is_found() -> None:
    """The library's own adapters register through the same hooks as all others."""
    assert offered(discover()) >= {
        ("Storage", "memory"),
        ("Mailer", "folder"),
        ("Mailer", "memory"),
        ("Mailer", "smtp"),
        ("Files", "folder"),
        ("Files", "memory"),
        ("Keys", "development"),
        ("Calendars", "icalendar"),
    }


def test_nothing_is_kept_between_discoveries() -> None:
    """Each discovery starts afresh; there is no global."""
    assert offered(discover(entry_points=False, extra=[plugin("a")])) == {("Mailer", "a")}
    assert offered(discover(entry_points=False)) == set()


def test_an_adapter_is_chosen_by_port_and_name() -> None:
    """The same name may serve several ports."""
    plugins = discover()
    assert isinstance(plugins.choose(Mailer, "memory").build({}), MemoryMailer)
    assert isinstance(plugins.choose(Files, "memory").build({}), MemoryFiles)
    assert plugins.choose(Storage, "memory").port is Storage


def test_an_unknown_name_lists_what_there_is() -> None:
    """Who asks for what is not installed learns what is, and from which distribution."""
    with pytest.raises(ConfigurationError) as caught:
        discover().choose(Mailer, "pigeon")
    assert caught.value.code == "unknown_adapter"
    assert "no mailer `pigeon`" in caught.value.advice
    assert "`folder` (clientportal)" in caught.value.advice
    assert "`smtp` (clientportal-smtp)" in caught.value.advice
    assert "sqlite" not in caught.value.advice


def test_nothing_installed_is_said_as_well() -> None:
    """Where there is no adapter of a port at all, the answer says none."""
    with pytest.raises(ConfigurationError, match="there is none"):
        discover(entry_points=False).choose(Keys, "development")


def test_a_name_that_two_give_is_refused() -> None:
    """Which of two is meant nobody can know: the distributions are named."""
    plugins = discover(extra=[plugin("folder", "own")])
    with pytest.raises(ConfigurationError) as caught:
        plugins.choose(Mailer, "folder")
    assert caught.value.code == "duplicate_adapter"
    assert "clientportal and given by the caller" in caught.value.advice
    assert plugins.choose(Mailer, "own").name == "own"


def test_subscribers_are_found() -> None:
    """Who wants to hear of events is offered by the second hook (OUT-1)."""
    heard: list[Heard] = []
    all_, some = (
        Subscriber(name="all", hear=heard.append),
        Subscriber(name="some", hear=heard.append, events=frozenset({"invite.sent"})),
    )
    found = discover(entry_points=False, extra=[plugin(subscribers=[all_, some])]).subscribers
    assert found == (all_, some)
    assert [each.wants("invite.sent") for each in found] == [True, True]
    assert [each.wants("message.sent") for each in found] == [True, False]
    event = Heard(
        practice_id=PracticeId("prc_1"), position=1, event=Published(name="a.b", body="{}")
    )
    found[0].hear(event)
    assert heard == [event]


def test_a_misspelt_hook_of_ones_own_is_refused() -> None:
    """A hook that nobody would ever call is a mistake, said at once."""

    @hookimpl
    def clientportal_adaptors() -> list[Adapter[Any]]:
        return []

    given = SimpleNamespace(clientportal_adaptors=clientportal_adaptors)
    with pytest.raises(ConfigurationError, match="broken_plugin") as caught:
        discover(entry_points=False, extra=[given])
    assert "clientportal_adaptors" in str(caught.value.__cause__)


@pytest.mark.parametrize("result", [[5], 5, None, ["folder"]])
def test_a_hook_that_gives_something_else_is_left_out(result: Any) -> None:
    """What is no adapter is not taken for one; the others stay."""

    @hookimpl
    def clientportal_adapters() -> Any:
        return result

    given = SimpleNamespace(clientportal_adapters=clientportal_adapters)
    with pytest.warns(RuntimeWarning, match="left out: TypeError"):
        plugins = discover(entry_points=False, extra=[given, plugin("a")])
    assert offered(plugins) == {("Mailer", "a")}


def ruling(*rules: Any) -> object:
    """A plugin that offers these as a practice's own rules."""

    @hookimpl
    def clientportal_rules() -> Iterable[Any]:
        return rules

    return SimpleNamespace(clientportal_rules=clientportal_rules)


def said_of(plugins: Plugins) -> list[str]:
    """What the rules of *plugins* say of an attempt that nothing speaks against."""
    at, here = datetime(2026, 3, 2, 14, tzinfo=UTC), PracticeId("prc_1")
    actor = Actor(practice_id=here, capacity=Capacity.STAFF, staff_id=StaffId("stf_1"))
    since = (PolicySince(MessagingPolicy.REPLY_ONLY, at),)
    facts = WritingFacts(actor=actor, policies=since, clients={}, staff={})
    return [narrowed(MAY_REPLY, facts, at, (each,)).reason.code for each in plugins.rules]


def test_rules_are_found_and_reach_the_portal() -> None:
    """MSG-1: a practice's own rules come by the third hook, in order, and into every portal."""
    quiet = ExtraRule(name="quiet", judge=lambda _, __: None)
    closed = ExtraRule(name="closed", judge=lambda _, __: AUTO_CLOSED)
    plugins = discover(entry_points=False, extra=[plugin("a"), ruling(quiet), ruling(closed)])
    assert plugins.rules == (quiet, closed)
    assert said_of(plugins) == ["may_reply", "auto_closed"]
    whole = discover(extra=[ruling(quiet)])
    assert open_portal("memory:", argon2=CHEAP, plugins=whole).rules == (quiet,)
    assert open_portal("memory:", argon2=CHEAP).rules == ()
    assert "judge" not in repr(plugins)


def torn() -> Iterable[ExtraRule]:
    """Gives one rule and breaks before the next."""
    yield ExtraRule(name="quiet", judge=lambda _, __: None)
    raise ValueError


@pytest.mark.parametrize(
    "gives",
    [lambda: [5], lambda: None, lambda: [lambda _, __: None], torn],
    ids=["a number", "nothing", "a function", "half"],
)
def test_a_rule_that_cannot_be_had_denies(gives: Any) -> None:
    """MSG-1: what gives no rules, or breaks giving them, must not open a door; it is told."""

    @hookimpl
    def clientportal_rules() -> Any:
        return gives()

    given = SimpleNamespace(clientportal_rules=clientportal_rules)
    with pytest.warns(RuntimeWarning, match="left out"):
        plugins = discover(entry_points=False, extra=[given, plugin("a")])
    assert said_of(plugins) == ["extra_rule_failed"]
    assert offered(plugins) == {("Mailer", "a")}


def test_a_broken_adapter_denies_nothing() -> None:
    """What breaks while offering adapters was loaded, so its rules are known: there are none."""

    @hookimpl
    def clientportal_adapters() -> list[Adapter[Any]]:
        raise ValueError

    given = SimpleNamespace(clientportal_adapters=clientportal_adapters)
    with pytest.warns(RuntimeWarning, match="left out"):
        assert discover(entry_points=False, extra=[given]).rules == ()


def install(folder: Path, module: str, code: str, group: str = "clientportal") -> None:
    """Put a distribution with one plugin of a *group* into *folder*."""
    (folder / f"{module}.py").write_text(dedent(code))
    described = folder / f"{module}-1.0.dist-info"
    described.mkdir()
    (described / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {module}-dist\nVersion: 1\n")
    (described / "entry_points.txt").write_text(f"[{group}]\n{module} = {module}\n")


def run(folder: Path, code: str) -> subprocess.CompletedProcess[str]:
    """Run *code* where *folder* is installed."""
    return subprocess.run(
        [sys.executable, "-c", dedent(code)],
        env=os.environ | {"PYTHONPATH": str(folder)},
        capture_output=True,
        text=True,
        check=False,
    )


BREAKING: Final = {
    "import": "import a_module_that_is_not_there",
    "raise": "raise ValueError('first cause')",
    "hook": """
        from clientportal.ports.hookspecs import hookimpl
        @hookimpl
        def clientportal_adapters():
            raise ValueError('first cause')
    """,
    "misspelt": """
        from clientportal.ports.hookspecs import hookimpl
        @hookimpl
        def clientportal_adaptors():
            return []
    """,
}


@pytest.mark.parametrize("how", BREAKING)
def test_a_broken_plugin_that_nobody_asked_for_is_a_warning(how: str, tmp_path: Path) -> None:
    """It is named with its distribution; everything else works."""
    install(tmp_path, "pigeons", BREAKING[how])
    done = run(
        tmp_path,
        """
        from clientportal.plugins import discover
        from clientportal.ports.mail import Mailer
        print(discover().choose(Mailer, "folder").name)
        """,
    )
    assert done.stdout == "folder\n"
    assert "RuntimeWarning: plugin `pigeons` of pigeons-dist is left out" in done.stderr


@pytest.mark.parametrize("how", BREAKING)
def test_a_broken_plugin_that_is_asked_for_tells_its_cause(how: str, tmp_path: Path) -> None:
    """Who asks for it by name learns what broke it, from the first cause on."""
    install(tmp_path, "pigeons", BREAKING[how])
    install(tmp_path, "doves", "raise KeyError('another')")
    done = run(
        tmp_path,
        """
        import warnings; warnings.simplefilter("ignore")
        from clientportal.errors import ConfigurationError
        from clientportal.plugins import discover
        from clientportal.ports.mail import Mailer
        try:
            discover().choose(Mailer, "pigeons")
        except ConfigurationError as error:
            print(error.code, error.advice, type(error.__cause__).__name__)
        """,
    )
    assert done.stdout.startswith("broken_plugin no mailer `pigeons`; could not load `pigeons`")
    assert "`doves` (doves-dist)" in done.stdout
    assert done.stdout.split()[-1] != "KeyError"
    assert done.stderr == ""


WITH_RULES: Final = {
    "import": "import a_module_that_is_not_there",
    "exit": "raise SystemExit",
    "misspelt": """
        from clientportal.ports.hookspecs import hookimpl
        @hookimpl
        def clientportal_rulez():
            return []
    """,
    "hook": """
        from clientportal.ports.hookspecs import hookimpl
        @hookimpl
        def clientportal_rules():
            raise ValueError('first cause')
    """,
}


@pytest.mark.parametrize("how", WITH_RULES)
def test_an_installed_plugin_that_cannot_be_loaded_denies(how: str, tmp_path: Path) -> None:
    """MSG-1: nobody can know what its rules would say: nobody writes until it is mended or gone."""
    install(tmp_path, "hours", WITH_RULES[how], "clientportal.rules")
    done = run(
        tmp_path,
        """
        import warnings; warnings.simplefilter("ignore")
        from clientportal.plugins import discover
        (rule,) = discover().rules
        print(rule.name, rule.judge(None, None).reason.code)
        """,
    )
    assert done.stdout == "hours extra_rule_failed\n"


@pytest.mark.parametrize("how", ["import", "exit", "misspelt"])
def test_a_broken_plugin_of_another_kind_denies_nothing(how: str, tmp_path: Path) -> None:
    """MSG-1: whoever named no rules had none: a warning, and everybody goes on writing."""
    install(tmp_path, "doves", WITH_RULES[how])
    done = run(tmp_path, "from clientportal.plugins import discover; print(discover().rules)")
    assert (done.stdout, "doves-dist" in done.stderr) == ("()\n", True)


def test_importing_finds_nothing() -> None:
    """Entry points are looked up by `discover`, never on import."""
    code = """
        import sys
        import clientportal.plugins
        print("clientportal_smtp" in sys.modules, "cryptography" in sys.modules)
    """
    done = subprocess.run(
        [sys.executable, "-c", dedent(code)], capture_output=True, text=True, check=True
    )
    assert done.stdout == "False False\n"


def test_a_portal_opens_in_memory(tmp_path: Path) -> None:
    """`memory:` needs nothing on the disk."""
    assert isinstance(open_portal("memory:"), Portal)
    parts = Parts(url="memory:", argon2=CHEAP)
    assert isinstance(parts.mailer, MemoryMailer)
    assert isinstance(parts.workshop.files, MemoryFiles)
    assert parts.portal.storage is parts.storage
    assert parts.portal.workshop is parts.workshop
    assert list(tmp_path.iterdir()) == []


def test_parts_lie_beside_the_database(tmp_path: Path) -> None:
    """Folders and keys are named after the database file, unless named otherwise."""
    url = f"sqlite:///{tmp_path}/riverside.db"
    parts = Parts(url=url, argon2=CHEAP)
    assert parts.mailer == FolderMailer(tmp_path / "riverside-mail")
    assert parts.workshop.files == FolderFiles(tmp_path / "riverside-files")
    assert (tmp_path / "riverside.keys.json").exists()
    named = Parts(
        url=url,
        argon2=CHEAP,
        mail=f"folder:{tmp_path}/post",
        files={"url": "folder:", "path": f"{tmp_path}/cellar"},
        keys=f"development:{tmp_path}/ring.json",
    )
    assert named.mailer == FolderMailer(tmp_path / "post")
    assert named.workshop.files == FolderFiles(tmp_path / "cellar")
    assert isinstance(named.workshop.keys, DevelopmentKeys)
    assert (tmp_path / "ring.json").exists()


#: Storages with no file of their own on this machine, or none that its URL names.
ELSEWHERE: Final = (
    "postgresql://olga:secret@db.example/riverside",
    "postgresql:///riverside",
    "sqlite://olga:secret@db.example/riverside.db",
    "sqlite:///:memory:",
    "sqlite://",
    "memory:",
)


@pytest.mark.parametrize("url", ELSEWHERE)
def test_only_an_sqlite_file_has_something_beside_it(url: str) -> None:
    """Who signs in to a database, and where, becomes no path on this machine, and no repr."""

    @hookimpl
    def clientportal_adapters() -> list[Adapter[Any]]:
        own = [each for each in embedded.clientportal_adapters() if each.port is not Storage]
        return [*own, Adapter(Storage, url.partition(":")[0], lambda _: MemoryStorage())]

    given = SimpleNamespace(clientportal_adapters=clientportal_adapters)
    plugins = discover(entry_points=False, extra=[given])
    first, again = (Parts(url=url, argon2=CHEAP, plugins=plugins) for _ in range(2))
    assert isinstance(first.mailer, MemoryMailer)
    assert isinstance(first.workshop.files, MemoryFiles)
    assert first.workshop.keys.signing("invite") != again.workshop.keys.signing("invite")
    assert "secret" not in repr(first)


def test_the_same_keys_are_found_again(tmp_path: Path) -> None:
    """A portal opened again signs and opens what the first one did."""
    url = f"sqlite:///{tmp_path}/riverside.db"
    first, again = Parts(url=url, argon2=CHEAP), Parts(url=url, argon2=CHEAP)
    assert first.workshop.keys.signing("invite") == again.workshop.keys.signing("invite")


def test_an_unknown_storage_is_told(tmp_path: Path) -> None:
    """A URL whose scheme nobody knows names what there is."""
    with pytest.raises(ConfigurationError, match="no storage `oracle`"):
        open_portal(f"oracle://{tmp_path}")


def test_fresh_ids_differ(tmp_path: Path) -> None:
    """Ids are UUIDs of version 7 by the portal's clock and randomness."""
    parts = Parts(url="memory:", argon2=CHEAP)
    ids = [parts.new_id() for _ in range(1000)]
    assert len(set(ids)) == 1000
    assert {len(each) for each in ids} == {32}
    assert {each[12] for each in ids} == {"7"}
