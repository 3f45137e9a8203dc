"""The rules as ippro ships them, in Chinese and English: what a new installation begins with.

`load` brings in rules that an installation does not have, and touches none that it has: from then on a rule changes by
a proposal that a second person approves. Points and ladders are modelled on the published rules of large Chinese
marketplaces (steps at 12, 24, 36 and 48 points; counterfeits weigh most); no law prescribes the numbers. See ADR 14.
"""

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from core import clock
from core.ids import new_id

#: the E-Commerce Law came into force on 1 January 2019, Beijing time: no decision here is older
BEGINNING = datetime(2018, 12, 31, 16, tzinfo=UTC)
#: from here on what complainants do brings no points: nothing counted them, and DSA art. 23 has no need of any
REVISED = datetime(2025, 12, 31, 16, tzinfo=UTC)
#: from here on the book says when removals by holders count, and how self-service ends
AMENDED = datetime(2026, 11, 25, 16, tzinfo=UTC)
#: from here on the book says when a ban may be proposed before the points reach it
CLEARED = datetime(2026, 11, 26, 16, tzinfo=UTC)
#: kinds of rights and targets by the names of the rooms above (a test compares them)
RIGHTS = (
    "trademark", "copyright_work", "copyright_software", "patent_invention", "patent_utility", "patent_design",
    "geographical_indication", "publishing", "first_publication",
)  # fmt: skip
TARGETS = ("listing", "video", "livestream", "shop")
_BUT_IMAGES = tuple(right for right in RIGHTS if right != "first_publication")
#: when a version is in force, which is no part of what it says
_PERIOD = ("effective_from", "effective_until")
_PATENTS = ("patent_invention", "patent_utility", "patent_design")


@dataclass(frozen=True)
class Entry:
    """One rule of the catalogue; pairs are (Chinese, English)."""

    code: str
    effect: str
    title: tuple[str, str]
    text: tuple[str, str]
    source: tuple[str, str]
    rights: tuple[str, ...] = ()
    targets: tuple[str, ...] = ()
    points: int = 0
    ladder: str = ""
    steps: tuple[tuple[int, str, int | None], ...] = field(default=())
    since: datetime = BEGINNING

    def columns(self) -> dict[str, Any]:
        """The columns of its version."""
        return {
            **{f"{name}_zh": getattr(self, name)[0] for name in ("title", "text", "source")},
            **{f"{name}_en": getattr(self, name)[1] for name in ("title", "text", "source")},
            "effect": self.effect, "ladder": self.ladder, "points": self.points,
            "rights": list(self.rights), "targets": list(self.targets),
            "steps": [{"points": at, "measure": measure, "days": days} for at, measure, days in self.steps],
            "effective_from": self.since, "effective_until": None,
        }  # fmt: skip


def _upholds(code: str, title: tuple[str, str], text: tuple[str, str], source: tuple[str, str], **fits: Any) -> Entry:
    return Entry(code, "upholds", title, text, source, **fits)


def _dismisses(code: str, title: tuple[str, str], text: tuple[str, str], source: tuple[str, str], **fits: Any) -> Entry:
    return Entry(code, "dismisses", title, text, source, **fits)


def _points(
    code: str, ladder: str, points: int, title: tuple[str, str], text: tuple[str, str], source: tuple[str, str]
) -> Entry:
    return Entry(code, "points", title, text, source, ladder=ladder, points=points)


def _conduct(
    code: str, title: tuple[str, str], text: tuple[str, str], source: tuple[str, str], since: datetime = REVISED
) -> Entry:
    return Entry(code, "conduct", title, text, source, ladder="complainant", since=since)


#: points, measure, days
_STEPS = (
    (2, "warning", None), (6, "limits", 7), (12, "demotion", 14), (18, "deposit", 30),
    (24, "suspension", 7), (30, "suspension", 15), (36, "suspension", 30), (48, "ban", None),
)  # fmt: skip

