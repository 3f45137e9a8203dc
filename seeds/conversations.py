"""Sentences that staff keep, and a question of a complainant that waits for its answer."""

from accounts.models import User
from complaints import conversations
from complaints.models import Complaint, MessageTemplate
from seeds.world import DOMAIN

TEMPLATES = (
    ("Order number of the test buy", "请补充案件 {number} 的测试购买订单号，我们据此核对商品实物。",
     "Please add the order number of your test buy in case {number}: we compare the goods with it."),
    ("Proof of licence", "关于案件 {number}：如您已获“{right}”权利人授权，请上传授权书或进货凭证。",
     "On case {number}: if you hold a licence for “{right}”, please upload it or your proof of purchase."),
    ("When it is decided", "案件 {number} 正在审核中，预计于 {until} 前作出决定。",
     "Case {number} is being examined; it will be decided by {until}."),
)  # fmt: skip


def write(*, case: Complaint | None) -> None:
    """Keep the templates, and ask the question; a second time changes nothing."""
    senior = User.objects.get(email=f"senior@{DOMAIN}")
    for title, text_zh, text_en in TEMPLATES:
        if not MessageTemplate.objects.filter(title=title).exists():
            template = MessageTemplate(title=title, text_zh=text_zh, text_en=text_en)
            conversations.save_template(template=template, by=senior)
    if case is not None and not case.messages.exists():
        conversations.write(
            complaint=case, party=case.organisation, by=case.filed_by,
            text="卖家昨晚又换了新链接继续销售同款，请问可以在本案中补充，还是需要另行投诉？",
        )  # fmt: skip
