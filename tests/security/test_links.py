"""Invite links: one spelling, one purpose, one practice; everything else opens nothing (INV-3)."""

from __future__ import annotations

import hmac
import string
from base64 import urlsafe_b64decode, urlsafe_b64encode
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Final

import pytest
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st

from clientportal.domain.actors import Link
from clientportal.domain.ids import InviteId, PracticeId
from clientportal.domain.moments import microseconds
from clientportal.security.links import Links

SECRET: Final = bytes(range(32))
OTHER: Final = bytes(range(32, 64))
LINKS: Final = Links({"k1": SECRET})
PRACTICE: Final = PracticeId("prc_riverside")
LINK: Final = Link(
    invite_id=InviteId("inv_1"),
    generation=3,
    expires_at=datetime(2026, 3, 1, 12, 0, 0, 123456, tzinfo=UTC),
)
TEXT: Final = LINKS.sign(LINK, PRACTICE)
RAW: Final = urlsafe_b64decode(TEXT + "=" * (-len(TEXT) % 4))
BODY: Final = RAW[:-32]
ALPHABET: Final = string.ascii_letters + string.digits + "-_"


def spelled(raw: bytes) -> str:
    """*raw* as links spell it."""
    return urlsafe_b64encode(raw).rstrip(b"=").decode()


def forged(body: bytes, *, secret: bytes = SECRET, purpose: bytes = b"") -> str:
    """A link whose signature somebody made who has the secret, for another purpose."""
    return spelled(body + hmac.digest(secret, purpose + body, sha256))


@given(
    st.integers(0, 2**40),
    st.datetimes(datetime(1970, 1, 1), datetime(2150, 1, 1), timezones=st.just(UTC)),  # noqa: DTZ001 - hypothesis adds the zone
    st.from_regex(r"[0-9a-z][0-9a-z-]{0,62}", fullmatch=True),
)
def test_a_link_says_what_was_signed(generation: int, expires_at: datetime, tail: str) -> None:
    """Practice, invite, generation and expiry come back to the microsecond."""
    link = Link(invite_id=InviteId.of(tail), generation=generation, expires_at=expires_at)
    text = LINKS.sign(link, PRACTICE)
    assert LINKS.open(text) == (PRACTICE, link)
    assert set(text) <= set(ALPHABET)


def test_signing_is_repeatable() -> None:
    """The same link has the same text: the relay can make it again, nothing is stored (INV-3)."""
    assert LINKS.sign(LINK, PRACTICE) == TEXT


def test_an_expired_link_still_opens() -> None:
    """Expiry is for the policy to judge, which answers `invite_expired`, not `link_invalid`."""
    old = evolve(LINK, expires_at=datetime(2000, 1, 1, tzinfo=UTC))
    future = evolve(LINK, expires_at=datetime(2190, 1, 1, tzinfo=UTC))
    assert LINKS.open(LINKS.sign(old, PRACTICE)) == (PRACTICE, old)
    assert LINKS.open(LINKS.sign(future, PRACTICE)) == (PRACTICE, future)


def test_no_other_letter_will_do() -> None:
    """Whichever letter is another one, the link opens nothing."""
    for index, old in enumerate(TEXT):
        for letter in ALPHABET.replace(old, ""):
            assert LINKS.open(TEXT[:index] + letter + TEXT[index + 1 :]) is None


def test_no_bit_may_flip() -> None:
    """Whichever bit is flipped, the link opens nothing."""
    for bit in range(8 * len(RAW)):
        changed = bytearray(RAW)
        changed[bit // 8] ^= 1 << bit % 8
        assert LINKS.open(spelled(bytes(changed))) is None


def test_no_part_of_a_link_will_do() -> None:
    """A link cut short anywhere, at either end, opens nothing."""
    for length in range(len(TEXT)):
        assert LINKS.open(TEXT[:length]) is None
        assert LINKS.open(TEXT[len(TEXT) - length :]) is None


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(TEXT + "=" * (-len(TEXT) % 4 or 4), id="padded"),
        pytest.param(TEXT + "=", id="one sign of padding"),
        pytest.param(TEXT + "A", id="longer"),
        pytest.param(TEXT + "AAAA", id="three bytes longer"),
        pytest.param("A" + TEXT, id="shifted"),
        pytest.param(TEXT + TEXT, id="twice"),
        pytest.param(TEXT + "\n", id="newline"),
        pytest.param(f" {TEXT}", id="space"),
        pytest.param(TEXT[:20] + "\n" + TEXT[20:], id="folded"),
        pytest.param(TEXT[:20] + "!" + TEXT[20:], id="foreign letter that decoders skip"),
        pytest.param(TEXT.replace("-", "+").replace("_", "/") + "+", id="other alphabet"),
        pytest.param(TEXT.upper(), id="upper case"),
        pytest.param(TEXT[:-1] + "é", id="not ASCII"),
        pytest.param("\uff21" + TEXT[1:], id="full width"),
        pytest.param("\ud800", id="lone surrogate"),
        pytest.param("\x00", id="NUL"),
        pytest.param("", id="nothing"),
        pytest.param("A" * 10**6, id="a megabyte"),
        pytest.param(f"https://portal.example/{TEXT}", id="with its URL"),
    ],
)
def test_a_link_has_one_spelling(text: str) -> None:
    """No variant of base64, and no text that is no link, opens anything; none raises (B21, B22)."""
    assert LINKS.open(text) is None


