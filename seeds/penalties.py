"""What the stories' decisions led to: penalties in every state, told through the same services as everybody's."""

from datetime import datetime, timedelta

from accounts.models import User
from core import clock
from governance.models import Penalty
from governance.penalties import services
from governance.penalties.points import add_strike
from governance.penalties.shops import link_to_earlier
from marketplace.ingest import ingest
from marketplace.models import Target
from rulebook.models import PERIOD, WORDING, RuleChange
from rulebook.selectors import rule_in_force
from rulebook.services import propose_change
from seeds.world import DOMAIN, World

#: the walkthrough complains of this brand's things, so no shop that sells them is taken down
KEPT = "kivorro"
REASON = (
    "累计分数已达到该级处罚；未见足以推翻的证据。\nThe points have reached this step, and nothing speaks against it."
)
STATEMENT = "我们已下架全部同类商品，并更换了供货商，附新的进货合同。"


def impose(*, world: World, until: datetime) -> int:
    """Take the penalties that the ladder proposed on their ways; returns how many there are. Safe to repeat."""
    if Penalty.objects.filter(state__in=[Penalty.State.HEARING, Penalty.State.IN_FORCE]).exists():
        for ban in Penalty.objects.filter(
            measure="ban", state=Penalty.State.IN_FORCE, shop__external_id__startswith="s"
        ):
            # The storefront may have moved since.
            _reopen(ban.shop, until)
        return Penalty.objects.count()
    busy = {item.shop.external_id for item in world.items if item.brand == KEPT}
    proposed = list(Penalty.objects.filter(state=Penalty.State.PROPOSED).select_related("shop").order_by("pk"))
    quiet = [p.shop for p in proposed if p.shop.external_id not in busy]
    if quiet:
        _ban(quiet[0], until)
        _reopen(quiet[0], until)
    _change_a_rule(until)
    ways = (_in_force, _hearing, _stated, _lifted, _dropped)
    waiting = [p for p in proposed if p.shop not in quiet[:1]]
    # The rest stays proposed, for staff to try.
    for way, penalty in zip(ways, waiting[: max(0, len(waiting) - 1)], strict=False):
        with clock.frozen(max(penalty.created_at, until - timedelta(days=3)) + timedelta(hours=1)) as time:
            way(penalty, time)
    return Penalty.objects.count()


def _person(mailbox: str) -> User:
    return User.objects.get(email=f"{mailbox}@{DOMAIN}")


def _ban(shop: Target, until: datetime) -> None:
    """Forged licences, twice: the ladder ends, and two people agree."""
    with clock.frozen(until - timedelta(days=20)) as time:
        for n in (1, 2):
            add_strike(
                shop=shop,
                code="M7",
                cause=f"demo_{shop.public_id}",
                occasion=str(n),
                number="伪造授权书",
                by=_person("senior"),
            )
            time.advance(hours=2)
        penalty = Penalty.objects.get(shop=shop, measure="ban")
        heard = services.open_hearing(penalty=penalty, by=_person("reviewer"), reason=REASON)
        if heard.deadline_at is not None:
            time.set(heard.deadline_at + timedelta(hours=1))
        services.confirm(penalty=penalty, by=_person("senior"), reason=REASON)
        time.advance(hours=3)
        services.put_ban_in_force(penalty=penalty, by=_person("admin"))


def _reopen(banned: Target, until: datetime) -> None:
    """The operator of the banned shop opens another one under the same licence: it is linked, and a ban is proposed."""
    told = {
        "id": f"reopened:{banned.external_id}", "type": "shop.upserted", "occurred_at": until.isoformat(),
        "data": {
            "external_id": f"{banned.external_id}-2", "name": f"{banned.title} · 新店",
            "url": f"{banned.marketplace.storefront_url}/shop/{banned.external_id}-2", "operator_name": banned.operator_name, "operator_uscc": banned.operator_uscc,
        },
    }  # fmt: skip
    with clock.frozen(until):
        ingest(marketplace=banned.marketplace, events=[told], remember=False)
        link_to_earlier(shop=Target.objects.get(marketplace=banned.marketplace, external_id=f"{banned.external_id}-2"))


def _change_a_rule(until: datetime) -> None:
    """A senior reviewer proposes that copied pictures weigh more; somebody else has to decide."""
    if RuleChange.objects.exists():
        return
    before = rule_in_force("M4")
    wording = {name: getattr(before, name) for name in (*WORDING, *PERIOD)}
    wording |= {"points": 3, "effective_from": until + timedelta(days=30)}
    propose_change(
        code="M4", wording=wording, reason="盗图屡禁不止，两分不足以警示。", by=_person("senior")
    )  # fmt: skip


def _hearing(penalty: Penalty, time: clock.FrozenClock) -> None:
    services.open_hearing(penalty=penalty, by=_person("reviewer"), reason=REASON)


def _stated(penalty: Penalty, time: clock.FrozenClock) -> None:
    _hearing(penalty, time)
    time.advance(hours=5)
    people = User.objects.filter(memberships__organisation=penalty.shop.operator).order_by("pk")
    if penalty.shop.operator_id and (by := people.first()):
        services.state_position(penalty=penalty, by=by, text=STATEMENT)


def _in_force(penalty: Penalty, time: clock.FrozenClock) -> None:
    _stated(penalty, time)
    penalty.refresh_from_db()
    if penalty.stated_at is not None:
        time.advance(hours=9)
        services.confirm(penalty=penalty, by=_person("senior"), reason=REASON)


def _lifted(penalty: Penalty, time: clock.FrozenClock) -> None:
    _in_force(penalty, time)
    penalty.refresh_from_db()
    if penalty.state == Penalty.State.IN_FORCE:
        time.advance(hours=10)
        services.lift(
            penalty=penalty, by=_person("senior"), reason="店铺已完成整改。\nThe shop has mended what was wrong."
        )


def _dropped(penalty: Penalty, time: clock.FrozenClock) -> None:
    services.drop(
        penalty=penalty,
        by=_person("reviewer"),
        reason="情节轻微，已主动改正。\nA trifle that the shop mended by itself.",
    )