#: the first version of every rule
CATALOGUE = (
    # --- what carries a takedown ----------------------------------------------------------------------------
    _upholds(
        "U1", ("未经许可使用注册商标的商品", "Goods under a registered mark without the holder's licence"),
        ("商品上使用与注册商标相同或近似的标识，而其来源并非权利人或其被许可人。须有初步证据，例如与真品的比对、测试购买、价格与来源。",
         "The goods bear a sign identical or similar to the registered mark and do not come from the holder or a licensee. "
         "Preliminary evidence is needed: a comparison with genuine goods, a test purchase, price and source."),
        ("《商标法》第五十七条第（一）至（三）项", "Trademark Law art. 57(1)–(3)"), rights=("trademark",),
    ),
    _upholds(
        "U2", ("混淆性近似地使用注册商标", "Confusingly similar use of a registered mark"),
        ("标题、图片或包装使用与注册商标近似的标识，足以使买家误认商品来源。说明用途的必要使用（如“适用于”）不在此列，见 D4。",
         "Title, picture or packaging use a sign so similar to the mark that buyers may mistake where the goods come from. "
         "Use that is needed to say what the goods are for (“fits …”) is not meant: see D4."),
        ("《商标法》第五十七条第（二）、（七）项", "Trademark Law art. 57(2), (7)"), rights=("trademark",),
    ),
    _upholds(
        "U3", ("未经许可复制或发行受保护的作品", "Copying or distribution of a protected work without permission"),
        ("复制、发行或展示他人作品的全部或实质部分：文字、图片、视频、图书或已认证的原创图片，包括裁剪、镜像、调色后的版本。",
         "The whole or an essential part of somebody's work is copied, distributed or shown: text, picture, film, book or a "
         "certified original image, also when it was cropped, mirrored or recoloured."),
        ("《著作权法》第五十二、五十三条", "Copyright Law arts. 52–53"),
        rights=("copyright_work", "publishing", "first_publication"),
    ),
    _upholds(
        "U4", ("未经许可复制软件", "Copying of software without permission"),
        ("出售软件副本、激活码或账号，而权利人并未许可以此方式发行。",
         "Copies, activation keys or accounts of a program are sold in a way in which its holder never licensed it."),
        ("《计算机软件保护条例》第二十四条", "Regulations on Computer Software Protection art. 24"),
        rights=("copyright_software",),
    ),
    _upholds(
        "U5", ("未经许可制造、许诺销售或销售专利产品",
               "Manufacture, offer or sale of a patented product without permission"),
        ("商品落入有效专利的保护范围，且没有许可。实用新型与外观设计可要求提交专利权评价报告与比对。",
         "The goods fall within the scope of a patent in force and there is no licence. For utility models and designs an "
         "evaluation report and a comparison may be asked for."),
        ("《专利法》第十一条", "Patent Law art. 11"), rights=_PATENTS,
    ),
    _upholds(
        "U6", ("不当使用地理标志", "Misuse of a geographical indication"),
        ("商品使用地理标志，却并非产自该地区或不符合其标准。",
         "The goods bear a geographical indication and do not come from the region or do not meet its standard."),
        ("《商标法》第十六条；《民法典》第一百二十三条", "Trademark Law art. 16; Civil Code art. 123"),
        rights=("geographical_indication",),
    ),
    _upholds(
        "U7", ("误导性的店铺名称或头像", "Misleading shop name or avatar"),
        ("店铺名称或头像使用他人商标或作品，使人误认为权利人自营或授权店铺。",
         "Name or avatar of the shop use somebody's mark or work so that it passes for the holder's own or licensed shop."),
        ("《反不正当竞争法》第六条", "Anti-Unfair Competition Law art. 6"),
        rights=("trademark", "copyright_work"), targets=("shop",),
    ),
    _upholds(
        "U8", ("伪造授权", "Forged authorisation"),
        ("店铺出示伪造、变造的授权书或资质。须由权利人盖章说明该店铺及经营者未获授权。",
         "The shop shows a forged or altered authorisation. A sealed statement by the holder that names shop and operator "
         "is needed."),
        ("《电子商务法》第三十八条；《刑法》第二百八十条", "E-Commerce Law art. 38; Criminal Law art. 280"),
        rights=_BUT_IMAGES, targets=("shop",),
    ),
    # --- what carries a dismissal ---------------------------------------------------------------------------
    _dismisses(
        "D1", ("证据不足以证明侵权", "The evidence does not show an infringement"),
        ("初步证据不能使侵权成立具有较大可能性。", "The preliminary evidence does not make an infringement likely."),
        ("《电子商务法》第四十二条", "E-Commerce Law art. 42"),
    ),
    _dismisses(
        "D2", ("与权利保护的内容不相同也不近似", "Not identical or similar to what the right protects"),
        ("被诉内容与权利保护的标识、作品或设计不相同，也不近似。",
         "What is complained of is neither identical nor similar to the sign, work or design that the right protects."),
        ("《商标法》第五十七条；《著作权法》第五十二条", "Trademark Law art. 57; Copyright Law art. 52"),
    ),
    _dismisses(
        "D3", ("正品或经许可的商品", "Genuine or licensed goods"),
        ("商品来自权利人或其被许可人，或为合法购入后转售。",
         "The goods come from the holder or a licensee, or were lawfully bought and are sold on."),
        ("《民法典》第一百二十三条", "Civil Code art. 123"),
    ),
    _dismisses(
        "D4", ("合法的说明或合理使用", "Lawful reference or fair use"),
        ("为说明商品的用途、型号或内容而必要的使用，或法律允许的合理使用。",
         "Use that is needed to say what the goods are for or what they contain, or fair use that the law allows."),
        ("《商标法》第五十九条；《著作权法》第二十四条", "Trademark Law art. 59; Copyright Law art. 24"),
    ),
    _dismisses(
        "D5", ("权利不覆盖该地域、类别或时间", "The right does not cover this territory, class or time"),
        ("权利在该地域、商品类别或行为发生时不受保护。",
         "The right has no force for this territory, this class of goods or at the time of the act."),
        ("《商标法》第五十六条；《著作权法》第二十三条", "Trademark Law art. 56; Copyright Law art. 23"),
    ),
    _dismisses(
        "D6", ("链接所示内容已无法找到", "What the link showed could not be found any more"),
        ("通知没有准确指明位置，或其内容已不存在且没有留存。",
         "The notice does not say exactly where it was, or it is gone and nothing of it was kept."),
        ("法发〔2020〕32 号第五条第（二）项", "Fa Fa [2020] No. 32 art. 5(2)"),
    ),
    _dismisses(
        "D7", ("他人在投诉人之前已发布该图片", "Somebody else published the image before the complainant"),
        ("有证据表明该图片在投诉人之前已由他人发布。",
         "There is proof that somebody else published the image earlier than the complainant."),
        ("《著作权法》第十二条：在作品上署名的为作者，但有相反证明的除外",
         "Copyright Law art. 12: who is named on a published work is its author unless the contrary is proved"),
        rights=("first_publication",),
    ),
    # --- what brings points against a shop --------------------------------------------------------------------
    _points(
        "M1", "shop", 12, ("出售假冒商品", "Selling counterfeit goods"),
        ("投诉成立的商品假冒他人注册商标。每份决定对每家店铺计一次，不按链接数累计。",
         "Goods that were found to counterfeit a registered mark. Counted once for each decision and shop, not for each link."),
        ("《商标法》第五十七条；《电子商务法》第四十二条", "Trademark Law art. 57; E-Commerce Law art. 42"),
    ),
    _points(
        "M2", "shop", 4, ("不当使用商标或地理标志", "Misuse of a mark or of a geographical indication"),
        ("标题、图片或包装混淆性地使用商标，或不当使用地理标志。",
         "Confusing use of a mark in title, picture or packaging, or misuse of a geographical indication."),
        ("《商标法》第十六、五十七条", "Trademark Law arts. 16, 57"),
    ),
    _points(
        "M3", "shop", 12, ("出售盗版图书、软件或音像制品", "Selling pirated books, software or recordings"),
        ("投诉成立的商品为盗版。", "Goods that were found to be pirated copies."),
        ("《著作权法》第五十三条；《计算机软件保护条例》第二十四条",
         "Copyright Law art. 53; Regulations on Computer Software Protection art. 24"),
    ),
    _points(
        "M4", "shop", 2, ("盗用他人图片、文字或视频", "Copying somebody's pictures, text or film"),
        ("未经许可使用他人拍摄或撰写的内容，包括已认证的原创图片。",
         "Use of what somebody else photographed or wrote without permission, certified original images among it."),
        ("《著作权法》第五十二、五十三条", "Copyright Law arts. 52–53"),
    ),
    _points(
        "M5", "shop", 4, ("侵犯专利权", "Infringing a patent"),
        ("投诉成立的商品落入发明、实用新型或外观设计专利的保护范围。",
         "Goods that were found to fall within the scope of an invention, utility model or design patent."),
        ("《专利法》第十一条", "Patent Law art. 11"),
    ),
    _points(
        "M6", "shop", 6, ("店铺名称或头像误导买家", "Misleading buyers by the shop's name or avatar"),
        ("以他人商标或作品冒充权利人或其授权店铺。", "Passing for the holder or a licensed shop by somebody's mark or work."),
        ("《反不正当竞争法》第六条", "Anti-Unfair Competition Law art. 6"),
    ),
    _points(
        "M7", "shop", 24, ("伪造授权或证据", "Forging an authorisation or evidence"),
        ("向买家、权利人或平台出示伪造、变造的授权、发票或其他证据。",
         "Showing buyers, holders or the platform a forged or altered authorisation, invoice or other paper."),
        ("《电子商务法》第三十八条；《刑法》第二百八十条", "E-Commerce Law art. 38; Criminal Law art. 280"),
    ),
    _points(
        "M8", "shop", 6, ("重新上架已被下架的内容", "Putting up again what was taken down"),
        ("在下架决定有效期间自行恢复被下架的商品、视频或直播。同一链接一天内计一次。",
         "Putting a listing, video or livestream up again while it is held down. Counted once a day for each thing."),
        ("《电子商务法》第四十二条", "E-Commerce Law art. 42"),
    ),
    _points(
        "M9", "shop", 4, ("拒绝配合调查", "Refusing to cooperate"),
        ("在期限内不提供进货来源、授权或平台依法要求的其他说明。",
         "Not saying in time where goods came from, not showing a licence, or withholding what the platform may lawfully ask for."),
        ("《电子商务法》第二十五、四十一条", "E-Commerce Law arts. 25, 41"),
    ),
    _points(
        "M10", "shop", 48, ("以新店铺规避处罚", "Evading a penalty by another shop"),
        ("经营者的店铺被封禁后，以同一营业执照、账号或设备另开店铺。须由工作人员核实关联证据。",
         "Opening another shop under the same licence, account or device after a ban. Staff look at the evidence of the link."),
        ("《电子商务法》第四十一、四十二条", "E-Commerce Law arts. 41–42"),
    ),
    # --- what brings points against a complainant ---------------------------------------------------------------
    _points(
        "C1", "complainant", 4, ("错误通知", "False notice"),
        ("通知所依据的权利无效，或其陈述与事实明显不符，且未及时撤回。",
         "A notice on a right that is not in force, or whose statements are plainly untrue, and that was not withdrawn in time."),
        ("《电子商务法》第四十二条第三款", "E-Commerce Law art. 42(3)"),
    ),
    _points(
        "C2", "complainant", 48, ("伪造权属证明或授权委托书", "Forged certificate or power of attorney"),
        ("以伪造、变造的权利凭证或委托书投诉。", "Complaining with a forged or altered certificate or power of attorney."),
        ("法发〔2020〕32 号第六条；《刑法》第二百八十条", "Fa Fa [2020] No. 32 art. 6; Criminal Law art. 280"),
    ),
    _points(
        "C3", "complainant", 24, ("恶意投诉", "Malicious complaint"),
        ("明知不构成侵权，仍以投诉打击竞争对手或牟取不正当利益。",
         "Complaining against better knowledge, to harm a competitor or for an undue advantage."),
        ("《电子商务法》第四十二条第三款；法发〔2020〕32 号第六条", "E-Commerce Law art. 42(3); Fa Fa [2020] No. 32 art. 6"),
    ),
    _points(
        "C4", "complainant", 6, ("反复提交无依据的投诉", "Serial notices without ground"),
        ("就已被驳回的同一事实再次投诉，或成批提交没有初步证据的投诉。",
         "Repeating what was dismissed, or sending many notices without preliminary evidence."),
        ("法发〔2020〕32 号第六条；欧盟 2022/2065 号条例第二十三条", "Fa Fa [2020] No. 32 art. 6; DSA art. 23(2)"),
    ),
    _points(
        "C5", "complainant", 24, ("以撤诉索取钱财", "Demanding money for a withdrawal"),
        ("向商家索要钱财或其他利益作为撤回投诉的条件。",
         "Asking a merchant for money or another benefit as the price of a withdrawal."),
        ("《刑法》第二百七十四条；《电子商务法》第四十二条第三款", "Criminal Law art. 274; E-Commerce Law art. 42(3)"),
    ),
    # --- what points lead to -----------------------------------------------------------------------------------
    Entry(
        "L1", "ladder", ("店铺处罚阶梯", "Ladder of penalties for shops"),
        ("一次违规所记分数在 365 天内有效。365 天内再次违反同一规则的，加倍计分。累计分数达到某一级的，由工作人员提出该级处罚："
         "店铺收到通知并在听证期内陈述，之后方可确认；封禁须由两人决定。决定被撤销的，相应分数退回。",
         "Points count for 365 days. Breaking the same rule again within 365 days counts double. Where the points reach a step "
         "its penalty is proposed: the shop is told and heard before anything is confirmed, and a ban needs two people. Where a "
         "decision is reversed its points are taken back."),
        ("《电子商务法》第四十一、四十二条；欧盟 2022/2065 号条例第二十三条", "E-Commerce Law arts. 41–42; DSA art. 23"),
        ladder="shop",
        steps=_STEPS,
    ),
    Entry(
        "L2", "ladder", ("投诉人处罚阶梯", "Ladder of penalties for complainants"),
        ("一次违规所记分数在 365 天内有效。暂停前必须已经警告过；每项措施都由人员决定、说明理由并可申诉。",
         "Points count for 365 days. Nobody is suspended without a warning before; people decide on every measure, name its "
         "reason, and it can be appealed."),
        ("欧盟 2022/2065 号条例第二十三条第二、三款", "DSA art. 23(2), (3)"),
        ladder="complainant",
        steps=((4, "warning", None), (24, "suspension", 30), (48, "ban", None)),
    ),
    # --- on which terms complainants complain -------------------------------------------------------------------
    _conduct(
        "L3", ("投诉通道", "Lanes of complaints"),
        ("投诉按投诉人的诚信分进入快速、普通或慢速通道。诚信分由最近十二个月内投诉链接的结果得出。90 分以上且一年内没有经确认的滥用行为的，进入快速"
         "通道；低于 40 分，或者存在警告、暂停的，进入慢速通道。通道只影响数量与时限，不影响如何决定。",
         "A complaint goes into the fast, normal or slow lane by the good-faith score of its complainant, which is made of what "
         "became of its links within twelve months: fast from 90 points on if no misuse was confirmed within a year, slow below "
         "40 or while a warning or suspension stands. A lane changes limits and times, never how a complaint is decided."),
        ("欧盟 2022/2065 号条例第二十二、二十三条", "DSA arts. 22–23"),
    ),
    _conduct(
        "L4", ("自助下架", "Self-service takedown"),
        ("投诉记录良好、经核实且并非代理人的权利人，通过测试后可以自行下架，由工作人员抽查。抽查确认率不足百分之九十九的、投诉人被暂停的，或者"
         "工作人员说明理由予以取消的，权限终止，可以申诉。",
         "A verified holder with a good record, no agent, takes down by itself after a test, and staff review a share of it. It "
         "ends where less than 99 per cent of what they review is confirmed, where the holder is suspended, or where staff take "
         "it away with reasons; each can be appealed."),
        ("欧盟 2022/2065 号条例第十七、二十条", "DSA arts. 17, 20"),
    ),
)  # fmt: skip

