"""Everything that can be shown: what `Portal.look` takes."""

from __future__ import annotations

from clientportal.usecases.accepting import SeeInvite
from clientportal.usecases.accounts import SeePortals
from clientportal.usecases.appointments import JoinAppointment
from clientportal.usecases.availability import SeeCatalogue
from clientportal.usecases.custody import SeeUnowned
from clientportal.usecases.dashboard import SeeAppointments, SeeDashboard
from clientportal.usecases.deliveries import SeeInviteToMail, SeePending
from clientportal.usecases.documentation import DownloadDocument, SeeDocuments
from clientportal.usecases.foresight import SeeFlips, SeeUpcoming, WhatWouldChange
from clientportal.usecases.inbox import SeeConversation, SeeInbox
from clientportal.usecases.notices import SeeClosingSoon, SeeNoticesToMail, SeeWarningsToMail
from clientportal.usecases.people import SeeClient, SeeClients
from clientportal.usecases.practices import SeePractice
from clientportal.usecases.recipients import ExplainClient, SeeRecipients
from clientportal.usecases.relationships import SeeRelationships
from clientportal.usecases.searching import SearchMessages
from clientportal.usecases.settings import SeeSettings
from clientportal.usecases.slots import SeeSlots

__all__ = [
    "DownloadDocument",
    "ExplainClient",
    "JoinAppointment",
    "SearchMessages",
    "SeeAppointments",
    "SeeCatalogue",
    "SeeClient",
    "SeeClients",
    "SeeClosingSoon",
    "SeeConversation",
    "SeeDashboard",
    "SeeDocuments",
    "SeeFlips",
    "SeeInbox",
    "SeeInvite",
    "SeeInviteToMail",
    "SeeNoticesToMail",
    "SeePending",
    "SeePortals",
    "SeePractice",
    "SeeRecipients",
    "SeeRelationships",
    "SeeSettings",
    "SeeSlots",
    "SeeUnowned",
    "SeeUpcoming",
    "SeeWarningsToMail",
    "WhatWouldChange",
]
