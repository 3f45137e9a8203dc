"""Whatever happens in whatever order: a shop is held by a penalty exactly while a suspension or a ban is in force."""

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import invariant, rule, run_state_machine_as_test

from core.errors import DomainError
from core.models import LedgerEntry
from governance.models import Penalty, Strike
from governance.penalties import services
from governance.penalties.counting import points_of
from governance.penalties.points import add_strike, take_back_points
from marketplace.models import Hold, ShopMeasure
from rulebook.models import Measure
from tests.any_order import Undone
from tests.factories import MarketplaceFactory, ShopFactory, merchant_of, staff
from tests.governance.penalties import senior
from tests.marketplace.fake import FakeMarketplace, connect_fakes

pytestmark = pytest.mark.django_db
S = Penalty.State
STEPS = ("hear", "state", "confirm", "begin", "lift", "reverse", "drop")


class Penalties(Undone):
    """Points come and go, people act in any order, the clock runs."""

    def __init__(self):
        super().__init__()
        self.shop = ShopFactory(marketplace=MarketplaceFactory(connector="fake"))
        self.merchant = merchant_of(self.shop)
        self.people = [staff(), senior(), senior(), self.merchant]
        self.cause = 0

    @rule(code=st.sampled_from(["M1", "M4", "M7", "M9"]))
    def count(self, code):
        self.cause += 1
        add_strike(shop=self.shop, code=code, cause=f"act_{self.cause}", number="", by=self.people[1])

    @rule(pick=st.integers(0, 5))
    def take_back(self, pick):
        strikes = list(Strike.objects.standing().order_by("pk"))
        if strikes:
            chosen = [strikes[pick % len(strikes)]]
            take_back_points(strikes=chosen, reason="reversed")
            assert take_back_points(strikes=chosen, reason="again") == []

    @rule(step=st.sampled_from(STEPS), who=st.integers(0, 3), pick=st.integers(0, 5))
    def act(self, step, who, pick):
        penalties = list(Penalty.objects.order_by("pk"))
        if not penalties:
            return
        penalty, by = penalties[pick % len(penalties)], self.people[who]
        entries = LedgerEntry.objects.count()
        try:
            {
                "hear": lambda: services.open_hearing(penalty=penalty, by=by),
                "state": lambda: services.state_position(penalty=penalty, by=by, text="No."),
                "confirm": lambda: services.confirm(penalty=penalty, by=by, reason="Yes."),
                "begin": lambda: services.put_ban_in_force(penalty=penalty, by=by),
                "lift": lambda: services.lift(penalty=penalty, by=by, reason="Mended."),
                "reverse": lambda: services.reverse_penalty(penalty=penalty, by=by, reason="Wrong."),
                "drop": lambda: services.drop(penalty=penalty, by=by, reason="Enough."),
            }[step]()
        except DomainError:
            assert LedgerEntry.objects.count() == entries

    @rule(days=st.sampled_from([1, 7, 30, 200]))
    def time_passes(self, days):
        self.time.advance(days=days)
        services.pass_deadlines()
        assert services.pass_deadlines() == 0

    @invariant()
    def held_exactly_while_in_force(self):
        in_force = Penalty.objects.filter(state=S.IN_FORCE)
        holding = in_force.filter(measure__in=[Measure.SUSPENSION, Measure.BAN])
        holds = Hold.objects.active().filter(target=self.shop)
        assert set(holds.values_list("cause", flat=True)) == set(holding.values_list("public_id", flat=True))
        milder = in_force.exclude(measure__in=[Measure.SUSPENSION, Measure.BAN, Measure.WARNING])
        measures = ShopMeasure.objects.active()
        assert set(measures.values_list("cause", flat=True)) == set(milder.values_list("public_id", flat=True))

    @invariant()
    def points_are_those_of_what_stands(self):
        standing = [s for s in Strike.objects.all() if s.counts]
        assert points_of(self.shop) == sum(s.points for s in standing)
        assert not Penalty.objects.filter(measure=Measure.BAN, state=S.IN_FORCE, put_in_force_by__isnull=True).exists()


def test_a_shop_is_held_exactly_while_a_suspension_or_ban_is_in_force(monkeypatch):
    connect_fakes(monkeypatch, FakeMarketplace())
    run_state_machine_as_test(
        Penalties,
        settings=settings(max_examples=15, stateful_step_count=18, suppress_health_check=list(HealthCheck)),
    )