def test_trailing_bits_are_part_of_the_spelling() -> None:
    """Letters that decode to the same bytes are not the same link."""
    links = [
        Links({"k" * n: SECRET}) for n in range(1, 4)
    ]  # lengths that leave 0, 2 and 4 bits over
    twins = 0
    for one in links:
        text = one.sign(LINK, PRACTICE)
        raw = urlsafe_b64decode(text + "=" * (-len(text) % 4))
        for letter in ALPHABET:
            twin = text[:-1] + letter
            if twin != text and urlsafe_b64decode(twin + "=" * (-len(twin) % 4)) == raw:
                twins += 1
                assert one.open(twin) is None
    assert twins == 3 + 15


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(forged(BODY), id="no purpose"),
        pytest.param(forged(BODY, purpose=b"clientportal room 1\n"), id="other purpose"),
        pytest.param(Links({"k1": OTHER}).sign(LINK, PRACTICE), id="other secret, same name"),
        pytest.param(Links({"k2": SECRET}).sign(LINK, PRACTICE), id="unknown key id"),
        pytest.param(Links({"k9": bytes(32)}).sign(LINK, PRACTICE), id="the stand-in for no key"),
        pytest.param(spelled(BODY + bytes(32)), id="no signature"),
        pytest.param(spelled(BODY), id="signature left out"),
        pytest.param(spelled(RAW[-32:]), id="only a signature"),
        pytest.param(spelled(b""), id="empty"),
    ],
)
def test_a_signature_serves_one_purpose(text: str) -> None:
    """What was signed for something else, by somebody else, or not at all, opens nothing (B22)."""
    assert LINKS.open(text) is None


@pytest.mark.parametrize(
    "body",
    [
        pytest.param(BODY.replace(b"prc_riverside", b"prc_hillside"), id="other practice"),
        pytest.param(BODY.replace(b"inv_1", b"inv_2"), id="other invite"),
        pytest.param(BODY.replace(b"|3|", b"|4|"), id="next generation"),
        pytest.param(
            BODY.replace(
                str(microseconds(LINK.expires_at)).encode(),
                str(microseconds(LINK.expires_at + timedelta(days=365))).encode(),
            ),
            id="later expiry",
        ),
    ],
)
def test_no_claim_can_be_changed(body: bytes) -> None:
    """A signature holds for all that was signed: practice, invite, generation, expiry."""
    assert body != BODY
    assert LINKS.open(spelled(body + RAW[-32:])) is None


@pytest.mark.parametrize(
    "body",
    [
        b"k1",
        b"k1|prc_a|inv_a|1",
        b"k1|prc_a|inv_a|1|2|3",
        b"k1|prc_a|inv_a|x|2",
        b"k1|prc_a|inv_a|1|" + b"9" * 30,
        b"k1|inv_a|prc_a|1|2",
        b"k1|prc_a|inv_A|1|2",
        b"k1|\xff|inv_a|1|2",
    ],
)
def test_nonsense_opens_nothing_even_when_signed(body: bytes) -> None:
    """Even with a genuine signature, what is no claim is None and not an exception."""
    assert LINKS.open(forged(body, purpose=b"clientportal invite link 1\n")) is None


@given(st.text(alphabet=st.characters(), max_size=300))
def test_no_text_raises(text: str) -> None:
    """Whatever text comes, the answer is None."""
    assert LINKS.open(text) is None


@given(st.text(alphabet=ALPHABET, max_size=300))
def test_no_text_of_its_letters_raises(text: str) -> None:
    """Nor does a text of the letters that links are made of."""
    assert LINKS.open(text) is None


def test_keys_are_replaced_without_killing_links() -> None:
    """A new key signs from now on; links of the old one open while it stays in the ring."""
    both = Links({"k2": OTHER, "k1": SECRET})
    assert both.open(TEXT) == (PRACTICE, LINK)
    assert both.sign(LINK, PRACTICE) != TEXT
    assert Links({"k2": OTHER}).open(TEXT) is None
    assert LINKS.open(both.sign(LINK, PRACTICE)) is None


def test_secrets_are_not_shown() -> None:
    """The repr of what signs holds no secret."""
    assert repr(SECRET) not in repr(LINKS)
