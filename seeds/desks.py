"""How the demo's reviewers work: what each reads and takes, prepared reasons, and views of the queue that the team shares."""

from accounts.models import User
from complaints import assigning
from complaints.models import ReviewerProfile
from core.saved_filters import SavedFilter, save_filter
from rulebook.macros import ReasonMacro, save_macro
from seeds.world import DOMAIN

#: nothing is assigned by itself in the demo: its stories say who decides what, and a visitor turns it on
PROFILES = (
    ("reviewer", ["zh"], ["door", "decide", "appeals"], 40),
    ("reviewer.en", ["en"], ["door", "decide", "appeals"], 25),
    ("senior", ["zh", "en"], ["decide", "appeals"], 10),
)
REASONS = (
    (ReasonMacro.Place.UPHOLD, "Label copies the mark", "counterfeit", "U1",
     "经比对，商品吊牌与“{mark}”（注册号 {registration}）注册商标近似且使用于同类商品，{holder}确认非其生产。",
     "Compared with “{mark}” (no. {registration}), the label shows the registered mark on goods of the same class; {holder} did not make them."),
    (ReasonMacro.Place.UPHOLD, "Picture copied", "copied_image", "",
     "链接主图与“{mark}”权利图片在构图、光线与细节上一致，未见授权。",
     "The picture agrees with “{mark}” in composition, light and detail, and no licence was shown."),
    (ReasonMacro.Place.DISMISS, "Genuine goods resold", "", "",
     "现有证据不足以排除该商品为正品转售，案件 {number} 中该链接不予支持。",
     "The evidence in {number} does not exclude that genuine goods are resold: this link is not upheld."),
    (ReasonMacro.Place.RETURN, "Comparison is missing", "", "",
     "请补充被投诉商品与“{mark}”的比对图，标明相同之处。",
     "Please add a comparison of the goods with “{mark}” and mark what is the same."),
    (ReasonMacro.Place.ANSWER, "Licence was shown", "", "",
     "商家提交的授权书覆盖该链接，原决定对其不再成立。",
     "The licence that the merchant showed covers this link: the decision does not stand for it."),
    (ReasonMacro.Place.APPEAL, "First decision was right", "", "",
     "申诉 {number} 未提出新的事实，原决定维持。",
     "Appeal {number} brings no new facts: the decision stands."),
    (ReasonMacro.Place.FILING, "Certificate cannot be read", "", "",
     "“{mark}”的证书影像不清晰，请重新上传原件扫描件。",
     "The certificate of “{mark}” cannot be read. Please upload a scan of the original."),
)  # fmt: skip
#: list, name, filters and order, for the team
VIEWS = (
    ("complaints_complaint", "Counterfeits to decide", "desk=decide&infringement=counterfeit"),
    ("complaints_complaint", "English, nobody's", "desk=nobody&language=en"),
    ("complaints_complaint", "Fast lane", "lane=fast"),
    ("filings_filing", "In conflict", "desk=conflict"),
    ("governance_appeal", "Against takedowns", "kind=takedown"),
)


def arrange() -> None:
    """Keep profiles, prepared reasons and views; a second time changes nothing."""
    senior = _person("senior")
    for name, languages, queues, capacity in PROFILES:
        if not ReviewerProfile.objects.filter(person=_person(name)).exists():
            profile = ReviewerProfile(
                person=_person(name), languages=languages, queues=queues, daily_capacity=capacity
            )  # fmt: skip
            assigning.save_profile(profile=profile, by=senior)
    for place, title, infringement, rule, text_zh, text_en in REASONS:
        if not ReasonMacro.objects.filter(place=place, title=title).exists():
            macro = ReasonMacro(
                place=place, title=title, infringement=infringement, rule=rule, text_zh=text_zh, text_en=text_en
            )
            save_macro(macro=macro, by=senior)
    for listed, name, query in VIEWS:
        if not SavedFilter.objects.filter(place=listed, name=name).exists():
            save_filter(place=listed, name=name, query=query, by=senior, is_shared=True)


def _person(name: str) -> User:
    return User.objects.get(email=f"{name}@{DOMAIN}")
