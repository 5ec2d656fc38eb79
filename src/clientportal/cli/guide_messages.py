"""The guide on the inbox and the four messaging policies: lines 6 to 11."""

from __future__ import annotations

from datetime import timedelta

from clientportal.cli.guide_access import Looked
from clientportal.cli.stage import Anybody, Stage
from clientportal.domain.ids import ConversationId, MessageId, StaffId
from clientportal.domain.moments import MICROSECOND
from clientportal.domain.practices import MessagingPolicy
from clientportal.usecases.conversations import SendMessage, StartConversation
from clientportal.usecases.inbox import SeeConversation, SeeInbox
from clientportal.usecases.people import AssignClient
from clientportal.usecases.practices import SeePractice, SetMessagingPolicy
from clientportal.usecases.recipients import ExplainClient, SeeRecipients

TWO_DAYS = timedelta(hours=48)


def inbox(stage: Stage) -> Looked:
    """GUIDE-6: what the practice wrote is in the client's inbox, and in nobody else's."""
    olive, ann, ben = stage.cast.olive, stage.cast.ann, stage.cast.ben
    _start(stage, olive, ann, "How was your week?")
    found = stage.look(ann, SeeInbox())
    unread = sum(each.unread for each in found)
    yield unread == 1, f"Ann's inbox: {len(found)} conversation, {unread} unread"
    read = stage.look(ann, SeeConversation(conversation_id=found[0].conversation.id))
    text = read.messages[0].text
    yield text == "How was your week?", f"Ann reads: {text}"
    yield stage.look(ben, SeeInbox()) == (), "Ben's inbox is empty"
    hidden = stage.hidden(ben, SeeConversation(conversation_id=read.conversation.id))
    yield hidden == "not_found", f"Ben asks for Ann's conversation: `{hidden}`"


def told_why_not(stage: Stage) -> Looked:
    """GUIDE-7: the client is told why not, and staff can look up the same."""
    olive, ann = stage.cast.olive, stage.cast.ann
    refused = _start(stage, ann, olive)
    yield refused == "client_may_not_start", f"Ann writes to Olive first: `{refused}`"
    (conversation,) = stage.look(ann, SeeInbox())
    may = conversation.may_write.reason
    yield (
        bool(conversation.may_write),
        f"Ann may answer what Olive wrote: `{may.code}` ({may.rule})",
    )
    explained = stage.look(olive, ExplainClient(client_id=ann.id))
    starts = {each.staff_id: each.may_start.reason.code for each in explained.starts}
    same = starts[olive.id] == refused
    yield same, f"Olive looks up why: `{starts[olive.id]}`, by the policy `{explained.policy}`"
    answers = dict(explained.answers)[conversation.conversation.id].reason.code
    yield answers == may.code, f"and what Ann may answer: `{answers}`"


def reply_only(stage: Stage) -> Looked:
    """GUIDE-8: the default; open for less than 48 hours without the client's reply."""
    olive, ann = stage.cast.olive, stage.cast.ann
    policy = stage.look(olive, SeePractice()).practice.policy
    yield policy is MessagingPolicy.REPLY_ONLY, f"nobody set a policy, and it is `{_name(policy)}`"
    said = _reply(stage, ann)
    yield said == "may_reply", f"Ann answers Olive: `{said}`"
    _reply(stage, olive)
    closes = stage.now + TWO_DAYS
    stage.until(closes - MICROSECOND)
    (seen,) = stage.look(ann, SeeInbox())
    yield bool(seen.may_write), "a microsecond before 48 hours Ann may still answer"
    yield seen.deadline == closes, "and sees when it closes"
    stage.until(closes)
    said = _reply(stage, ann)
    yield said == "auto_closed", f"at 48 hours Ann is refused: `{said}`"
    (seen,) = stage.look(ann, SeeInbox())
    yield seen.may_write.since == closes, "and sees since when it is closed"
    read = stage.look(ann, SeeConversation(conversation_id=seen.conversation.id))
    yield len(read.messages) == 3, "she can still read it"  # noqa: PLR2004 - three were written
    _reply(stage, olive)
    said = _reply(stage, ann)
    yield said == "may_reply", f"Olive writes again, and Ann answers: `{said}`"


