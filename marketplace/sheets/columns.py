"""What the columns of a sheet of a marketplace are: the fields of the events that say the same."""

from django.utils.translation import gettext_lazy as _

KIND, ID, STATE, SEEN_AT = "kind", "external_id", "state", "occurred_at"
ROLES = {
    ID: _("Id on the marketplace"),
    KIND: _("Kind: listing, video, livestream or shop"),
    "shop_external_id": _("Id of the shop that sells it"),
    "title": _("Title, or name of the shop"),
    "url": _("Address"),
    "description": _("Description"),
    "category": _("Category"),
    "price": _("Price"),
    "currency": _("Currency"),
    "images": _("Addresses of its pictures"),
    STATE: _("State: up or down"),
    SEEN_AT: _("Seen at, with the time zone"),
    "share_token": _("Share token of a shop"),
    "operator_name": _("Operator of a shop"),
    "operator_uscc": _("Credit code of the operator"),
    "contact_email": _("Email address of a shop"),
    "contact_language": _("Language of a shop"),
}
WORDS = {
    "shop_external_id": ("店铺id", "店铺编号", "shop_external_id", "shop id", "seller id"),
    ID: ("商品id", "商品编号", "external_id", "item id", "listing id", "product id", "编号", "id"),
    KIND: ("类型", "kind", "type"),
    "category": ("类目", "分类", "category"),
    "images": ("图片", "images", "pictures", "image"),
    "url": ("链接", "网址", "url", "link", "address"),
    "price": ("价格", "售价", "price"),
    "currency": ("币种", "currency"),
    STATE: ("状态", "state", "status"),
    SEEN_AT: ("时间", "occurred_at", "seen at", "updated"),
    "share_token": ("口令", "share_token", "share token"),
    "operator_uscc": ("信用代码", "operator_uscc", "credit code"),
    "operator_name": ("经营者", "主体", "operator_name", "operator"),
    "contact_email": ("邮箱", "contact_email", "email"),
    "contact_language": ("语言", "contact_language", "language"),
    "title": ("标题", "名称", "title", "name"),
    "description": ("描述", "说明", "description", "details"),
}  # fmt: skip
NEEDED = {ID: _("Choose the column with the ids.")}
FOR_ALL = (KIND, "shop_external_id", "category", "currency", STATE)