#: later versions of shipped rules, in their order. What was shipped once is never edited, not even by a word: decisions
#: cite it, and a test pins its digest. To change a rule add a version here, and a migration that calls `revise`.
REVISIONS = (
    # --- what complainants must not do brings no points, and what follows from it instead ---------------------------
    _conduct(
        "C1", ("错误通知", "False notice"),
        ("通知所依据的权利无效或不覆盖所投诉的内容，或其陈述与事实明显不符，且未及时撤回。",
         "A notice on a right that is not in force or does not cover what is complained of, or whose statements are plainly "
         "untrue, and that was not withdrawn in time."),
        ("《电子商务法》第四十二条第三款", "E-Commerce Law art. 42(3)"),
    ),
    _conduct(
        "C2", ("伪造权属证明或授权委托书", "Forged certificate or power of attorney"),
        ("以伪造、变造的权利凭证或委托书投诉。", "Complaining with a forged or altered certificate or power of attorney."),
        ("法发〔2020〕32 号第六条；《刑法》第二百八十条", "Fa Fa [2020] No. 32 art. 6; Criminal Law art. 280"),
    ),
    _conduct(
        "C3", ("恶意投诉", "Malicious complaint"),
        ("明知不构成侵权或权利不稳定，仍以投诉打击竞争对手、规避限制或牟取不正当利益。",
         "Complaining against better knowledge, or on a right known to be unstable, to harm a competitor, to get round a limit or "
         "for an undue advantage."),
        ("《电子商务法》第四十二条第三款；法发〔2020〕32 号第六条", "E-Commerce Law art. 42(3); Fa Fa [2020] No. 32 art. 6"),
    ),
    _conduct(
        "C4", ("反复提交无依据的投诉", "Serial notices without ground"),
        ("就已被驳回的同一事实再次投诉，拆分投诉，或成批提交没有初步证据的投诉。",
         "Repeating what was dismissed, splitting up what one complaint would have said, or sending many notices without "
         "preliminary evidence."),
        ("法发〔2020〕32 号第六条；欧盟 2022/2065 号条例第二十三条", "Fa Fa [2020] No. 32 art. 6; DSA art. 23(2)"),
    ),
    _conduct(
        "C5", ("以撤诉索取钱财", "Demanding money for a withdrawal"),
        ("向商家威胁，或索要钱财或其他利益作为撤回投诉的条件。",
         "Threatening a merchant, or asking for money or another benefit as the price of a withdrawal."),
        ("《刑法》第二百七十四条；《电子商务法》第四十二条第三款", "Criminal Law art. 274; E-Commerce Law art. 42(3)"),
    ),
    _conduct(
        "L2", ("滥用投诉程序的后果", "What follows from misuse of the procedure"),
        ("经工作人员确认的滥用行为（C1 至 C5）不计分。首先给予警告，有效期 365 天；此后再犯的，由另一名高级审核员暂停其投诉：首次 30 天，第二次 90 天，"
         "此后每次 180 天。警告或暂停期间投诉进入慢速通道，暂停使自助下架终止。考虑行为的数量、占比、严重程度和目的；每项措施都由人员决定、说明理由"
         "并可申诉。",
         "Misuse that staff confirmed (C1 to C5) brings no points. First comes a warning, for 365 days; who goes on after it is "
         "suspended by another senior reviewer: for 30 days the first time, 90 the second, 180 from then on. While either stands "
         "complaints go into the slow lane, and a suspension ends self-service takedown. Numbers, share, gravity and purpose are "
         "weighed; people decide on each measure, give reasons, and it can be appealed."),
        ("欧盟 2022/2065 号条例第二十三条第二至四款", "DSA art. 23(2)–(4)"),
    ),
    # --- what holders take down by themselves -------------------------------------------------------------------
    Entry(
        "L1", "ladder", ("店铺处罚阶梯", "Ladder of penalties for shops"),
        ("一次违规所记分数在 365 天内有效。365 天内再次违反同一规则的，加倍计分。累计分数达到某一级的，由工作人员提出该级处罚："
         "店铺收到通知并在听证期内陈述，之后方可确认；封禁须由两人决定。权利人自行下架的，须经工作人员复核确认，或申诉期届满"
         "无人申诉后方计分。决定被撤销的，相应分数退回。",
         "Points count for 365 days. Breaking the same rule again within 365 days counts double. Where the points reach a step "
         "its penalty is proposed: the shop is told and heard before anything is confirmed, and a ban needs two people. What a "
         "holder of rights took down by itself counts once staff reviewed and confirmed it, or once the time to appeal has "
         "passed and no appeal or answer is open. Where a decision is reversed its points are taken back."),
        ("《电子商务法》第四十一、四十二条；欧盟 2022/2065 号条例第二十三条", "E-Commerce Law arts. 41–42; DSA art. 23"),
        ladder="shop",
        steps=_STEPS, since=AMENDED,
    ),
    _conduct(
        "L4", ("自助下架", "Self-service takedown"),
        ("投诉记录良好、经核实且并非代理人的权利人，通过测试后可以自行下架，由工作人员抽查。抽查确认率不足百分之九十九的（抽查不足二十个链接的，"
         "自第二个错误链接起）、投诉人被暂停的，或者工作人员说明理由予以取消的，权限终止，可以申诉。因确认率不足或被取消而终止的，183 天内"
         "不得再次取得。抽中复核的下架中，权利人在复核前撤回的链接或者认可反通知而放回的链接，计为未获确认，除非复核人员认定下架正确。"
         "未经复核的下架对权利人既不加分也不减分。",
         "A verified holder with a good record, no agent, takes down by itself after a test, and staff review a share of it. It "
         "ends where less than 99 per cent of what they review is confirmed (before twenty links were reviewed, at the second "
         "that was wrong), where the holder is suspended, or where staff take it away with reasons; each can be appealed. Lost "
         "for want of accuracy or by staff, it is not earned again within 183 days. Of a removal that was drawn for review, links "
         "that its holder withdrew before it, or gave up to a counter-notice, count as not confirmed unless the reviewer finds "
         "that they were right. What nobody reviewed counts neither for nor against the holder."),
        ("欧盟 2022/2065 号条例第十七、二十条", "DSA arts. 17, 20"), since=AMENDED,
    ),
    # --- shops that live from infringement ----------------------------------------------------------------------
    Entry(
        "L1", "ladder", ("店铺处罚阶梯", "Ladder of penalties for shops"),
        ("一次违规所记分数在 365 天内有效。365 天内再次违反同一规则的，加倍计分。累计分数达到某一级的，由工作人员提出该级处罚："
         "店铺收到通知并在听证期内陈述，之后方可确认；封禁须由两人决定。店铺商品中很大部分被认定侵权、屡次被认定侵权、下架后屡次重新上架，"
         "或者与已封禁店铺属同一经营者的，工作人员可以说明理由，在分数达到之前提出封禁，同样须经听证并由两人决定。权利人自行下架的，须经工作人员"
         "复核确认，或申诉期届满无人申诉后方计分。决定被撤销的，相应分数退回。",
         "Points count for 365 days. Breaking the same rule again within 365 days counts double. Where the points reach a step "
         "its penalty is proposed: the shop is told and heard before anything is confirmed, and a ban needs two people. Of a "
         "shop of whose goods a large share was found to infringe, against which was decided again and again, which put up "
         "again what was taken down, or which is of the operator of a banned shop, staff may propose the ban with reasons before "
         "the points reach it; it is heard and decided by two people all the same. What a holder of rights took down by itself "
         "counts once staff reviewed and confirmed it, or once the time to appeal has passed and no appeal or answer is open. "
         "Where a decision is reversed its points are taken back."),
        ("《电子商务法》第四十一、四十二条；欧盟 2022/2065 号条例第二十三条", "E-Commerce Law arts. 41–42; DSA art. 23"),
        ladder="shop",
        steps=_STEPS, since=CLEARED,
    ),
)  # fmt: skip


