"""The rule book of sampling: a draw is announced before it is made, and bought goods go from hand to hand to a verdict."""

from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from accounts import roles
from core.lifecycle import STAYS, Lifecycle, Transition, Turn
from patrol.models import Sample, TestBuy

Drawing = Sample.State
Buying = TestBuy.State


def reviewer(sample: Sample, actor: Any) -> bool:
    return roles.is_reviewer(actor)


def officer(test_buy: TestBuy, actor: Any) -> bool:
    """Staff who decide cases, and belong neither to the brand nor to the shop."""
    if not roles.is_reviewer(actor):
        return False
    profile = test_buy.profile
    sides = {test_buy.listing.target.seller.operator_id, profile.filing.organisation_id if profile else None} - {None}
    return not actor.memberships.filter(organisation__in=sides).exists()


def brand_or_officer(test_buy: TestBuy, actor: Any) -> bool:
    """A colleague of the brand whose goods they pretend to be; or staff, who write down what it said."""
    m = getattr(actor, "membership", None)
    is_brand = (
        m is not None
        and m.role in roles.MAY_COMPLAIN
        and test_buy.profile is not None
        and m.organisation_id == test_buy.profile.filing.organisation_id
    )
    return is_brand or officer(test_buy, actor)


def all_is_over(sample: Sample) -> str | Promise | None:
    """Every listing that was drawn was judged or could not be bought."""
    left = TestBuy.objects.filter(listing__sample=sample).exclude(state__in=TestBuy.OVER)
    return _("Some test buys are still under way: judge them, or say why they could not be bought.") if left else None


def sample_is_drawn(test_buy: TestBuy) -> str | Promise | None:
    is_drawn = test_buy.listing.sample.state == Drawing.DRAWN
    return None if is_drawn else _("The sample is over: nothing is added to its test buys any more.")


SAMPLES = Lifecycle(
    subject="sample",
    initial=Drawing.ANNOUNCED,
    transitions=(
        Transition("draw", _("Draw"), frozenset({Drawing.ANNOUNCED}), Drawing.DRAWN, reviewer),
        Transition("report", _("Report"), frozenset({Drawing.DRAWN}), Drawing.REPORTED, reviewer, needs=(all_is_over,)),
        Transition(
            "cancel", _("Cancel"), frozenset({Drawing.ANNOUNCED, Drawing.DRAWN}), Drawing.CANCELLED, reviewer, danger=True,
        ),
    ),
    turns={
        Drawing.ANNOUNCED: Turn(_("The platform"), _("Draws the listings; seed and frame are in the ledger")),
        Drawing.DRAWN: Turn(_("The platform"), _("Buys what was drawn and has it judged")),
        Drawing.REPORTED: Turn(_("Nobody"), _("The estimate stands, and frame and draw can be read by everybody")),
        Drawing.CANCELLED: Turn(_("Nobody"), _("It was cancelled; its seed stays in the ledger")),
    },
)  # fmt: skip

_WITH_US = frozenset({Buying.ORDERED, Buying.RECEIVED, Buying.WITH_BRAND})
TEST_BUYS = Lifecycle(
    subject="test_buy",
    initial=Buying.TO_BUY,
    transitions=(
        Transition("order", _("Ordered"), frozenset({Buying.TO_BUY}), Buying.ORDERED, officer, (sample_is_drawn,)),
        Transition("receive", _("Received"), frozenset({Buying.ORDERED}), Buying.RECEIVED, officer, (sample_is_drawn,)),
        Transition(
            "hand_over", _("Hand to the brand"), frozenset({Buying.RECEIVED}), Buying.WITH_BRAND, officer, (sample_is_drawn,),
        ),
        Transition(
            "judge", _("Verdict"), frozenset({Buying.WITH_BRAND}), Buying.JUDGED, brand_or_officer, (sample_is_drawn,),
        ),
        Transition(
            # A parcel can be lost, or come to harm, after it was received.
            "give_up", _("Could not be bought"), frozenset({Buying.TO_BUY, Buying.ORDERED, Buying.RECEIVED}),
            Buying.NOT_BOUGHT, officer, (sample_is_drawn,),
        ),
        Transition("add_paper", _("Add a paper"), _WITH_US, STAYS, officer),
        # Goods are evidence beyond the sample: they go on to laboratories and courts.
        Transition(
            "pass_on", _("Pass on"), frozenset({Buying.RECEIVED, Buying.WITH_BRAND, Buying.JUDGED}), STAYS, officer,
        ),
    ),
    turns={
        Buying.TO_BUY: Turn(_("The platform"), _("Orders it under a name that does not tell who buys")),
        Buying.ORDERED: Turn(_("The platform"), _("Waits for the parcel and photographs it as it is opened")),
        Buying.RECEIVED: Turn(_("The platform"), _("Hands it to the brand")),
        Buying.WITH_BRAND: Turn(_("The brand"), _("Says whether it is genuine, and what tells so")),
        Buying.JUDGED: Turn(_("Nobody"), _("It counts in the estimate")),
        Buying.NOT_BOUGHT: Turn(_("Nobody"), _("It counts as unknown in the estimate")),
    },
)  # fmt: skip
