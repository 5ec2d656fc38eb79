"""What clients set for themselves: profile, language, timezone (SET-1, SET-2)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar, Final

from attrs import evolve, field, frozen
from attrs.validators import optional

from clientportal.domain.bounds import one_of
from clientportal.domain.ids import ClientId
from clientportal.domain.moments import is_timezone
from clientportal.domain.people import Address, ClientChanged, EmergencyContact
from clientportal.domain.texts import is_language, is_phone, line
from clientportal.flows import Change, Flow, Outcome, Shown, fetch
from clientportal.policies.people import may_change_profile, may_view_profile
from clientportal.ports.queries import StandingOf
from clientportal.usecases.command import Context, replaced

EMPTY: Final[Mapping[str, Any]] = {
    "display_name": None,
    "phone": None,
    "address": Address(),
    "emergency_contact": None,
}
CLEARABLE: Final = tuple(EMPTY)


@frozen(kw_only=True)
class ChangeProfile:
    """Change what is the client's own: name as displayed, phone, address, emergency contact.

    What is None stays as it is, what *clear* names is emptied; clinical and administrative fields
    are not among them (SET-1).
    """

    name: ClassVar[str] = "profile.change"
    tests_secret: ClassVar[bool] = False
    client_id: ClientId
    display_name: str | None = field(default=None, validator=optional(line(200)), repr=False)
    phone: str | None = field(default=None, validator=optional(is_phone), repr=False)
    address: Address | None = field(default=None, repr=False)
    emergency_contact: EmergencyContact | None = field(default=None, repr=False)
    clear: tuple[str, ...] = field(default=(), validator=one_of(*CLEARABLE))

    def flow(self, context: Context) -> Flow[Outcome]:
        """The client, and staff who may edit them."""
        return (
            yield from _changed(
                self.client_id,
                context,
                clear=self.clear,
                display_name=self.display_name,
                phone=self.phone,
                address=self.address,
                emergency_contact=self.emergency_contact,
            )
        )


@frozen(kw_only=True)
class SetLanguage:
    """Set the language of portal texts and mail, a BCP 47 tag (SET-2)."""

    name: ClassVar[str] = "settings.set_language"
    tests_secret: ClassVar[bool] = False
    client_id: ClientId
    language: str = field(validator=is_language)

    def flow(self, context: Context) -> Flow[Outcome]:
        """Falls back to the practice's where there is no text in it."""
        return (yield from _changed(self.client_id, context, language=self.language))


@frozen(kw_only=True)
class SetTimezone:
    """Set the zone times are shown in, an IANA name; moves no appointment (SET-2)."""

    name: ClassVar[str] = "settings.set_timezone"
    tests_secret: ClassVar[bool] = False
    client_id: ClientId
    timezone: str = field(validator=is_timezone)

    def flow(self, context: Context) -> Flow[Outcome]:
        """Unknown zones are refused where the command is built."""
        return (yield from _changed(self.client_id, context, timezone=self.timezone))


def _changed(
    client_id: ClientId, context: Context, *, clear: tuple[str, ...] = (), **given: object
) -> Flow[Outcome]:
    """The client with what was *given*, *clear* emptied; the same again changes nothing."""
    standing = yield from fetch(StandingOf(client_id, context.actor))
    decision = may_change_profile(standing)
    if not decision:
        return Outcome(decision, about=client_id)
    emptied = evolve(standing.client, **{name: EMPTY[name] for name in clear})
    changed = replaced(emptied, **given)
    if changed == standing.client:
        return Outcome(decision, about=client_id)
    event = ClientChanged(client_id=client_id)
    return Outcome(decision, (Change(event, (changed,)),), about=client_id)


@frozen(kw_only=True)
class Settings:
    """What the settings tab shows; *language* and *timezone* as they apply (PPL-2)."""

    display_name: str = field(repr=False)
    email: str | None = field(repr=False)
    phone: str | None = field(repr=False)
    address: Address = field(repr=False)
    emergency_contact: EmergencyContact | None = field(repr=False)
    language: str
    timezone: str


@frozen(kw_only=True)
class SeeSettings:
    """A client's settings."""

    name: ClassVar[str] = "settings.see"
    client_id: ClientId

    def flow(self, context: Context) -> Flow[Shown[Settings]]:
        """Whoever may change them."""
        standing = yield from fetch(StandingOf(self.client_id, context.actor))
        decision = may_view_profile(standing)
        if not decision:
            return Shown(decision, about=self.client_id)
        client, practice = standing.client, standing.practice
        settings = Settings(
            display_name=client.name,
            email=client.email,
            phone=client.phone,
            address=client.address,
            emergency_contact=client.emergency_contact,
            language=client.language or practice.language,
            timezone=client.timezone or practice.timezone,
        )
        return Shown(decision, settings, about=self.client_id)
