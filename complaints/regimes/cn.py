"""China: the E-Commerce Law, and what the Supreme People's Court said in 2020 about notices and statements."""

from django.utils.translation import gettext_lazy as _

from complaints.regimes.own import ANSWER_PERIODS, COMPLAINANT, NOTICE_PERIODS, OWN_TIME, PLATFORM
from complaints.regimes.parts import Document, Element, Event, Misuse, Party, Passing, Period, Regime, Unit
from core import calendars

CN_ECOMMERCE = Regime(
    code="cn",
    name=_("China: E-Commerce Law"),
    source=_("E-Commerce Law of the PRC, arts. 41–45; SPC Fa Fa [2020] No. 32, arts. 3, 5–8; Civil Code arts. 200–204, 1195–1197"),
    timezone="Asia/Shanghai",
    calendar=calendars.CHINA,
    assurance=_(
        "I state in good faith that this notice is true, and that I may act for the holder of the right."
        " I know that a wrong notice makes liable for the damage, a malicious one for double the damage."
    ),
    counter_assurance=_(
        "I state that what is said here is true and that I do not infringe. I know that I am liable for a false statement."
    ),
    notice=(
        Element("filing", _("Proof of the right"), _("Choose the right on which the complaint rests."), "Fa Fa [2020] No. 32 art. 5(1)"),
        Element("signature", _("Identity of the complainant"), _("Write the name of the person who signs the notice."), "Fa Fa [2020] No. 32 art. 5(1)"),
        Element("links", _("Exact location of the goods"), _("Paste at least one link of what infringes."), "Fa Fa [2020] No. 32 art. 5(2)"),
        Element("description", _("Preliminary evidence"), _("Describe in at least 20 characters what infringes your right and how you know."), "E-Commerce Law art. 42; Fa Fa [2020] No. 32 art. 5(3)"),
        Element("good_faith", _("Assurance of truth"), _("Confirm that the notice is true: without this assurance it cannot be accepted."), "Fa Fa [2020] No. 32 art. 5(4)"),
    ),
    counter_notice=(
        Element("signature", _("Identity of the merchant"), _("Write the name of the person who signs the statement."), "Fa Fa [2020] No. 32 art. 7(1)"),
        Element("targets", _("Exact location of the goods"), _("Choose at least one link that you want back."), "Fa Fa [2020] No. 32 art. 7(2)"),
        Element("statement", _("Why it does not infringe"), _("Explain in at least 20 characters why what you sell does not infringe."), "E-Commerce Law art. 43"),
        Element("evidence", _("Preliminary evidence of not infringing"), _("Attach what shows it: a licence, an authorisation, an invoice of the genuine goods, a right of your own."), "E-Commerce Law art. 43; Fa Fa [2020] No. 32 art. 7(3)"),
        Element("good_faith", _("Assurance of truth"), _("Confirm that the statement is true: without this assurance it cannot be accepted."), "Fa Fa [2020] No. 32 art. 7(4)"),
    ),
    passes=(
        Passing(
            Document.NOTICE, Party.MERCHANT, ("filing", "infringement", "links", "description", "evidence"),
            _("The notice is forwarded to the merchant. Who signed it, and files that the complainant keeps from the seller, stay with the platform."),
            "E-Commerce Law art. 42(2)",
        ),
        Passing(
            Document.COUNTER_NOTICE, Party.COMPLAINANT, ("targets", "statement", "evidence"),
            _("The statement and its evidence are forwarded to the complainant, who is told that it may complain to the authority or sue. Name, address and telephone of the person who signed stay with the platform."),
            "E-Commerce Law art. 43(2)",
        ),
    ),
    periods=(
        *NOTICE_PERIODS,
        Period(
            Event.COUNTER_NOTICE_RECEIVED, PLATFORM, _("checks whether the statement is complete, and forwards it"),
            _("A senior reviewer is told, and the statement moves to the top of the queue."),
            2, Unit.WORKING_DAYS, OWN_TIME, is_own=True,
        ),
        Period(
            Event.COUNTER_NOTICE_DELIVERED, COMPLAINANT, _("proves that it complained to the authority or sued"),
            _("Without that proof the measures end: what only this complaint holds down goes up again, and both are told."),
            15, Unit.DAYS, "E-Commerce Law art. 43(2); Civil Code arts. 200–204", moves=True,
        ),
        Period(
            Event.DECISION_NOTIFIED, _("either party"), _("may appeal to the platform"),
            _("The decision stands on the platform. Authority and court remain open."),
            30, Unit.DAYS, _("the platform's own period; counted by Civil Code arts. 200–204"), moves=True, is_own=True,
        ),
        *ANSWER_PERIODS,
    ),
    misuse=(
        Misuse(
            _("complainants"),
            _("A wrong notice makes liable for the damage, a malicious one for double. Signs of malice: a forged right, a false comparison, knowing that the right is unstable, not withdrawing when the error is known, repeating what was refused. An untrue notice given in good faith, which the complainant proves, exempts it."),
            30, "E-Commerce Law art. 42(3); Fa Fa [2020] No. 32 art. 6; Fa Shi [2020] No. 9 art. 5",
        ),
        Misuse(
            _("merchants"),
            _("Who infringes repeatedly and intentionally may be refused trade and service. A statement is malicious if its proof is forged or invalid, if it misleads, or if it answers a judgment or decision already in force."),
            30, "Fa Fa [2020] No. 32 arts. 3, 8",
        ),
    ),
    waits_from=Event.COUNTER_NOTICE_DELIVERED,
    proofs=frozenset({"authority", "lawsuit"}),
    proof_asked=_("Complain to the competent authority, or sue in court."),
    proof_source="E-Commerce Law art. 43(2)",
    redress=_(
        "You may state that you do not infringe, with preliminary evidence (E-Commerce Law art. 43): on the page of"
        " this statement, or in writing to %(contact)s with its number. You may also complain to the competent"
        " authority or sue in court."
    ),
    out_of_court=_("Mediation, or a complaint to the authority for market regulation, copyright or patents (E-Commerce Law arts. 60, 63)."),
    choices=(
        "The 15 days are counted by the Civil Code: a Saturday, a Sunday and a day off by the State Council's notice are no last days, a make-up working day is one.",
        "What was countered goes up at the first moment after the last day: “in time” is read as at once.",
        "The wait is not made longer for notarisation and the like, which Fa Shi [2020] No. 9 art. 3 lets stretch it to 20 working days at most; who needs that proves the complaint or lawsuit first and completes the papers later.",
    ),
)  # fmt: skip
