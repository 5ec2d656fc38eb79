"""Development keys: bound to their document, replaceable, private (DOC-6)."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from hashlib import shake_256
from pathlib import Path
from typing import Final

import pytest

from clientportal.domain.ids import ClientId, DocumentId, PracticeId
from clientportal.embedded.keys import DevelopmentKeys
from clientportal.errors import AdapterError, ConfigurationError, IntegrityError
from clientportal.ports.keys import Binding

KEY: Final = bytes(range(32))
MINE: Final = Binding(PracticeId("prc_1"), ClientId("cli_1"), DocumentId("doc_1"))
OTHERS: Final = {
    "document": Binding(PracticeId("prc_1"), ClientId("cli_1"), DocumentId("doc_2")),
    "client": Binding(PracticeId("prc_1"), ClientId("cli_2"), DocumentId("doc_1")),
    "practice": Binding(PracticeId("prc_2"), ClientId("cli_1"), DocumentId("doc_1")),
}


def random_of(seed: str = "") -> Callable[[int], bytes]:
    """Bytes that differ each time and are the same in each run."""
    numbers = iter(range(1_000_000))
    return lambda length: shake_256(f"{seed}{next(numbers)}".encode()).digest(length)


def test_a_wrapped_key_comes_back() -> None:
    """What was wrapped for a document unwraps for it; wrapping again looks different."""
    keys = DevelopmentKeys.in_memory(random_of())
    one, other = keys.wrap(KEY, MINE), keys.wrap(KEY, MINE)
    assert one != other
    assert keys.unwrap(one, MINE) == keys.unwrap(other, MINE) == KEY
    assert KEY not in one


@pytest.mark.parametrize("what", OTHERS)
def test_a_key_belongs_to_one_document(what: str) -> None:
    """A key moved to another document, client or practice does not unwrap."""
    keys = DevelopmentKeys.in_memory(random_of())
    with pytest.raises(IntegrityError):
        keys.unwrap(keys.wrap(KEY, MINE), OTHERS[what])


def test_no_bit_of_a_wrapped_key_may_flip() -> None:
    """A changed one is an `IntegrityError`; one that names no known secret says so."""
    keys = DevelopmentKeys.in_memory(random_of())
    whole = keys.wrap(KEY, MINE)
    for bit in range(8 * len(whole)):
        changed = bytearray(whole)
        changed[bit // 8] ^= 1 << bit % 8
        with pytest.raises((IntegrityError, AdapterError)):
            keys.unwrap(bytes(changed), MINE)
    for short in (b"", b"|", b"k1", b"k1|", whole[:20], whole + b"x"):
        with pytest.raises(IntegrityError):
            keys.unwrap(short, MINE)


def test_secrets_are_replaced_one_by_one() -> None:
    """A new secret wraps and signs from now on; what the old one closed opens while it is there."""
    old = DevelopmentKeys({"k1": bytes(32)}, random_of())
    both = DevelopmentKeys({"k2": b"\x01" * 32, "k1": bytes(32)}, random_of())
    new = DevelopmentKeys({"k2": b"\x01" * 32}, random_of())
    wrapped = old.wrap(KEY, MINE)
    assert both.unwrap(wrapped, MINE) == KEY
    assert new.unwrap(both.wrap(KEY, MINE), MINE) == KEY
    assert list(both.signing("invite")) == ["k2", "k1"]
    assert both.signing("invite")["k1"] == old.signing("invite")["k1"]
    with pytest.raises(AdapterError, match="key_unavailable"):
        new.unwrap(wrapped, MINE)


def test_each_purpose_has_its_own_secret() -> None:
    """Nothing signed for one purpose can be used for another (B22)."""
    keys = DevelopmentKeys.in_memory(random_of())
    purposes = ["invite", "room", "", "invite|room", "sign"]
    secrets = {secret for purpose in purposes for secret in keys.signing(purpose).values()}
    assert len(secrets) == len(purposes)
    assert all(len(secret) == 32 for secret in secrets)


def test_the_file_is_made_once_and_is_private(tmp_path: Path) -> None:
    """Made on demand, readable by its owner only, the same for whoever opens it next."""
    path = tmp_path / "riverside.keys.json"
    keys = DevelopmentKeys.in_file(path, random_of("first"))
    again = DevelopmentKeys.in_file(path, random_of("second"))
    assert again.secrets == keys.secrets
    assert again.unwrap(keys.wrap(KEY, MINE), MINE) == KEY
    assert path.stat().st_mode & 0o777 == 0o600
    assert [each.name for each in tmp_path.iterdir()] == [path.name]


def test_who_comes_at_the_same_time_shares_the_file(tmp_path: Path) -> None:
    """However many open a portal for the first time at once, they get the same keys."""
    path, start = tmp_path / "keys.json", threading.Barrier(8, timeout=30)
    found: list[DevelopmentKeys] = []

    def open_file(seed: str) -> None:
        start.wait()
        found.append(DevelopmentKeys.in_file(path, random_of(seed)))

    together = [threading.Thread(target=open_file, args=(str(n),)) for n in range(8)]
    for each in together:
        each.start()
    for each in together:
        each.join()
    assert len(found) == 8
    assert len({tuple(keys.secrets.items()) for keys in found}) == 1
    assert [each.name for each in tmp_path.iterdir()] == ["keys.json"]


def test_a_file_that_others_can_read_is_refused(tmp_path: Path) -> None:
    """Keys that were exposed are no keys: `exposed_keys`."""
    path = tmp_path / "keys.json"
    DevelopmentKeys.in_file(path, random_of())
    path.chmod(0o644)
    with pytest.raises(ConfigurationError, match="exposed_keys"):
        DevelopmentKeys.in_file(path, random_of())


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{}",
        "[]",
        '{"secrets": []}',
        '{"secrets": {}}',
        '{"secrets": {"k1": 5}}',
        '{"secrets": {"k1": "zz"}}',
        json.dumps({"secrets": {"k1": "00" * 31}}),
        json.dumps({"secrets": {"K|1": "00" * 32}}),
        json.dumps({"secrets": {"": "00" * 32}}),
    ],
)
def test_a_damaged_file_is_refused(text: str, tmp_path: Path) -> None:
    """A file without proper secrets is never replaced by new ones, which would lose documents."""
    path = tmp_path / "keys.json"
    path.write_text(text)
    path.chmod(0o600)
    with pytest.raises(ConfigurationError, match="invalid_keys"):
        DevelopmentKeys.in_file(path, random_of())
    assert path.read_text() == text


def test_a_file_out_of_reach_is_told(tmp_path: Path) -> None:
    """What the system refuses is `key_unavailable`, to be tried again."""
    (tmp_path / "file").write_text("")
    with pytest.raises(AdapterError) as caught:
        DevelopmentKeys.in_file(tmp_path / "file" / "keys.json", random_of())
    assert (caught.value.code, caught.value.retryable) == ("key_unavailable", True)


def test_settings_name_a_file_or_none(tmp_path: Path) -> None:
    """With a path the keys are kept, without one they end with the process."""
    source = random_of()
    DevelopmentKeys.from_settings({"path": str(tmp_path / "k.json"), "random_bytes": source})
    assert (tmp_path / "k.json").exists()
    assert DevelopmentKeys.from_settings({"random_bytes": source}).secrets
    with pytest.raises(ConfigurationError, match="missing_setting"):
        DevelopmentKeys.from_settings({})


def test_secrets_are_not_shown() -> None:
    """The repr of keys holds no secret."""
    keys = DevelopmentKeys({"k1": b"secret" * 6}, random_of())
    assert "secret" not in repr(keys).replace("secrets", "")
