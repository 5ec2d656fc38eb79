"""What mails say: plain text with the practice's name, a link and until when it works (OUT-2)."""

from __future__ import annotations

from clientportal.domain.moments import zone_of
from clientportal.domain.practices import Practice
from clientportal.policies.invites import InviteFacts
from clientportal.ports.mail import Mail
from clientportal.usecases.notices import NoticesToMail, Told

_INVITE = """\
{practice} invites you to its client portal.

Open this link to create your account, or to add this record to the one you have:

{link}

The link works once, until {until}. If you did not expect this mail, ignore it: without the link
nobody gets in.
"""


_MESSAGE = """\
There is a new message for you in the client portal of {practice}.

Sign in to the portal to read it.

{texts}
"""

_CLOSING = """\
A conversation in the client portal of {practice} waits for your answer.

It closes by itself at {until}. Sign in to the portal to answer before.

{texts}
"""


def _lines(practice: Practice) -> str:
    texts = practice.texts
    return "\n".join(each for each in (texts.not_for_emergencies, texts.contact) if each)


def message_mail(found: NoticesToMail, told: Told, *, sender: str, stem: str) -> Mail:
    """That there is a message, or that a conversation closes soon: not a word of it (MSG-17)."""
    practice, closes = found.practice, told.closes_at
    text = _MESSAGE if closes is None else _CLOSING
    until = "" if closes is None else closes.astimezone(zone_of(practice.timezone))
    about = "a new message" if closes is None else "a conversation closes soon"
    return Mail(
        message_id=f"{stem}@clientportal",
        sender=sender,
        recipient=told.email,
        subject=f"{practice.name[:150]}: {about}",
        text=text.format_map(
            {
                "practice": practice.name,
                "texts": _lines(practice),
                "until": f"{until:%Y-%m-%d %H:%M} ({practice.timezone})" if until else "",
            }
        ),
        at=told.at,
    )


def invite_mail(facts: InviteFacts, *, link: str, sender: str, message_id: str) -> Mail:
    """The mail of an invite, to the address it was made for (GUIDE-2, INV-3)."""
    invite, practice = facts.invite, facts.practice
    until = invite.expires_at.astimezone(zone_of(practice.timezone))
    return Mail(
        message_id=message_id,
        sender=sender,
        recipient=invite.email,
        subject=f"{practice.name[:150]}: your client portal",
        text=_INVITE.format_map(
            {
                "practice": practice.name,
                "link": link,
                "until": f"{until:%Y-%m-%d %H:%M} ({practice.timezone})",
            }
        ),
        at=invite.sent_at,
    )
