"""Passwords: what is too short or too long, and what a hash is worth (INV-6, INV-8)."""

from __future__ import annotations

import threading
import unicodedata
from collections.abc import Callable
from statistics import median
from time import process_time
from typing import Final

import pytest
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st

from clientportal.security.passwords import Argon2Parameters, Passwords, fault_of

CHEAP: Final = Argon2Parameters(memory=8, passes=1, lanes=1)
GOOD: Final = "correct horse battery"


def counting() -> Callable[[int], bytes]:
    """Bytes that differ each time and are the same in each run."""
    numbers = iter(range(1, 1_000_000))
    return lambda length: next(numbers).to_bytes(length, "big")


def cheap() -> Passwords:
    """Passwords that cost next to nothing."""
    return Passwords(random_bytes=counting(), parameters=CHEAP)


@pytest.mark.parametrize(
    ("password", "fault"),
    [
        pytest.param("a" * 14, "too_short", id="14 characters"),
        pytest.param("a" * 15, None, id="15 characters"),
        pytest.param("", "too_short", id="nothing"),
        pytest.param("e\u0301" * 14, "too_short", id="14 characters after composing 28"),
        pytest.param("e\u0301" * 15, None, id="15 characters after composing 30"),
        pytest.param("\ufb03" * 5, None, id="5 ligatures are 15 letters"),
        pytest.param("a" * 1024, None, id="1,024 bytes"),
        pytest.param("a" * 1025, "too_long", id="1,025 bytes"),
        pytest.param("é" * 512, None, id="1,024 bytes in 512 characters"),
        pytest.param("é" * 513, "too_long", id="1,026 bytes in 513 characters"),
        pytest.param("e\u0301" * 512, None, id="1,024 bytes after composing 1,536"),
        pytest.param("a" * 10**6, "too_long", id="a megabyte"),
        pytest.param("\ud800" * 15, None, id="lone surrogates are characters too"),
        pytest.param(" " * 15, None, id="no rule about composition"),
    ],
)
def test_length_is_all_that_is_asked(password: str, fault: str | None) -> None:
    """15 code points after NFKC without a second factor, 1,024 bytes at most (INV-8)."""
    assert fault_of(password) == fault


@given(st.text(min_size=1, max_size=40))
def test_any_spelling_of_a_password_fits(password: str) -> None:
    """A password fits its own hash in every spelling that NFKC makes the same, and no other."""
    passwords = cheap()
    stored = passwords.hash(password)
    assert stored.startswith("$argon2id$v=19$m=8,t=1,p=1$")
    for form in ("NFC", "NFD", "NFKC", "NFKD"):
        if unicodedata.normalize("NFKC", unicodedata.normalize(form, password)) == (
            unicodedata.normalize("NFKC", password)
        ):
            assert passwords.verify(unicodedata.normalize(form, password), stored)
    assert not passwords.verify(password + "x", stored)


def test_the_same_password_hashes_differently() -> None:
    """Every hash has a salt of its own."""
    passwords = cheap()
    assert passwords.hash(GOOD) != passwords.hash(GOOD)


@pytest.mark.parametrize(
    "stored",
    [None, "", "x", "é", "$argon2id$v=19$m=8,t=1,p=1$YWFh$YWFh", "$argon2i$v=19$m=8,t=1,p=1$a$b"],
)
def test_what_is_no_hash_fits_nothing(stored: str | None) -> None:
    """With nothing stored, or nothing that is a hash, every password is wrong (INV-6)."""
    passwords = cheap()
    assert not passwords.verify(GOOD, stored)
    assert not passwords.verify("", stored)


def test_a_password_longer_than_any_is_wrong() -> None:
    """What no account can have is not compared by its beginning."""
    passwords = cheap()
    long = "a" * 5000
    assert not passwords.verify(long, passwords.hash(long[:4096]))


def test_nobody_takes_as_long_as_somebody() -> None:
    """Whether an account exists does not show in the time (INV-6).

    Of the processor's time, turn by turn, so that a busy machine tells nothing either.
    """
    parameters = Argon2Parameters(memory=4096, passes=2, lanes=1)
    passwords = Passwords(random_bytes=counting(), parameters=parameters)

    def taken(against: str | None) -> float:
        start = process_time()
        passwords.verify("wrong horse battery", against)
        return process_time() - start

    stored = passwords.hash(GOOD)
    turns = [(taken(None), taken(stored)) for _ in range(15)]
    of_nobody, of_somebody = map(median, zip(*turns, strict=True))
    assert 0.5 < of_nobody / of_somebody < 2


def test_changed_parameters_ask_for_a_new_hash() -> None:
    """A hash made with other parameters still verifies, and asks to be made again (INV-8)."""
    passwords = cheap()
    stored = passwords.hash(GOOD)
    dearer = evolve(passwords, parameters=evolve(CHEAP, passes=2))
    assert not passwords.needs_rehash(stored)
    assert dearer.needs_rehash(stored)
    assert dearer.verify(GOOD, stored)
    assert not dearer.needs_rehash(dearer.hash(GOOD))


def test_production_parameters_work_here() -> None:
    """64 MiB, three passes, four lanes: the second recommended option of RFC 9106."""
    passwords = Passwords(random_bytes=counting())
    stored = passwords.hash(GOOD)
    assert stored.startswith("$argon2id$v=19$m=65536,t=3,p=4$")
    assert passwords.verify(GOOD, stored)


def test_few_computations_run_at_once() -> None:
    """However many sign in, no more than *at_once* computations hold memory (INV-8)."""
    running, most, lock, pair = 0, 0, threading.Lock(), threading.Barrier(2, timeout=30)

    def noticing(length: int) -> bytes:
        nonlocal running, most
        with lock:
            running += 1
            most = max(most, running)
        pair.wait()
        with lock:
            running -= 1
        return bytes(length)

    passwords = Passwords(random_bytes=noticing, parameters=CHEAP, at_once=2)
    together = [threading.Thread(target=passwords.hash, args=(GOOD,)) for _ in range(16)]
    for each in together:
        each.start()
    for each in together:
        each.join()
    assert most == 2
    assert running == 0
