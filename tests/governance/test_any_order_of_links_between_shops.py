"""Shops open, are linked, looked at, punished and let go in any order: what weighs on a shop is what its operator did."""

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import invariant, precondition, rule, run_state_machine_as_test

from core import clock
from core.errors import DomainError
from core.models import LedgerEntry
from governance.models import Penalty, ShopLink, Strike
from governance.penalties import services, shops
from governance.penalties.counting import points_of
from governance.penalties.ladder import UNDONE
from governance.penalties.points import add_strike, take_back_by_hand, take_back_points
from marketplace.models import Hold, Target
from tests.any_order import Undone
from tests.factories import MarketplaceFactory, ShopFactory, staff
from tests.governance.penalties import senior
from tests.marketplace.fake import FakeMarketplace, connect_fakes

pytestmark = pytest.mark.django_db
LICENCE, DEVICE = "91330100MA2CXXXX0X", "d" * 64
PICK = st.integers(0, 5)


class Shops(Undone):
    """One operator, or somebody who only looks like it, opens shops; points come and go; staff look."""

    def __init__(self):
        super().__init__()
        self.marketplace = MarketplaceFactory(connector="fake")
        self.people = [staff(), senior(), senior()]
        self.acts = 0
        self.open(licence=True, device=True)

    def one(self, rows, pick):
        rows = list(rows)
        return rows[pick % len(rows)] if rows else None

    def attempt(self, step):
        entries = LedgerEntry.objects.count()
        try:
            step()
        except DomainError:
            assert LedgerEntry.objects.count() == entries

    @property
    def shops(self):
        return Target.objects.filter(kind="shop", marketplace=self.marketplace).order_by("pk")

    @precondition(lambda self: self.shops.count() < 4)
    @rule(licence=st.booleans(), device=st.booleans())
    def open(self, licence, device):
        self.time.advance(hours=1)
        shop = ShopFactory(
            marketplace=self.marketplace, first_seen_at=clock.now(), operator_uscc=LICENCE if licence else "",
            attributes={"device_digest": DEVICE} if device else {},
        )  # fmt: skip
        shops.shop_changed(shop.public_id)
        shops.shop_changed(shop.public_id)

    @rule(pick=PICK, code=st.sampled_from(["M1", "M1", "M2", "M7"]))
    def count(self, pick, code):
        self.time.advance(hours=1)
        self.acts += 1
        add_strike(shop=self.one(self.shops, pick), code=code, cause=f"act_{self.acts}", number="", by=self.people[1])

    @rule(pick=PICK, who=st.integers(0, 2), step=st.sampled_from(["confirm", "dismiss", "evasion", "evasion"]))
    def look(self, pick, who, step):
        link, by = self.one(ShopLink.objects.order_by("pk"), pick), self.people[who]
        if link is None:
            return
        steps = {
            "confirm": lambda: shops.confirm_link(link=link, by=by, note="The same bank account."),
            "dismiss": lambda: shops.dismiss_link(link=link, by=by, note="Two tenants."),
            "evasion": lambda: shops.count_evasion(link=link, by=by),
        }
        self.attempt(steps[step])

    @rule(pick=PICK, by_hand=st.booleans(), who=st.integers(0, 2))
    def take_back(self, pick, by_hand, who):
        strike = self.one(Strike.objects.order_by("pk"), pick)
        if strike is None:
            return
        if by_hand:
            self.attempt(lambda: take_back_by_hand(strike=strike, by=self.people[who], reason="Not the seller."))
        else:
            take_back_points(strikes=[strike], reason="reversed")

    @rule(pick=PICK, step=st.sampled_from(["hear", "impose", "impose", "reverse"]))
    def punish(self, pick, step):
        penalty = self.one(Penalty.objects.filter(state__in=UNDONE).order_by("pk"), pick)
        if penalty is None:
            return
        steps = {
            "hear": lambda: services.open_hearing(penalty=penalty, by=self.people[0]),
            "impose": lambda: self.impose(penalty),
            "reverse": lambda: services.reverse_penalty(penalty=penalty, by=self.people[0], reason="Wrong."),
        }
        try:
            steps[step]()
        except DomainError:
            return
        penalty.refresh_from_db()
        if penalty.state == Penalty.State.REVERSED:
            shops.penalty_over(penalty.public_id)

    def impose(self, penalty):
        if penalty.state == Penalty.State.PROPOSED:
            penalty = services.open_hearing(penalty=penalty, by=self.people[0])
        self.time.set(max(clock.now(), penalty.deadline_at or clock.now()))
        made = services.confirm(penalty=penalty, by=self.people[1], reason="The points stand.")
        if made.is_ban:
            services.put_ban_in_force(penalty=made, by=self.people[2])

    @rule(days=st.sampled_from([1, 30, 200]))
    def time_passes(self, days):
        self.time.advance(days=days)
        services.pass_deadlines()

    # --- what is always true ------------------------------------------------------------------------------------

    def weighs_on(self, shop):
        """The points that count against a shop, by the words of the rule."""
        own = [s for s in shop.strikes.all() if s.counts]
        links = shop.follows.filter(state__in=ShopLink.INHERITS).select_related("earlier")
        return own + [
            s for k in links for s in k.earlier.strikes.all() if s.counts and s.counted_at < shop.first_seen_at
        ]

    @invariant()
    def points_are_the_own_and_the_inherited(self):
        for shop in self.shops:
            assert points_of(shop) == sum(s.points for s in self.weighs_on(shop))

    @invariant()
    def nothing_rests_on_what_does_not_count_against_the_shop(self):
        for penalty in Penalty.objects.filter(state__in=UNDONE, link__isnull=True):
            inherited = penalty.shop.follows.filter(state__in=ShopLink.INHERITS).values_list("earlier", flat=True)
            left = [
                s
                for s in penalty.strikes.filter(taken_back_at__isnull=True)
                if s.shop_id in {penalty.shop_id, *inherited}
            ]
            assert sum(s.points for s in left) >= penalty.step_points

    @invariant()
    def what_is_doubled_repeats_something(self):
        for strike in Strike.objects.standing().filter(is_doubled=True).select_related("shop"):
            links = strike.shop.follows.filter(state__in=ShopLink.INHERITS).values_list("earlier", flat=True)
            before = Strike.objects.standing().filter(
                shop__in=[strike.shop_id, *links], code=strike.code, counted_at__lt=strike.counted_at,
                expires_at__gt=strike.counted_at,
            )  # fmt: skip
            assert before.exists()

    @invariant()
    def a_link_that_was_wrong_left_nothing(self):
        for link in ShopLink.objects.filter(state=ShopLink.State.DISMISSED):
            assert not Strike.objects.standing().filter(cause=link.public_id).exists()
            assert not link.penalties.filter(state__in=UNDONE).exists()

    @invariant()
    def only_what_is_in_force_holds(self):
        holding = Penalty.objects.filter(state=Penalty.State.IN_FORCE, measure__in=["suspension", "ban"])
        held = Hold.objects.active().filter(target__in=self.shops)
        assert set(held.values_list("cause", flat=True)) == set(holding.values_list("public_id", flat=True))


def test_what_weighs_on_a_shop_is_what_its_operator_did(monkeypatch):
    connect_fakes(monkeypatch, FakeMarketplace())
    run_state_machine_as_test(
        Shops, settings=settings(max_examples=15, stateful_step_count=18, suppress_health_check=list(HealthCheck))
    )
