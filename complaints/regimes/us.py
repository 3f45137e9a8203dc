"""United States: 17 U.S.C. § 512, the notice-and-takedown procedure of the Digital Millennium Copyright Act.

The statute speaks of copyright alone; on a marketplace under this regime the platform follows the same procedure for
every other right by its own rules. Days begin and end in Washington, the seat of the Copyright Office.
"""

from django.utils.translation import gettext_lazy as _

from complaints.regimes.own import ANSWER_PERIODS, NOTICE_PERIODS
from complaints.regimes.parts import Document, Element, Event, Misuse, Party, Passing, Period, Regime, Unit
from core import calendars

US_DMCA = Regime(
    code="us",
    name=_("United States: DMCA"),
    source="17 U.S.C. § 512(c)(3), (f), (g), (i)",
    timezone="America/New_York",
    calendar=calendars.US_FEDERAL,
    assurance=_(
        "I have a good faith belief that the use complained of is not authorised by the owner of the right, its agent,"
        " or the law. The information in this notice is accurate and, under penalty of perjury, I am authorised to act"
        " on behalf of the owner of the right."
    ),
    counter_assurance=_(
        "I state under penalty of perjury that I have a good faith belief that the material was removed or disabled"
        " as a result of mistake or misidentification."
    ),
    notice=(
        Element("signature", _("Signature of the owner or its agent"), _("Write the name of the person who signs the notice."), "17 U.S.C. § 512(c)(3)(A)(i)"),
        Element("filing", _("The work claimed to be infringed"), _("Choose the right on which the complaint rests."), "17 U.S.C. § 512(c)(3)(A)(ii)"),
        Element("links", _("The infringing material and where it is"), _("Paste at least one link of what infringes."), "17 U.S.C. § 512(c)(3)(A)(iii)"),
        Element("description", _("What infringes"), _("Describe in at least 20 characters what infringes your right and how you know."), "17 U.S.C. § 512(c)(3)(A)(iii)"),
        Element("contact", _("How to reach the complainant"), _("Your organisation has neither address nor telephone on file. Add one of them to your organisation first."), "17 U.S.C. § 512(c)(3)(A)(iv)"),
        Element("good_faith", _("Good faith belief"), _("State your good faith belief that the use is not authorised: without it the notice cannot be accepted."), "17 U.S.C. § 512(c)(3)(A)(v)"),
        Element("good_faith", _("Accuracy and authority, under penalty of perjury"), _("State that the notice is accurate and, under penalty of perjury, that you may act for the owner."), "17 U.S.C. § 512(c)(3)(A)(vi)", key="accuracy"),
    ),
    counter_notice=(
        Element("signature", _("Signature of the merchant"), _("Write the name of the person who signs the counter-notice."), "17 U.S.C. § 512(g)(3)(A)"),
        Element("targets", _("What was removed, and where it was"), _("Choose at least one link that you want back."), "17 U.S.C. § 512(g)(3)(B)"),
        Element("good_faith", _("Mistake or misidentification, under penalty of perjury"), _("State under penalty of perjury that you believe in good faith that the material was removed by mistake or misidentification."), "17 U.S.C. § 512(g)(3)(C)"),
        Element("name", _("Name"), _("Write your name, or that of your company."), "17 U.S.C. § 512(g)(3)(D)"),
        Element("address", _("Address"), _("Write your full address: it decides which court is competent."), "17 U.S.C. § 512(g)(3)(D)"),
        Element("phone", _("Telephone"), _("Write your telephone number."), "17 U.S.C. § 512(g)(3)(D)"),
        Element("jurisdiction", _("Consent to jurisdiction and service of process"), _("Consent to the jurisdiction of the Federal District Court for your address (or, outside the United States, of any district where the platform may be found), and to service of process by the complainant."), "17 U.S.C. § 512(g)(3)(D)"),
    ),
    passes=(
        Passing(
            Document.NOTICE, Party.MERCHANT, ("filing", "infringement", "links", "description", "evidence"),
            _("The merchant is promptly told what was removed and on which claim. Who signed the notice, and files that the complainant keeps from the seller, stay with the platform."),
            "17 U.S.C. § 512(g)(2)(A)",
        ),
        Passing(
            Document.COUNTER_NOTICE, Party.COMPLAINANT,
            ("signature", "targets", "statement", "evidence", "good_faith", "name", "address", "phone", "jurisdiction"),
            _("The complainant gets a copy of the whole counter-notice, name, address and telephone included, so that it can sue; and is told that the material comes back after 10 business days."),
            "17 U.S.C. § 512(g)(2)(B), (g)(3)(D)",
        ),
    ),
    periods=(
        *NOTICE_PERIODS,
        Period(
            Event.COUNTER_NOTICE_RECEIVED, _("the complainant"), _("gives word that it has sued to restrain the merchant"),
            _("Without that word the material comes back, not before the window opens and not after it closes. What reached the complainant so late that little is left before the window opens leaves it time inside the window, until its last day; what the platform has not checked when the window opens is passed on as it is, and senior reviewers are told."),
            10, Unit.WORKING_DAYS, "17 U.S.C. § 512(g)(2)(C)", at_most=14,
        ),
        Period(
            Event.DECISION_NOTIFIED, _("either party"), _("may appeal to the platform"),
            _("The decision stands on the platform. The courts remain open."),
            30, Unit.DAYS, _("the platform's own period"), moves=True, is_own=True,
        ),
        *ANSWER_PERIODS,
    ),
    misuse=(
        Misuse(
            _("complainants and merchants"),
            _("Who knowingly materially misrepresents that material infringes, or that it was removed by mistake, is liable for the damages, costs and attorneys' fees."),
            30, "17 U.S.C. § 512(f)",
        ),
        Misuse(
            _("merchants"),
            _("A policy that ends, in appropriate circumstances, the accounts of repeat infringers; merchants are told of it."),
            None, "17 U.S.C. § 512(i)(1)(A)",
        ),
    ),
    waits_from=Event.COUNTER_NOTICE_RECEIVED,
    proofs=frozenset({"lawsuit"}),
    proof_asked=_("Sue for a court order that restrains the merchant from infringing; for a copyright, a claim before the Copyright Claims Board counts as such a lawsuit. A complaint to an authority keeps nothing down."),
    proof_source="17 U.S.C. §§ 512(g)(2)(C), 1507(d)",
    redress=_(
        "You may send a counter-notice under penalty of perjury (17 U.S.C. § 512(g)(3)): on the page of this statement,"
        " or in writing to %(contact)s with its number. Unless the complainant sues, what was taken down comes back"
        " 10 to 14 business days after the counter-notice came. Who knowingly misrepresents is liable (§ 512(f))."
    ),
    out_of_court=_("The Copyright Claims Board, if both parties agree (17 U.S.C. § 1504)."),
    choices=(
        "The statute speaks of copyright alone; for every other right the platform follows the same procedure by its own rules.",
        "It names no time zone: days begin and end in New York, the time of the Copyright Office.",
        "The window opens with the tenth business day itself and closes with the end of the fourteenth; business days leave out Saturdays, Sundays and the holidays of 5 U.S.C. § 6103 on the days on which they are observed.",
        "Preliminary evidence and an explanation are welcome in a counter-notice and not required.",
    ),
)  # fmt: skip
