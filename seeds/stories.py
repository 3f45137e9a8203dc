"""A handful of complaints in every state, told through the same services as everybody's.

Each story is a table row: who complained of what, when, and what became of it, in days before the load.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Literal

from accounts.models import User
from complaints import services
from complaints.models import Complaint, ComplaintTarget
from complaints.rules import USUAL_RULE
from complaints.services import Found, Notice
from core import clock
from core.models import PrivateFile
from filings.models import Filing
from marketplace.links import resolve
from seeds.marketplace import link
from seeds.outbox import deliver_all
from seeds.world import DOMAIN, Item, Shop, World

#: makes the evidence of one complaint, by keyword: by, right, things
Attach = Callable[..., list[PrivateFile]]
End = Literal[
    "submitted", "returned", "supplemented", "rejected", "accepted", "upheld", "mixed", "dismissed", "closed", "withdrawn",
]  # fmt: skip


@dataclass(frozen=True)
class Story:
    """One complaint: `by` a mailbox, on a right, against `count` things of one nature."""

    by: str
    right: str
    infringement: str
    natures: tuple[str, ...]
    brand: str
    count: int
    days_ago: float
    end: End
    words: str
    kinds: tuple[str, ...] = ("listing",)
    shop: str = ""
    reviewer: str = "reviewer"
    skip: int = 0
    test_buy: str = ""


STORIES = (
    Story("holder", "kivorro-tm", "counterfeit", ("counterfeit",), "kivorro", 3, 34, "closed",
          "商品标注“原单尾货”，使用我司注册商标，实物鞋标与吊牌均为仿制，价格仅为正品三成。", test_buy="DM20260318-77120"),
    Story("holder", "kivorro-tm", "trademark_use", ("trademark_use",), "kivorro", 2, 12, "upheld",
          "标题与鞋身使用与我司商标近似的标识，并将图形镜像处理，足以造成混淆。"),
    Story("colleague", "kivorro-sneaker-photo", "copied_image", ("copied_image",), "kivorro", 4, 6, "mixed",
          "未经许可使用我司产品摄影作品，经裁剪、镜像、加横幅后作为商品主图。"),
    Story("colleague", "kivorro-tm", "counterfeit", ("counterfeit",), "kivorro", 4, 1.2, "accepted", skip=4,
          words="在商品页、商城、短视频中销售假冒我司商标的运动鞋与卫衣，附对比图。", kinds=("listing", "video", "livestream"), reviewer="reviewer"),
    Story("holder", "kivorro-tm", "shop_name", (), "kivorro", 1, 2, "submitted",
          "店铺名称与头像使用我司商标“奇沃锐”及图形，冒充品牌折扣店，与我司无任何授权关系。", shop="奇沃锐品牌折扣仓"),
    Story("nordwisp", "nordwisp-backpack-design", "design_copy", ("design_copy",), "nordwisp", 2, 0.3, "submitted",
          "被诉双肩包整体造型与我司外观设计专利基本一致，前袋比例、拉链走向与肩带分割相同，附逐项对比。"),
    Story("holder.en", "belcourtine-tm", "counterfeit", ("counterfeit",), "belcourtine", 2, 9, "upheld",
          "Bags that bear our knot device and word mark. We never supplied these shops; lock plate and stitching differ from ours.", reviewer="reviewer.en"),
    Story("holder.en", "belcourtine-tm", "trademark_use", ("unrelated",), "belcourtine", 1, 5, "dismissed",
          "The bag looks like ours and we believe that it uses our trade dress; buyers may be confused by the flap.", reviewer="reviewer.en"),
    Story("holder.en", "belcourtine-handbag-photo", "copied_image", ("copied_image",), "belcourtine", 2, 0.6, "submitted",
          "Our launch photographs of the Arc bag, cropped and recoloured, used as the main picture."),
    Story("publisher", "yanxi-book0", "pirated_book", ("pirated_book",), "yanxi", 2, 21, "upheld",
          "该书为我社专有出版，所售为影印件，版权页缺失，纸张与定价明显不符。", test_buy="DM20260402-10093"),
    Story("publisher", "yanxi-book1", "pirated_book", ("pirated_book",), "yanxi", 1, 3, "returned",
          "疑似盗版图书，请平台处理，商品页面没有出示任何出版授权。", skip=0),
    Story("publisher", "yanxi-book2", "pirated_book", ("resale",), "yanxi", 1, 15, "withdrawn",
          "以低价销售我社图书，怀疑为盗版，请核实货源与进货凭证。"),
    Story("audio", "sonquill-tm", "counterfeit", ("counterfeit",), "sonquill", 2, 0.1, "submitted",
          "所售耳机使用松羽声注册商标，序列号无法通过官方验证，包装无防伪码。", kinds=("listing", "livestream")),
    Story("audio", "sonquill-software", "pirated_software", ("pirated_software",), "sonquill", 1, 4, "supplemented",
          "销售我司软件的所谓永久激活码，我司从未以激活码形式销售该软件。"),
    Story("audio", "sonquill-tm", "trademark_use", ("compatible",), "sonquill", 1, 7, "rejected",
          "配件商品标题中写有我司品牌名称，要求下架，页面显示适用我司耳机。"),
    # An agency, under its power of the same holder: both see what became of it, and the appeal of either.
    Story("agency", "kivorro-sneaker-photo", "copied_image", ("resale", "unrelated"), "kivorro", 1, 3.5, "dismissed",
          "受奇沃锐委托：商品主图与委托人产品摄影作品高度近似，经裁剪调色后使用，附原图对比。"),
    Story("agency", "kivorro-tm", "counterfeit", ("counterfeit", "trademark_use"), "kivorro", 2, 0.2, "submitted",
          "受奇沃锐委托：被诉店铺销售假冒委托人注册商标的运动鞋，鞋标字体与吊牌编码与正品不符。"),
)  # fmt: skip


def tell(
    *, world: World, storefront_url: str, filings: dict[str, Filing], attach: Attach, until: datetime
) -> list[Complaint]:
    """Tell every story as if it had happened in the days before `until`."""
    told = []
    used: set[str] = set()
    for story in sorted(STORIES, key=lambda s: -s.days_ago):
        chosen = _chosen(story, world, used)
        if chosen:
            right = world.right(story.right)
            told.append(
                tell_one(story, chosen, storefront_url, filings[right.slug], partial(attach, right=right), until)
            )
    return told


def _chosen(story: Story, world: World, used: set[str]) -> list[Item | Shop]:
    if story.shop:
        return [world.shop(story.shop)]
    found: list[Item | Shop] = []
    book = story.right.rpartition("-book")[2] if "-book" in story.right else ""
    title = world.right(story.right).title.strip("《》") if book else ""
    for kind in story.kinds:
        items = [i for i in world.items if i.kind == kind and i.nature in story.natures and i.brand == story.brand]
        items = [i for i in items if i.external_id not in used and (not title or i.subject == title)]
        found += items[: max(1, story.count - len(story.kinds) + 1) if kind == "listing" else 1]
    used |= {i.external_id for i in found[: story.count]}
    return found[: story.count]


def tell_one(
    story: Story, chosen: Sequence[Item | Shop], storefront_url: str, filing: Filing,
    attach: Attach, until: datetime,
) -> Complaint:  # fmt: skip
    """One story: `chosen` things are complained of, and what became of it, in the days before `until`."""
    by = User.objects.get(email=f"{story.by}@{DOMAIN}")
    start = until - timedelta(days=story.days_ago)
    links = [_link(storefront_url, thing, i) for i, thing in enumerate(chosen)]
    with clock.frozen(start) as time:
        notice = Notice(
            right=filing.public_id, infringement=story.infringement, links=resolve(links), description=story.words,
            signature=by.name, good_faith=True, test_buy_order=story.test_buy, language=by.language,
            evidence=attach(by=by, things=chosen),
        )  # fmt: skip
        complaint = services.submit_complaint(notice=notice, by=by)
        deliver_all()
        if story.end != "submitted":
            _go_on(story, complaint, by, time, until)
    complaint.refresh_from_db()
    return complaint


def _link(storefront_url: str, thing: Item | Shop, i: int) -> str:
    """How a person would have copied it: shops by share text, films with a time code, goods from any page."""
    if isinstance(thing, Shop):
        return f"#{thing.token}#"
    scene = thing.scenes[i % len(thing.scenes)]
    seconds = 7 + i * 13 if thing.kind != "listing" else None
    return link(storefront_url, scene, thing.external_id, seconds)


def _go_on(story: Story, complaint: Complaint, by: User, time: clock.FrozenClock, until: datetime) -> None:
    reviewer = User.objects.get(email=f"{story.reviewer}@{DOMAIN}")

    def later(hours: float) -> None:
        time.set(min(clock.now() + timedelta(hours=hours), until))

    later(min(7, story.days_ago * 10))
    if story.end in ("returned", "supplemented"):
        missing = "请补充测试购买订单号，或能看出盗版特征的照片；仅凭怀疑无法受理。"
        services.return_for_supplement(complaint=complaint, by=reviewer, missing=missing)
        if story.end == "supplemented":
            later(26)
            services.supplement(
                complaint=complaint,
                by=by,
                text="已补充：购买记录显示卖家发送的激活码在我司系统中不存在。",
                test_buy_order="DM20260511-40021",
            )
    elif story.end == "rejected":
        services.reject(
            complaint=complaint,
            by=reviewer,
            reason="标题写明“适用”“非原厂”，属于对商品用途的说明，不构成商标性使用；如有其他证据可重新提交。",
        )
    elif story.end == "withdrawn":
        services.accept(complaint=complaint, by=reviewer)
        later(30)
        services.withdraw(complaint=complaint, by=by, reason="卖家已出示进货凭证，确认为正版。")
    else:
        services.accept(complaint=complaint, by=reviewer)
        if story.end != "accepted":
            later(28)
            services.decide(complaint=complaint, by=reviewer, findings=_findings(story, complaint))
    deliver_all()
    if story.end == "closed":
        # As the clock does once nobody has said anything more.
        for _ in range(2):
            complaint.refresh_from_db()
            if complaint.deadline_at and complaint.deadline_at < until:
                time.set(complaint.deadline_at + timedelta(minutes=1))
                services.pass_deadline(complaint=complaint)
                deliver_all()


def _findings(story: Story, complaint: Complaint) -> list[Found]:
    targets = list(complaint.targets.filter(outcome=ComplaintTarget.Outcome.PENDING).order_by("pk"))
    findings = []
    for i, target in enumerate(targets):
        upheld = story.end != "dismissed" and not (story.end == "mixed" and i == len(targets) - 1)
        if upheld:
            facts = "经比对，被诉链接所示商品与权利凭证一致或近似，卖家未提供授权，初步证据充分。"
            findings.append(Found(target, True, USUAL_RULE[story.infringement], facts))
        else:
            facts = "被诉图片与权利作品在构图、光线与细节上不同，现有证据不足以认定侵权。"
            findings.append(Found(target, False, "D2" if story.infringement == "trademark_use" else "D1", facts))
    return findings
