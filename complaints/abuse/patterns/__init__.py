"""The twelve documented patterns of abuse: what each is, how it is found, what staff and the complainant read.

docs/reference/abuse-patterns.md is written from this table by `manage.py describe_abuse`. Inspired by the twelve
scenes of professional extortion that the platform published; a finding of a machine is never a verdict.
"""

from django.utils.translation import gettext_lazy as _

from complaints.abuse.patterns import money, people, rights, series, texts
from complaints.abuse.patterns.parts import Evidence, Pattern

__all__ = ["PATTERNS", "Evidence", "Pattern"]

_MALICE = _("SPC Fa Fa [2020] No. 32, art. 6 (signs of malice); E-Commerce Law art. 42(3)")

PATTERNS = {
    pattern.code: pattern
    for pattern in (
        Pattern(
            "withdrawn_for_money", _("Complaining and withdrawing for money"),
            _("Three or more complaints that had taken something down were withdrawn within 90 days, and these are at least 30 per cent of what was upheld for the complainant in 180 days; or a reason of a withdrawal names a payment."),
            _("%(withdrawn)s complaints were withdrawn after takedowns (of %(upheld)s that were upheld); %(paid)s withdrawals name a payment."),
            _("You withdrew complaints after they had taken listings down, again and again or for money."),
            _("Platform's scenes of professional extortion; E-Commerce Law art. 42(3)"), money.withdrawn_for_money,
        ),
        Pattern(
            "right_not_in_force", _("Complaints on a right not in force"),
            _("Three or more links were dismissed within 180 days because the right does not cover territory, class or time (rule D5); or complaints were sent under a right that staff revoked."),
            _("%(links)s links dismissed because the right does not cover them; %(revoked)s complaints under revoked rights."),
            _("You complained under rights that were not in force or did not cover what you complained of."),
            _MALICE, rights.right_not_in_force,
        ),
        Pattern(
            "forged_papers", _("Forged certificate or power of attorney"),
            _("Staff rejected or revoked a right on file in words that say its papers were forged (word list FORGED)."),
            _("A right was refused because its papers were forged; %(complaints)s complaints rest on it."),
            _("A certificate or power of attorney that you handed in was found to be forged."),
            _MALICE, rights.forged_papers,
        ),
        Pattern(
            "serial_partial", _("Serial partial complaints"),
            _("Within 14 days six or more complaints of at most two links each, under one right against one shop."),
            _("%(n)s small complaints against one shop under one right within 14 days."),
            _("You sent many small complaints against one shop where one would have done."),
            _("Platform's scenes of professional extortion"), series.serial_partial,
        ),
        Pattern(
            "licensed_sellers", _("Complaints against licensed sellers"),
            _("Within 180 days three or more links that were dismissed as genuine or licensed goods (rule D3), or of shops that the complainant itself names as genuine sellers of another right."),
            _("%(n)s links of sellers of genuine or licensed goods."),
            _("You complained of sellers whose goods are genuine or licensed."),
            _MALICE, series.licensed_sellers,
        ),
        Pattern(
            "claim_splitting", _("Claim splitting"),
            _("The same thing complained of three times or more within 90 days, under whatever rights and kinds."),
            _("One thing was complained of %(n)s times within 90 days."),
            _("You complained of the same thing again and again under one right after the other."),
            _("SPC Fa Fa [2020] No. 32, art. 6 (repeating what was refused)"), series.claim_splitting,
        ),
        Pattern(
            "shared_accounts", _("Shared accounts"),
            _("People of several complaining organisations, with no person in common, signed in three times or more within 90 days from a device with the same digest (kind of browser and small network); or two complaining organisations carry one credit code."),
            _("%(organisations)s complaining organisations seem to be one."),
            _("Several accounts that complain seem to be used by the same people as yours."),
            _("Platform's scenes of professional extortion; DSA art. 23(2)"), people.shared_accounts,
        ),
        Pattern(
            "boilerplate", _("Copy-paste boilerplate"),
            _("Within 90 days eight or more complaints with descriptions that are at least 80 per cent alike, against three or more shops, of which at most half was upheld."),
            _("%(n)s complaints against %(shops)s shops with the same text; %(upheld)s of %(decided)s links were upheld."),
            _("You sent the same text about different goods of different shops, and most of it did not hold."),
            _("SPC Fa Fa [2020] No. 32, art. 5 (preliminary evidence of each infringement); Broder 1997 (MinHash)"), texts.boilerplate,
        ),
        Pattern(
            "festival_burst", _("Complaint bursts before sales festivals"),
            _("In the 14 days before 618, 11.11, 12.12 or the Spring Festival ten or more complaints, and more than three times as many as usual in the 90 days before."),
            _("%(n)s complaints in the two weeks before %(festival)s; usual are %(usual)s."),
            _("You sent far more complaints than usual right before a sales festival."),
            _("Platform's scenes of professional extortion"), series.festival_burst,
        ),
        Pattern(
            "later_works", _("Works registered after the listing first appeared"),
            _("Within 180 days two or more links that the marketplace had shown before the work or design on which the complaint rests was registered (first seen before the right begins)."),
            _("%(links)s links had been on the marketplace before the right was registered."),
            _("You complained of listings that were there before your work was registered."),
            _("Copyright Law art. 12; Patent Law art. 23 (prior design)"), rights.later_works,
        ),
        Pattern(
            "squatted_marks", _("Squatted trademarks"),
            _("Eight or more marks in six or more classes, no genuine seller named under any of them, and three or more links under them dismissed within a year."),
            _("%(marks)s marks in %(classes)s classes without a genuine seller; %(links)s links under them were dismissed."),
            _("You hold many marks in unrelated classes that nobody uses, and complained under them without ground."),
            _("Trademark Law art. 4(1) (bad-faith registration without use), art. 32"), rights.squatted_marks,
        ),
        Pattern(
            "threats", _("Threats in messages"),
            _("A description, a message inside a case or the reason of a withdrawal within 90 days has words of a threat or of an offer to stop for money (word list THREATS), whatever their spacing, width and case."),
            _("%(n)s cases with words of a threat, or of an offer to stop for money."),
            _("You threatened a seller, or offered to stop for money."),
            _("Criminal Law art. 274 (extortion); platform's scenes of professional extortion"), money.threats,
        ),
    )
}  # fmt: skip
