"""Everything that can be shown: what `Portal.look` takes."""

from __future__ import annotations

from clientportal.usecases.accepting import SeeInvite
from clientportal.usecases.accounts import SeePortals
from clientportal.usecases.availability import SeeCatalogue
from clientportal.usecases.booking import SeeWhyNot
from clientportal.usecases.calendars import SeeAppointmentFile
from clientportal.usecases.custody import SeeUnowned
from clientportal.usecases.dashboard import SeeAppointments, SeeDashboard
from clientportal.usecases.days import SeeCalendar
from clientportal.usecases.deliveries import SeeInviteToMail, SeePending
from clientportal.usecases.documentation import DownloadDocument, SeeDocuments
from clientportal.usecases.feeds import SeeCalendarFeed
from clientportal.usecases.foresight import SeeFlips, SeeUpcoming, WhatWouldChange
from clientportal.usecases.inbox import SeeConversation, SeeInbox
from clientportal.usecases.joining import SeeMeeting
from clientportal.usecases.notices import SeeClosingSoon, SeeNoticesToMail, SeeWarningsToMail
from clientportal.usecases.people import SeeClient, SeeClients
from clientportal.usecases.practices import SeePractice
from clientportal.usecases.recipients import ExplainClient, SeeRecipients
from clientportal.usecases.relationships import SeeRelationships
from clientportal.usecases.reminders import (
    SeeAppointmentToMail,
    SeeDueReminders,
    SeeRemindersToMail,
)
from clientportal.usecases.rescheduling import SeeTimesToMove
from clientportal.usecases.searching import SearchMessages
from clientportal.usecases.settings import SeeSettings
from clientportal.usecases.slots import SeeSlots

__all__ = [
    "DownloadDocument",
    "ExplainClient",
    "SearchMessages",
    "SeeAppointmentFile",
    "SeeAppointmentToMail",
    "SeeAppointments",
    "SeeCalendar",
    "SeeCalendarFeed",
    "SeeCatalogue",
    "SeeClient",
    "SeeClients",
    "SeeClosingSoon",
    "SeeConversation",
    "SeeDashboard",
    "SeeDocuments",
    "SeeDueReminders",
    "SeeFlips",
    "SeeInbox",
    "SeeInvite",
    "SeeInviteToMail",
    "SeeMeeting",
    "SeeNoticesToMail",
    "SeePending",
    "SeePortals",
    "SeePractice",
    "SeeRecipients",
    "SeeRelationships",
    "SeeRemindersToMail",
    "SeeSettings",
    "SeeSlots",
    "SeeTimesToMove",
    "SeeUnowned",
    "SeeUpcoming",
    "SeeWarningsToMail",
    "SeeWhyNot",
    "WhatWouldChange",
]
