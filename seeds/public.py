"""One complaint of the demo world that came by the public form: confirmed from its mailbox, with the right that came along."""

import re
from datetime import date, datetime, timedelta

from django.core.files.base import ContentFile

from complaints.models import ComplaintTarget, PublicNotice
from complaints.public import services
from core import clock
from core.ids import new_id
from core.models import FilePurpose, Letter
from core.pdf import Document
from filings.models import RightKind
from seeds.marketplace import link
from seeds.outbox import deliver_all
from seeds.world import DOMAIN, World

EMAIL = f"lin.taoran@studio.{DOMAIN}"
NAME, TITLE, NUMBER = "陶然插画工作室", "陶然四季插画", "国作登字-2024-F-00271828"
WORDS = "这两个商品的主图直接使用了我工作室已登记的插画，仅裁去了右下角的署名；原图见登记证书附页。"


def report(*, world: World, storefront_url: str, until: datetime) -> int:
    """Write the notice the day before and confirm it from its letter; returns how many are new. There already, none is."""
    if PublicNotice.objects.exists():
        return 0
    taken = set(ComplaintTarget.objects.values_list("target__external_id", flat=True))
    things = [item for item in world.items if item.kind == "listing" and item.external_id not in taken][-2:]
    with clock.frozen(until - timedelta(days=1, hours=3)) as time:
        papers = [
            services.keep_upload(upload=ContentFile(_paper(words), name=name), purpose=purpose)
            for name, words, purpose in (
                ("作品登记证书.pdf", "作品登记证书", FilePurpose.CERTIFICATE),
                ("比对.pdf", "原图与商品主图比对", FilePurpose.EVIDENCE),
            )
        ]
        links = [link(storefront_url, "product_page", item.external_id) for item in things]
        notice = services.keep_notice(public_id=new_id("ntc"), said=_said(links), kept=papers, language="zh-hans")
        time.advance(minutes=12)
        letter = Letter.objects.get(about=notice.public_id, template="public_confirm")
        found = re.search(r"/report/confirm/([^/]+)/", letter.body)
        services.confirm(token=found[1] if found else "")
        deliver_all()
    return 1


def _said(links: list[str]) -> dict[str, object]:
    return {
        "name": NAME, "country": "CN", "email": EMAIL, "phone": "+86 592 5550 137", "address": "",
        "kind": RightKind.COPYRIGHT_WORK.value, "title": TITLE, "registration_number": NUMBER, "owner_name": NAME,
        "territory": "CN", "valid_from_on": date(2024, 5, 20), "valid_until_on": None, "links": "\n".join(links),
        "infringement": "copied_image", "description": WORDS, "test_buy_order": "", "evidence_is_private": False,
        "signature": "林陶然", "good_faith": True, "law": "cn",
    }  # fmt: skip


def _paper(words: str) -> bytes:
    paper = Document(title=words, language="zh-hans", subtitle="样本 SAMPLE", footer="样本 SAMPLE")
    paper.facts([("作品名称", TITLE), ("登记号", NUMBER), ("著作权人", NAME)])
    return paper.to_bytes()
