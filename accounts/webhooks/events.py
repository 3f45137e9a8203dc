"""The events that an organisation can have sent to its systems. Which steps of cases they follow: `ippro/webhooks.py`."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Event(models.TextChoices):
    ORGANISATION_VERIFIED = "organisation.verified", _("Your organisation was verified")
    POWER_MOVED = "power.moved", _("A power of attorney was handed in, decided on or ended")
    FILING_APPROVED = "filing.approved", _("A right is in force")
    FILING_RETURNED = "filing.returned", _("A right on file needs a supplement")
    FILING_REJECTED = "filing.rejected", _("A right on file was not accepted")
    FILING_ENDED = "filing.ended", _("A right on file ended")
    ORIGINAL_CERTIFIED = "original.certified", _("An original image has its certificate")
    ORIGINAL_IN_CONFLICT = "original.in_conflict", _("An original image is in conflict with another")
    ORIGINAL_REFUSED = "original.refused", _("An original image was not accepted")
    ORIGINAL_ENDED = "original.ended", _("A certificate ended")
    MATCH_CONFIRMED = "match.confirmed", _("A copy of an original was found")
    MATCH_DISMISSED = "match.dismissed", _("What looked like a copy is none")
    CANDIDATE_BRAND_ASKED = "candidate.brand_asked", _("You are asked about an offer")
    COMPLAINT_SUBMITTED = "complaint.submitted", _("A complaint was submitted")
    COMPLAINT_ACCEPTED = "complaint.accepted", _("A complaint was accepted for decision")
    COMPLAINT_RETURNED = "complaint.returned", _("A complaint needs a supplement")
    COMPLAINT_REJECTED = "complaint.rejected", _("A complaint was rejected at the door")
    COMPLAINT_DECIDED = "complaint.decided", _("A complaint was decided")
    COMPLAINT_DECIDED_ANEW = "complaint.decided_anew", _("Links of a complaint were decided anew")
    COMPLAINT_ORDERED = "complaint.ordered", _("A court's order about a complaint was carried out")
    COMPLAINT_WITHDRAWN = "complaint.withdrawn", _("A complaint or some of its links were withdrawn")
    LINK_SETTLED = "link.settled", _("A marketplace confirmed that a link is down, or is up again")
    NOTICE_SENT = "notice.sent", _("A shop of yours got a statement of reasons")
    COUNTER_NOTICE_SUBMITTED = "counter_notice.submitted", _("A counter-notice was sent")
    COUNTER_NOTICE_RETURNED = "counter_notice.returned", _("A counter-notice needs a supplement")
    COUNTER_NOTICE_LAPSED = "counter_notice.lapsed", _("A counter-notice lapsed")
    COUNTER_NOTICE_FORWARDED = "counter_notice.forwarded", _("A counter-notice was passed on to the complainant")
    COUNTER_NOTICE_WAITING = "counter_notice.waiting", _("The waiting period of a counter-notice runs")
    COUNTER_NOTICE_SETTLED = "counter_notice.settled", _("Links of a counter-notice were settled")
    COUNTER_NOTICE_WITHDRAWN = "counter_notice.withdrawn", _("A counter-notice was withdrawn")
    APPEAL_SUBMITTED = "appeal.submitted", _("An appeal was submitted")
    APPEAL_RETURNED = "appeal.returned", _("An appeal needs a supplement")
    APPEAL_DECIDED = "appeal.decided", _("An appeal was decided")
    APPEAL_MOVED = "appeal.moved", _("An appeal was withdrawn, settled or taken to another body")
    PENALTY_BEGUN = "penalty.begun", _("A penalty against a shop of yours is in force")
    PENALTY_OVER = "penalty.over", _("A penalty against a shop of yours is over")


#: sent when somebody presses the button, whatever an endpoint wants
TEST = "ping"
