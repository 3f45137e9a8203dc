"""Counter-notices in every state that a visitor can look at: merchants answered takedowns of their own.

The complaints are told here too: points, penalties and appeals of the demo rest on those of `stories.py`, and what is
brought back takes its points back.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial

from accounts.models import User
from complaints import counter_clock, counter_notices, services
from complaints.counter_notices import Answer, Proof
from complaints.models import ComplaintTarget, CounterNotice, Proceeding, StatementOfReasons
from core import clock
from core.models import FilePurpose, PrivateFile
from filings.models import Filing
from seeds import pictures, stories
from seeds.logins import PEOPLE
from seeds.outbox import deliver_all
from seeds.papers import Papers
from seeds.stories import Story
from seeds.world import DOMAIN, Item, World

OPERATOR = {mailbox: slug for mailbox, slug, *_rest in PEOPLE}
MISSING = "请补充盖章的授权书或能看清批次的进货发票；仅有文字说明，不足以作为初步证据。"
COURT = "鹭汀市知识产权法院（演示）"


@dataclass(frozen=True)
class Answered:
    """A takedown, who answered it with what words, and what became of that."""

    story: Story
    by: str
    end: str
    words: str


def _upheld(
    by: str, right: str, infringement: str, nature: str, brand: str, count: int, days_ago: float, words: str,
    reviewer: str = "reviewer",
) -> Story:  # fmt: skip
    return Story(by, right, infringement, (nature,), brand, count, days_ago, "upheld", words, reviewer=reviewer)


STORIES = (
    Answered(
        _upheld("publisher", "yanxi-book0", "pirated_book", "resale", "yanxi", 2, 26,
                "售价明显低于定价，怀疑为盗版，请平台核实并下架。"),
        "merchant.books", "released", "所售为正版二手书，系向贵社经销商购入后转售，附进货单与版权页照片。",
    ),
    Answered(
        _upheld("holder.en", "belcourtine-tm", "trademark_use", "design_copy", "belcourtine", 2, 24,
                "The lock plate carries a knot that buyers take for our registered device; a comparison is attached.",
                reviewer="reviewer.en"),
        "merchant.en", "in_proceedings",
        "The plate shows a maker's knot that was in use years before the registration; an invoice of that time is attached.",
    ),
    Answered(
        _upheld("nordwisp", "nordwisp-tm", "trademark_use", "trademark_use", "nordwisp", 1, 11,
                "标题使用我司商标，商品与我司无关，易使消费者混淆来源。"),
        "merchant", "conceded", "该商品由贵司授权经销商供货，标题仅说明品牌来源，附授权链路与发票。",
    ),
    Answered(
        _upheld("holder", "kivorro-sneaker-photo", "copied_image", "copied_image", "kivorro", 2, 9,
                "未经许可使用我司产品摄影作品作为商品主图，附原图与拍摄记录。"),
        "merchant", "waiting", "图片由供应商提供，并附其取得的使用许可；商品为正品，附进货发票。",
    ),
    Answered(
        _upheld("publisher", "yanxi-book1", "pirated_book", "pirated_book", "yanxi", 1, 4,
                "该书为我社专有出版，所售为影印件，装订与纸张明显不符。"),
        "merchant.books", "returned", "我店进货渠道正规，所售均为正版图书，请恢复链接。",
    ),
    Answered(
        _upheld("nordwisp", "nordwisp-backpack-photo", "copied_image", "copied_image", "nordwisp", 2, 2.1,
                "商品主图系盗用我司官网拍摄的产品照片，仅作了裁剪。"),
        "merchant", "submitted", "图片为我店自行拍摄，附原始文件与拍摄花絮，与被指作品角度、光线均不同。",
    ),
)  # fmt: skip


def tell(*, world: World, storefront_url: str, filings: dict[str, Filing], papers: Papers, until: datetime) -> int:
    """Tell every story for which there are things; returns how many. Told once, it tells nothing more."""
    if CounterNotice.objects.exists():
        return 0
    told = 0
    for answered in STORIES:
        items = _items(answered, world)
        if not items:
            continue
        right = world.right(answered.story.right)
        complaint = stories.tell_one(
            answered.story, items, storefront_url, filings[right.slug], partial(papers.evidence, right=right), until
        )
        with clock.frozen(complaint.state_since_at) as time:
            # As the clock does when the parties have to be told, whatever the marketplace says.
            time.set(min(complaint.deadline_at or until, until - timedelta(minutes=5)) + timedelta(minutes=1))
            services.pass_deadline(complaint=complaint)
            deliver_all()
            _tell(answered, StatementOfReasons.objects.get(decision__complaint=complaint), papers, time, until)
        told += 1
    return told


def _items(answered: Answered, world: World) -> Sequence[Item]:
    """Things of the merchant that nobody complained of yet; in a small world others of the same brand stand in."""
    story = answered.story
    known = set(ComplaintTarget.objects.values_list("target__external_id", flat=True))
    of_brand = [
        item
        for item in world.items
        if item.kind == "listing" and item.brand == story.brand and item.external_id not in known
        and item.shop.operator.slug == OPERATOR[answered.by]
    ]  # fmt: skip
    fits = [item for item in of_brand if item.nature in story.natures] or of_brand
    return [item for item in fits if item.shop == fits[0].shop][: story.count]


def _tell(
    answered: Answered, statement: StatementOfReasons, papers: Papers, time: clock.FrozenClock, until: datetime
) -> None:
    by = _person(answered.by)

    def later(hours: float) -> None:
        time.set(min(clock.now() + timedelta(hours=hours), until))

    later(9)
    answer = Answer(
        statement=answered.words, signature=by.name, good_faith=True,
        evidence=[_paper(papers, by, "进货发票 invoice.jpg", "进 货 发 票", "品名", answered.story.right)],
    )  # fmt: skip
    made = counter_notices.submit_counter_notice(statement=statement, answer=answer, by=by)
    deliver_all()
    if answered.end != "submitted":
        _go_on(answered, made, papers, time, later)
    deliver_all()


def _go_on(
    answered: Answered, made: CounterNotice, papers: Papers, time: clock.FrozenClock, later: Callable[[float], None]
) -> None:
    reviewer, complainant = _person(answered.story.reviewer), _person(answered.story.by)
    later(6)
    if answered.end == "returned":
        counter_notices.return_for_supplement(counter_notice=made, by=reviewer, missing=MISSING)
        return
    made = counter_notices.forward(counter_notice=made, by=reviewer)
    deliver_all()
    later(5)
    made = counter_notices.open_as_complainant(counter_notice=made, by=complainant)
    deliver_all()
    later(50)
    if answered.end == "conceded":
        counter_notices.concede(counter_notice=made, by=complainant)
    elif answered.end == "in_proceedings":
        receipt = _paper(papers, complainant, "受理通知书 receipt.jpg", "受理案件通知书", "案由", "侵害商标权纠纷")
        proof = Proof(Proceeding.Kind.LAWSUIT, COURT, "（2026）鹭 02 民初 117 号", clock.today(), receipt)
        counter_notices.prove(counter_notice=made, by=complainant, proof=proof)
    elif answered.end == "released" and made.deadline_at:
        time.set(made.deadline_at + timedelta(minutes=1))
        counter_clock.pass_deadline(made)


def _paper(papers: Papers, by: User, name: str, title: str, label: str, value: str) -> PrivateFile:
    """A paper that one side hands in, drawn and marked as a sample."""
    organisation = by.organisation
    if organisation is None:
        raise ValueError(f"{by} acts for nobody")
    drawn = pictures.certificate(
        title=title, subtitle="DEMO · SAMPLE", number=f"No. {clock.today():%Y%m%d}-{organisation.pk:04}",
        rows=[("单位", organisation.name), (label, value), ("日期", f"{clock.today():%Y-%m-%d}")], issuer="演示",
    )  # fmt: skip
    return papers.keep(
        data=pictures.jpeg(drawn), name=name, purpose=FilePurpose.EVIDENCE, organisation=organisation, by=by
    )


def _person(mailbox: str) -> User:
    return User.objects.get(email=f"{mailbox}@{DOMAIN}")