def never_initiate(stage: Stage) -> Looked:
    """GUIDE-9: clients start nothing; what is open they may answer at any time."""
    olive, ann = stage.cast.olive, stage.cast.ann
    _set(stage, MessagingPolicy.NEVER_INITIATE)
    for client in (ann, stage.cast.ben):
        refused = _start(stage, client, olive)
        yield refused == "client_may_not_start", f"{client.name} starts: `{refused}`"
    _reply(stage, olive)
    stage.until(stage.now + TWO_DAYS + timedelta(hours=12))
    said = _reply(stage, ann)
    yield said == "may_reply_any_time", f"after 60 hours Ann answers: `{said}`"


def assigned_clients_only(stage: Stage) -> Looked:
    """GUIDE-10: messages pass between a staff member and their roster, either way."""
    olive, sam, ann, ben = (getattr(stage.cast, name) for name in ("olive", "sam", "ann", "ben"))
    _set(stage, MessagingPolicy.ASSIGNED_CLIENTS_ONLY)
    stage.do(olive, AssignClient(client_id=ann.id, staff_id=olive.id))
    said = _start(stage, ann, olive, "May I ask something?")
    yield said == "assigned", f"Ann, on Olive's roster, starts with Olive: `{said}`"
    said = _start(stage, ann, sam)
    yield said == "not_on_roster", f"with Sam: `{said}`"
    said = _start(stage, ben, olive)
    yield said == "no_assigned_staff", f"Ben, on no roster, starts with Olive: `{said}`"
    said = _start(stage, olive, ben)
    yield said == "not_on_roster", f"Olive starts with Ben: `{said}`"
    offered = [r.staff_name for r in stage.look(ann, SeeRecipients(client_id=ann.id))]
    yield offered == [olive.name], f"Ann is offered to write to: {', '.join(offered)}"
    offered = [r.staff_name for r in stage.look(ben, SeeRecipients(client_id=ben.id))]
    yield offered == [], "Ben is offered nobody"


def all_clients(stage: Stage) -> Looked:
    """GUIDE-11: any client starts with any staff member, at any time."""
    olive, sam, ann, ben = (getattr(stage.cast, name) for name in ("olive", "sam", "ann", "ben"))
    _set(stage, MessagingPolicy.ALL_CLIENTS)
    for client in (ann, ben):
        for staff in (olive, sam):
            stage.until(stage.now + timedelta(hours=11))
            said = _start(stage, client, staff, f"A question for {staff.name}")
            yield said == "any_client", f"{client.name} starts with {staff.name}: `{said}`"
    found = [name for each in stage.look(sam, SeeInbox()) for name in each.with_clients]
    yield set(found) == {ann.name, ben.name}, f"Sam's inbox: {', '.join(found)}"


def _name(policy: object) -> str:
    return str(getattr(policy, "value", "unknown"))


def _set(stage: Stage, policy: MessagingPolicy) -> None:
    stage.do(stage.cast.olive, SetMessagingPolicy(policy=policy))


def _start(stage: Stage, author: Anybody, other: Anybody, text: str = "Hello") -> str:
    """The code that *author* hears when they start a conversation with *other*."""
    staff, client = (author, other) if isinstance(author.id, StaffId) else (other, author)
    command = StartConversation(
        conversation_id=stage.new(ConversationId),
        message_id=stage.new(MessageId),
        client_ids=(client.id,),
        staff_ids=(staff.id,),
        text=text,
    )
    return stage.tried(author, command)


def _reply(stage: Stage, author: Anybody) -> str:
    """The code that *author* hears when they answer in the conversation that Olive started."""
    first = stage.look(author, SeeInbox())[-1]
    command = SendMessage(
        conversation_id=first.conversation.id,
        message_id=stage.new(MessageId),
        text="Thank you, well enough.",
    )
    return stage.tried(author, command)
