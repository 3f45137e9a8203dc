"""What the columns of a sheet of links are."""

from django.utils.translation import gettext_lazy as _

LINK, FILING, INFRINGEMENT, DESCRIPTION, EVIDENCE = "link", "filing", "infringement", "description", "evidence"
#: what a column can be, in the order in which people are asked
ROLES = {
    LINK: _("Link of what infringes"),
    FILING: _("Right"),
    INFRINGEMENT: _("Kind of infringement"),
    DESCRIPTION: _("Description"),
    EVIDENCE: _("Ids of uploaded evidence"),
}
#: words in a header that say what its column is
WORDS = {
    LINK: ("链接", "网址", "地址", "link", "url", "address"),
    FILING: ("权利", "商标", "注册号", "登记号", "证书", "备案", "registration", "trademark", "right", "filing", "brand"),
    INFRINGEMENT: ("侵权类型", "侵权种类", "类型", "种类", "infringement", "kind", "type", "reason"),
    DESCRIPTION: ("说明", "描述", "理由", "事实", "备注", "description", "details", "facts", "comment", "note"),
    # A column called evidence has words or addresses more often than ids of files: it is not guessed.
    EVIDENCE: (),
}  # fmt: skip
#: what a row may say itself or all rows have in common; the link is in a column always
FOR_ALL = (FILING, INFRINGEMENT, DESCRIPTION)
