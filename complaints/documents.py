"""Decisions and statements of reasons as documents, in the language that is active."""

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from complaints import selectors
from complaints.models import Complaint, StatementOfReasons
from complaints.selectors import LinkRow
from core.errors import NotYours
from core.pdf import Document


def decision(complaint: Complaint) -> bytes:
    """The decision on a complaint, for its complainant. Raises NotYours while there is none."""
    decided = complaint.decisions.order_by("-pk").first()
    if decided is None:
        raise NotYours()
    ground = selectors.ground_of(complaint)
    document = Document(title=_("Decision on complaint %(n)s") % {"n": complaint.number}, language=_language())
    document.facts(
        [
            (_("Complaint"), f"{complaint.number} ({complaint.public_id})"),
            (_("Decision"), decided.public_id),
            (_("Decided"), _moment(decided.decided_at)),
            (_("Complainant"), complaint.organisation.name),
            (_("Right"), _right(complaint)),
            (_("Kind of infringement"), complaint.get_infringement_display()),
            (_("Legal regime"), f"{ground.law}. {ground.source}"),
            (_("Automated means"), selectors.means_of(decided)),
        ]
    )
    rows = selectors.link_rows(complaint)
    document.heading(_("What was decided on each link"))
    document.table([_("Link"), _("Outcome"), _("Rule"), _("Facts and reasons")], [_line(r) for r in rows])
    document.heading(_("Redress"))
    document.paragraph(
        _(
            "Whoever does not agree with this decision may complain to the competent authority or sue in court."
            " A dismissed complaint may be filed again with further evidence."
        )
    )
    return document.to_bytes()


def statement(reasons: StatementOfReasons) -> bytes:
    """A statement of reasons, for the shop it is addressed to. Source: DSA art. 17(3); E-Commerce Law art. 42."""
    complaint = reasons.decision.complaint
    ground = selectors.ground_of(complaint)
    document = Document(title=_("Statement of reasons %(n)s") % {"n": reasons.number}, language=_language())
    document.facts(
        [
            (_("Addressed to"), f"{reasons.shop.title} ({reasons.shop.external_id})"),
            (_("Marketplace"), reasons.shop.marketplace.name),
            (_("Decided"), _moment(reasons.decision.decided_at)),
            (
                _("Measure"),
                _("Taken down on this marketplace until the decision is reversed or the complaint withdrawn."),
            ),
            (_("Holder of the right"), complaint.filing.owner_name),
            (_("Right"), _right(complaint)),
            (_("Kind of infringement"), complaint.get_infringement_display()),
            (_("Taken on"), _("a notice by the holder, received as %(number)s") % {"number": complaint.number}),
            (_("Ground"), f"{ground.law}. {ground.source}"),
            (_("Automated means"), selectors.means_of(reasons.decision)),
        ]
    )
    document.heading(_("Links taken down"))
    rows = selectors.links_of_notice(reasons)
    document.table([_("Link"), _("Outcome"), _("Rule"), _("Facts and reasons")], [_line(r) for r in rows])
    document.heading(_("Redress"))
    document.paragraph(ground.redress)
    return document.to_bytes()


def _line(row: LinkRow) -> list[str]:
    title = row.row.snapshot.get("title") or str(row.row.target)
    what = f"{title}\n{row.address}"
    rule = f"{row.rule.title} ({row.finding.rule}). {row.rule.source}" if row.rule and row.finding else "–"
    return [what, str(row.row.get_outcome_display()), rule, row.finding.facts if row.finding else "–"]


def _right(complaint: Complaint) -> str:
    filing = complaint.filing
    return f"{filing.title}: {filing.get_kind_display()} {filing.registration_number}"


def _moment(at: object) -> str:
    local = timezone.localtime(at)  # type: ignore[arg-type]
    return f"{date_format(local, 'Y-m-d H:i')} {local:%Z}"


def _language() -> str:
    return get_language() or "en"
