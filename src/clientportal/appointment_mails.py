"""What mails about appointments say: that there is one, and when; no clinical word (OUT-2, OUT-5).

No service, no reason, nobody's name. The texts are in the catalogues called `mails`, in the
recipient's language; times are in the recipient's zone, in person the venue's first (APT-16).
"""

from __future__ import annotations

from hashlib import sha256
from typing import Final

from clientportal.domain.appointment_notices import MAIL
from clientportal.domain.availability import Modality
from clientportal.domain.moments import zone_of
from clientportal.policies.reminders import Addressed, AttendanceFacts
from clientportal.ports.mail import Mail
from clientportal.sentences import text_of

DOMAIN: Final = "mails"


def appointment_mail(facts: AttendanceFacts, told: Addressed, *, sender: str) -> Mail:
    """The mail to *told*; sent again it is the same mail, Message-ID and all (OUT-1)."""
    practice = facts.practice
    side = "staff" if told.is_staff else "client"
    words = {"practice": practice.name, "when": _when(facts, told), "contact": _contact(facts)}
    text = _text(f"{told.topic.value}_{side}", facts, told).format_map(words)
    subject = _text(f"{told.topic.value}_subject", facts, told)
    return Mail(
        message_id=f"{_key(facts, told)}@clientportal",
        sender=sender,
        recipient=told.email,
        subject=f"{practice.name[:150]}: {subject}",
        text=f"{text.strip()}\n",
        at=told.at,
    )


def _key(facts: AttendanceFacts, told: Addressed) -> str:
    """What is told of which version to whom, as a digest: headers tell no ids."""
    appointment = facts.appointment
    key = (facts.practice.id, appointment.id, appointment.sequence, told.topic.value, told.minutes)
    return sha256("/".join(map(str, (*key, MAIL, told.person))).encode()).hexdigest()


def _text(code: str, facts: AttendanceFacts, told: Addressed) -> str:
    """The text called *code*: to staff in the practice's language, to others in the client's."""
    own = None if told.is_staff else facts.client.language
    return text_of(DOMAIN, code, own, facts.practice.language) or code


def _when(facts: AttendanceFacts, told: Addressed) -> str:
    """The start by the clocks of who reads it; in person those of the venue come first."""
    theirs, venue = facts.client.timezone, facts.practice.timezone
    own = venue if told.is_staff else theirs or venue
    in_person = facts.appointment.modality is Modality.IN_PERSON
    zones = dict.fromkeys((venue, own) if in_person else (own,))
    start = facts.appointment.interval.start
    clocks = ((each, start.astimezone(zone_of(each))) for each in zones)
    return " / ".join(f"{local:%Y-%m-%d %H:%M} ({zone})" for zone, local in clocks)


def _contact(facts: AttendanceFacts) -> str:
    return facts.practice.texts.contact or ""
