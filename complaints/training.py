"""The short test before self-service takedown: questions as data, in both languages, each with what the answer rests on."""

from dataclasses import dataclass
from datetime import timedelta

from django.utils.translation import get_language

#: so many answers must be right, of all
PASS_MARK = 7
#: who failed tries again after a day, three times in thirty days
RETRY_AFTER, TRIES, TRIES_WITHIN = timedelta(hours=24), 3, timedelta(days=30)


@dataclass(frozen=True)
class Question:
    """One question; the texts are `(English, Chinese)`, `answer` counts the options from 0."""

    code: str
    text: tuple[str, str]
    options: tuple[tuple[str, str], ...]
    answer: int
    source: str

    @property
    def words(self) -> str:
        return _said(self.text)

    @property
    def choices(self) -> list[tuple[str, str]]:
        return [(str(n), _said(option)) for n, option in enumerate(self.options)]


def _said(text: tuple[str, str]) -> str:
    return text[1] if (get_language() or "").startswith("zh") else text[0]


QUESTIONS = (
    Question(
        "parallel",
        ("A seller offers your genuine goods below your recommended price. May you take the listing down?",
         "商家以低于建议零售价的价格销售您的正品。您可以下架该商品吗？"),
        (("Yes, the price harms the brand.", "可以，低价损害品牌。"),
         ("No: genuine goods do not infringe the mark by their price.", "不可以：正品不会因价格而侵犯商标权。"),
         ("Yes, if the seller is not authorised.", "可以，如果商家未获授权。")),
        1, "Civil Code art. 123; rule D3",
    ),
    Question(
        "doubt",
        ("You are not sure whether the goods are counterfeit. What do you do?", "您不确定商品是否为假货。应当怎么做？"),
        (("Take them down, and put them up again if the seller objects.", "先下架，商家有异议再恢复。"),
         ("Wait until the seller writes.", "等商家联系。"),
         ("Send a complaint with evidence, so that a reviewer decides.", "提交附证据的投诉，由审核员决定。")),
        2, "E-Commerce Law art. 42",
    ),
    Question(
        "registered_use",
        ("A listing for phone cases says “fits X phones”, where X is your mark. Is that an infringement?",
         "手机壳商品标注“适用于X手机”，X是您的商标。这构成侵权吗？"),
        (("Mostly not: it says what the goods are for.", "一般不构成：这是说明商品用途。"),
         ("Always, the mark stands in the title.", "一定构成，标题中有商标。"),
         ("Only if the goods are cheap.", "只有价格低时才构成。")),
        0, "Trademark Law art. 59",
    ),
    Question(
        "in_force",
        ("Your mark expired last month, the renewal is under way with the office. May you take down under it here?",
         "您的商标上个月到期，正在官方续展。您可以据此在此下架吗？"),
        (("Yes, the office always renews.", "可以，官方一定会续展。"),
         ("Only while it is in force on file here.", "只有在本平台备案有效期间才可以。"),
         ("Yes, if it was in force for ten years.", "可以，如果它曾有效十年。")),
        1, "Trademark Law art. 40",
    ),
    Question(
        "facts",
        ("What must each removal say?", "每次下架必须写明什么？"),
        (("What infringes and how you know, so that the seller can answer.", "何处侵权以及您如何得知，使商家能够答复。"),
         ("Only the number of the right.", "只需写权利编号。"),
         ("Nothing, the privilege is enough.", "无需写明，有资格就够了。")),
        0, "DSA art. 17(3)",
    ),
    Question(
        "mistake",
        ("You notice that you took down the wrong listing. What do you do?", "您发现下架了错误的商品。应当怎么做？"),
        (("Nothing, unless the seller objects.", "商家不提异议就不处理。"),
         ("Withdraw it at once.", "立即撤回。"),
         ("Take down others of the seller, to be fair.", "把该商家其他商品也下架，以示公平。")),
        1, "Fa Fa [2020] No. 32 (not withdrawing when the error is known)",
    ),
    Question(
        "accuracy",
        ("What happens if staff confirm less than 99 % of the removals that they review?",
         "如果工作人员复核的下架中得到确认的少于99%，会怎样？"),
        (("Nothing.", "没有影响。"), ("A fee is due.", "需要缴费。"),
         ("The privilege ends, with reasons, and you can appeal.", "资格终止，说明理由，您可以申诉。")),
        2, "docs/explanation/good-faith.md",
    ),
    Question(
        "money",
        ("A seller offers money so that you withdraw. What is right?", "商家提出付款让您撤诉。怎样做才对？"),
        (("Withdraw only if the removal was wrong or the matter is settled; never take down in order to be paid.",
          "只有下架有误或纠纷已解决时才撤回；绝不为收钱而下架。"),
         ("Take the money, it is a settlement.", "收钱，这就是和解。"),
         ("Ask for more.", "要求更多。")),
        0, "E-Commerce Law art. 42(3)",
    ),
)  # fmt: skip


def correct_among(answers: dict[str, str]) -> int:
    """How many of the answers are right."""
    return sum(answers.get(question.code) == str(question.answer) for question in QUESTIONS)
