"""What the columns of a sheet of rights are."""

from django.utils.translation import gettext_lazy as _

KIND, HOLDER = "kind", "holder"
#: the other roles are the columns of a filing
ROLES = {
    KIND: _("Kind of right"),
    "title": _("Name of the mark, work, invention or product"),
    "registration_number": _("Registration number"),
    "owner_name": _("Owner, as on the certificate"),
    "mark_type": _("Type of mark"),
    "nice_classes": _("Nice classes"),
    "territory": _("Territory"),
    "valid_from_on": _("Valid from"),
    "valid_until_on": _("Valid until"),
    "description": _("Description"),
    HOLDER: _("Rights holder, for an agency"),
}
WORDS = {
    "registration_number": ("注册号", "登记号", "专利号", "证书号", "registration number", "registration no", "isbn", "number", "编号", "号"),
    "mark_type": ("商标类型", "商标形式", "mark type", "type of mark"),
    "nice_classes": ("国际分类", "尼斯", "类别", "nice", "classes", "class"),
    KIND: ("权利类型", "权利种类", "kind", "right", "类型"),
    "valid_from_on": ("有效期起", "起始", "注册日", "授权日", "valid from", "from", "begin", "start"),
    "valid_until_on": ("有效期至", "有效期止", "截止", "到期", "valid until", "until", "expir", "end"),
    "territory": ("地域", "国家", "territory", "country", "region"),
    HOLDER: ("委托人", "被代理人", "holder", "principal", "client"),
    "owner_name": ("权利人", "所有人", "注册人", "著作权人", "owner", "proprietor"),
    "title": ("名称", "商标", "作品", "title", "name", "mark", "work"),
    "description": ("说明", "描述", "备注", "description", "note", "comment"),
}  # fmt: skip
NEEDED = {
    "title": _("Choose the column with the names."),
    "registration_number": _("Choose the column with the registration numbers."),
}
FOR_ALL = (KIND, "owner_name", "territory", HOLDER)
