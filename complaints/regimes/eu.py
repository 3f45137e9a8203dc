"""European Union: the Digital Services Act. An answer to a takedown is an internal complaint; time releases nothing.

The public holidays are those of the member state in which the platform is established, Belgium unless it is changed
here. A fixed-date period is counted by Regulation No 1182/71; "at least" leaves room to count in favour of the party.
"""

from django.utils.translation import gettext_lazy as _

from complaints.regimes.own import ANSWER_PERIODS, NOTICE_PERIODS, PLATFORM
from complaints.regimes.parts import Document, Element, Event, Misuse, Party, Passing, Period, Regime, Unit
from core import calendars

EU_DSA = Regime(
    code="eu",
    name=_("European Union: Digital Services Act"),
    source=_("Regulation (EU) 2022/2065, arts. 16, 17, 20, 21, 23"),
    timezone="Europe/Brussels",
    calendar=calendars.member_state("BE"),
    assurance=_(
        "I believe in good faith that the information and allegations in this notice are accurate and complete."
    ),
    counter_assurance=_("I believe in good faith that what I say in this complaint is accurate and complete."),
    notice=(
        Element("description", _("Why the content is illegal"), _("Explain in at least 20 characters what infringes your right and how you know."), "Regulation (EU) 2022/2065 art. 16(2)(a)"),
        Element("filing", _("The right that is infringed"), _("Choose the right on which the complaint rests."), "Regulation (EU) 2022/2065 art. 16(2)(a)"),
        Element("links", _("Exact electronic location"), _("Paste at least one link of what infringes."), "Regulation (EU) 2022/2065 art. 16(2)(b)"),
        Element("signature", _("Name of who submits it (the email is that of the account)"), _("Write the name of the person who submits the notice."), "Regulation (EU) 2022/2065 art. 16(2)(c)"),
        Element("good_faith", _("Bona fide belief in accuracy and completeness"), _("Confirm that you believe the notice to be accurate and complete: without it the notice cannot be accepted."), "Regulation (EU) 2022/2065 art. 16(2)(d)"),
    ),
    counter_notice=(
        Element("targets", _("What the complaint is about"), _("Choose at least one link that you want back."), "Regulation (EU) 2022/2065 art. 20(3)"),
        Element("statement", _("Why the decision is wrong"), _("Explain in at least 20 characters why what you sell does not infringe, or why the decision goes too far."), "Regulation (EU) 2022/2065 art. 20(3)"),
    ),
    passes=(
        Passing(
            Document.NOTICE, Party.MERCHANT, ("filing", "infringement", "links", "description", "evidence"),
            _("The statement of reasons names facts and ground, and the holder of the right, without whom an infringement cannot be judged. Who signed, and files that the complainant keeps from the seller, stay with the platform."),
            "Regulation (EU) 2022/2065 art. 17(3)(b)",
        ),
        Passing(
            Document.COUNTER_NOTICE, Party.COMPLAINANT, (),
            _("An internal complaint goes to nobody but those who decide it; the notifier is told how it ended."),
            "Regulation (EU) 2022/2065 arts. 16(5), 20(5)",
        ),
    ),
    periods=(
        *NOTICE_PERIODS,
        Period(
            Event.COUNTER_NOTICE_RECEIVED, PLATFORM, _("decides the internal complaint, not by machine alone"),
            _("A senior reviewer is told, and the complaint moves to the top of the queue. Nothing is released by time alone."),
            7, Unit.WORKING_DAYS, _("the platform's own time, for “timely” in Regulation (EU) 2022/2065 art. 20(4)"), is_own=True,
        ),
        Period(
            Event.DECISION_NOTIFIED, _("either party"), _("may complain internally, free of charge"),
            _("The decision stands on the platform. A certified out-of-court body and the courts remain open."),
            6, Unit.MONTHS, "Regulation (EU) 2022/2065 art. 20(1)–(2); Regulation (EEC, Euratom) No 1182/71 art. 3", moves=True,
        ),
        *ANSWER_PERIODS,
    ),
    misuse=(
        Misuse(
            _("merchants"),
            _("Who frequently provides manifestly illegal content is suspended for a reasonable time, after a warning; judged case by case by number, share, gravity and intent."),
            30, "Regulation (EU) 2022/2065 art. 23(1), (3)",
        ),
        Misuse(
            _("complainants, and whoever complains internally"),
            _("Whose notices or complaints are frequently manifestly unfounded has them not processed for a reasonable time, after a warning."),
            30, "Regulation (EU) 2022/2065 art. 23(2), (3)",
        ),
    ),
    waits_from=None,
    proofs=frozenset(),
    proof_asked=_("Nothing is to be proved: a person decides on the merchant's answer, and no time releases anything."),
    proof_source="Regulation (EU) 2022/2065 art. 20(4)–(6)",
    redress=_(
        "You may complain about this decision free of charge for at least six months (Regulation (EU) 2022/2065"
        " art. 20): on the page of this statement, or in writing to %(contact)s with its number. You may also turn to"
        " a certified out-of-court body (art. 21) or to a court."
    ),
    out_of_court=_("Any out-of-court dispute settlement body certified under Regulation (EU) 2022/2065 art. 21; its decision does not bind."),
    choices=(
        "A merchant's answer to a takedown is treated as an internal complaint under art. 20; no time alone releases a hold.",
        "Art. 20(2) lets the six months start on the day on which the party is informed; that day is not counted, in favour of the party.",
        "The holidays are those of Belgium, until the table names the member state in which the platform is established.",
    ),
)  # fmt: skip
