"""Everything that can be done: what `Portal.do` and `Portal.ask` take."""

from __future__ import annotations

from clientportal.usecases.accepting import AcceptInvite, RenewInvite
from clientportal.usecases.accounts import SignIn, SignOut
from clientportal.usecases.appointments import (
    AcceptAppointment,
    BookAppointment,
    CancelAppointment,
    DeclineAppointment,
)
from clientportal.usecases.availability import AddService, SetAvailability
from clientportal.usecases.busy import ImportBusyTimes
from clientportal.usecases.conversations import (
    CloseConversation,
    MarkRead,
    ReopenConversation,
    SendMessage,
    StartConversation,
    UnlockConversation,
)
from clientportal.usecases.deliveries import RecordDelivery
from clientportal.usecases.documents import ShareDocument, UploadFile, WithdrawDocument, WriteNote
from clientportal.usecases.feeds import MakeCalendarFeed, RevokeCalendarFeed
from clientportal.usecases.histories import ImportAppointments
from clientportal.usecases.holds import HoldSlot
from clientportal.usecases.imports import ImportClients
from clientportal.usecases.invites import (
    InviteRelated,
    InviteStaff,
    ResendInvite,
    RevokeInvite,
    SendInvite,
    SendInvites,
)
from clientportal.usecases.joining import (
    AdmitAttendee,
    EndMeeting,
    EnterWaitingRoom,
    LeaveMeeting,
    StartMeeting,
)
from clientportal.usecases.messages import KeepDraft, RetractMessage
from clientportal.usecases.notices import RecordNotice
from clientportal.usecases.participants import (
    AddParticipants,
    JoinConversation,
    RemoveParticipants,
)
from clientportal.usecases.people import (
    AddClient,
    AddStaffMember,
    ArchiveClient,
    AssignClient,
    ChangeClient,
    ChangeStaffMember,
    UnassignClient,
)
from clientportal.usecases.practices import ChangePractice, OpenPractice, SetMessagingPolicy
from clientportal.usecases.relationships import ChangeRelationship, EndRelationship, Relate
from clientportal.usecases.reminders import RecordAppointmentNotice
from clientportal.usecases.settings import ChangeProfile, SetLanguage, SetTimezone

__all__ = [
    "AcceptAppointment",
    "AcceptInvite",
    "AddClient",
    "AddParticipants",
    "AddService",
    "AddStaffMember",
    "AdmitAttendee",
    "ArchiveClient",
    "AssignClient",
    "BookAppointment",
    "CancelAppointment",
    "ChangeClient",
    "ChangePractice",
    "ChangeProfile",
    "ChangeRelationship",
    "ChangeStaffMember",
    "CloseConversation",
    "DeclineAppointment",
    "EndMeeting",
    "EndRelationship",
    "EnterWaitingRoom",
    "HoldSlot",
    "ImportAppointments",
    "ImportBusyTimes",
    "ImportClients",
    "InviteRelated",
    "InviteStaff",
    "JoinConversation",
    "KeepDraft",
    "LeaveMeeting",
    "MakeCalendarFeed",
    "MarkRead",
    "OpenPractice",
    "RecordAppointmentNotice",
    "RecordDelivery",
    "RecordNotice",
    "Relate",
    "RemoveParticipants",
    "RenewInvite",
    "ReopenConversation",
    "ResendInvite",
    "RetractMessage",
    "RevokeCalendarFeed",
    "RevokeInvite",
    "SendInvite",
    "SendInvites",
    "SendMessage",
    "SetAvailability",
    "SetLanguage",
    "SetMessagingPolicy",
    "SetTimezone",
    "ShareDocument",
    "SignIn",
    "SignOut",
    "StartConversation",
    "StartMeeting",
    "UnassignClient",
    "UnlockConversation",
    "UploadFile",
    "WithdrawDocument",
    "WriteNote",
]
