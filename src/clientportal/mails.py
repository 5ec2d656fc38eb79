"""What mails say: plain text with the practice's name, a link and until when it works (OUT-2)."""

from __future__ import annotations

from clientportal.domain.moments import zone_of
from clientportal.policies.invites import InviteFacts
from clientportal.ports.mail import Mail

_INVITE = """\
{practice} invites you to its client portal.

Open this link to create your account, or to add this record to the one you have:

{link}

The link works once, until {until}. If you did not expect this mail, ignore it: without the link
nobody gets in.
"""


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