def shipped_versions() -> dict[str, list[Entry]]:
    """Every version of every shipped rule from the first on, by its code, in the order of the book."""
    versions: dict[str, list[Entry]] = {entry.code: [entry] for entry in CATALOGUE}
    for revision in REVISIONS:
        versions[revision.code].append(revision)
    return versions


def as_shipped() -> list[Entry]:
    """Every rule in its latest shipped version, in the order of the book."""
    return [entries[-1] for entries in shipped_versions().values()]


def load(rules: Any, versions: Any) -> int:
    """Bring in rules that are not there, through the managers given (a migration has its own); returns how many.

    An empty book gets every version from its day on. In one that is in use nothing begins in the past: what is new to
    it is in force from now on, in its latest version.
    """
    there = set(rules.values_list("code", flat=True))
    missing = {code: entries for code, entries in shipped_versions().items() if code not in there}
    now = clock.now()
    for code, entries in missing.items():
        if there:
            rule = rules.create(code=code, created_at=now)
            _publish(versions, rule, 1, entries[-1], since=max(now, entries[-1].since), published_at=now)
            continue
        rule = rules.create(code=code, created_at=BEGINNING)
        for number, entry in enumerate(entries, start=1):
            _publish(versions, rule, number, entry, since=entry.since, published_at=entry.since)
    return len(missing)


def revise(rules: Any, versions: Any, *, at: datetime) -> int:
    """Bring the latest shipped versions into an installation that has earlier ones, from `at` on; returns how many.

    Once, by a migration: what two people of an installation changed is its own, and stays. Nothing is published that
    says what the version before says.
    """
    revised = 0
    for code, entries in shipped_versions().items():
        rule = rules.filter(code=code).first()
        if rule is None or versions.filter(rule=rule, change__isnull=False).exists():
            continue
        last = versions.filter(rule=rule).order_by("-number").first()
        said = {name: value for name, value in entries[-1].columns().items() if name not in _PERIOD}
        if last is not None and any(getattr(last, name) != value for name, value in said.items()):
            _publish(
                versions, rule, last.number + 1, entries[-1], since=max(at, entries[-1].since), published_at=at
            )  # fmt: skip
            revised += 1
    return revised


def _publish(versions: Any, rule: Any, number: int, entry: Entry, *, since: datetime, published_at: datetime) -> None:
    from rulebook.models import RuleVersion

    columns = entry.columns() | {"effective_from": since}
    versions.create(
        rule=rule, number=number, public_id=new_id("rlv"), published_at=published_at,
        content_hash=RuleVersion(**columns).digest(), **columns,
    )  # fmt: skip
