"""`clientportal init` and `clientportal import-clients` (PPL-7, PPL-8)."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING

from clientportal.cli.demo import print_import
from clientportal.cli.premises import SENDER, bare, read_list, told
from clientportal.cli.progress import Progress
from clientportal.cli.tables import when
from clientportal.client_lists import import_clients
from clientportal.domain.actors import Link
from clientportal.domain.ids import InviteId, PracticeId, StaffId
from clientportal.errors import ConfigurationError
from clientportal.usecases.deliveries import SeeInviteToMail
from clientportal.usecases.practices import OpenPractice

if TYPE_CHECKING:
    from argparse import Namespace

    from clientportal.parts import Parts


def init(arguments: Namespace) -> int:
    """Create a practice and invite its owner: the link is printed, and mailed where asked."""
    from clientportal.parts import Parts

    empty = bare(arguments.store)
    command = _command(arguments, empty)
    empty.storage.create()
    parts = Parts(
        url=arguments.store, mail=f"folder:{arguments.mail}" if arguments.mail else "memory:"
    )
    system = parts.portal.system_actor(command.practice_id)
    parts.portal.do(command, actor=system)
    view = SeeInviteToMail(invite_id=command.invite_id, generation=1)
    facts = parts.portal.look(view, actor=system)
    if facts is None:
        raise ConfigurationError("invite_missing", "set the clock of this machine right")
    if arguments.mail:
        parts.relay(sender=SENDER, link_base=arguments.link_base).deliver(command.practice_id)
    invite = facts.invite
    link = Link(invite_id=invite.id, generation=invite.generation, expires_at=invite.expires_at)
    print(f"practice  {command.practice_id}")
    print(f"link      {arguments.link_base}{parts.workshop.sign_link(command.practice_id, link)}")
    print(f"until     {when(invite.expires_at, command.timezone)}, once")
    return 0


def _command(arguments: Namespace, parts: Parts) -> OpenPractice:
    return OpenPractice(
        practice_id=PracticeId.of(parts.new_id()),
        practice_name=arguments.name,
        timezone=arguments.timezone,
        language=arguments.language,
        owner_id=StaffId.of(parts.new_id()),
        owner_name=arguments.owner_name,
        owner_email=arguments.owner_email,
        invite_id=InviteId.of(parts.new_id()),
    )


def import_list(arguments: Namespace) -> int:
    """Bring a practice's client list up to date with a file."""
    parts = bare(arguments.store)
    client_list = read_list(arguments.file, parts)
    practice_id = practice_named(arguments, parts)
    system = parts.portal.system_actor(practice_id)
    progress = Progress(sys.stderr, "importing clients")
    report = import_clients(parts.portal, system, client_list, progress=progress)
    if arguments.json:
        print(json.dumps(told(report), ensure_ascii=False, indent=2))
    else:
        print_import(report, client_list.extra_columns)
    return 0


def practice_named(arguments: Namespace, parts: Parts) -> PracticeId:
    """The practice that was named, else the only one there is. Raises `ConfigurationError`."""
    if arguments.practice is not None:
        return PracticeId(arguments.practice)
    listed: tuple[str, ...] = getattr(parts.storage, "practices", tuple)()
    if len(listed) == 1:
        return PracticeId(listed[0])
    there = f"; there is {', '.join(f'`{each}`' for each in listed[:10])}" if listed else ""
    raise ConfigurationError("practice_needed", f"name it with --practice ID{there}")
