"""Builds what tests need, by factory_boy; each thing is valid as it comes, and ready to act with."""

import hashlib
from datetime import date
from typing import Any

import factory
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from django.contrib.auth.models import Group

from accounts.models import Membership, Organisation, User
from accounts.roles import OrgRole, StaffRole
from core import clock
from core.ids import new_id
from core.models import FilePurpose, PrivateFile
from filings.models import Filing, RightKind
from imageguard.models import Appearance, Conflict, Match, Original, SeenImage
from marketplace.links import Resolved
from marketplace.models import LinkTemplate, Marketplace, Scene, Target

PASSWORD = "a long enough password"


class UserFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = User
        skip_postgeneration_save = True

    email = factory.Sequence(lambda n: f"person{n}@example.com")
    name = factory.Sequence(lambda n: f"Person {n}")
    language = "en"

    @factory.post_generation
    def address(self, create: bool, extracted: Any, **kwargs: Any) -> None:
        EmailAddress.objects.create(user=self, email=self.email, verified=True, primary=True)


class OrganisationFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Organisation

    number = factory.Sequence(lambda n: f"O-2026-9{n:05d}")
    kind = Organisation.Kind.RIGHTS_HOLDER
    name = factory.Sequence(lambda n: f"Organisation {n} Ltd")
    state = Organisation.State.VERIFIED


class MarketplaceFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Marketplace
        skip_postgeneration_save = True

    slug = factory.Sequence(lambda n: f"mall{n}")
    name = factory.Sequence(lambda n: f"Mall {n}")
    connector = "demo"
    storefront_url = factory.LazyAttribute(lambda m: f"https://{m.slug}.example")

    @factory.post_generation
    def links(self, create: bool, extracted: Any, **kwargs: Any) -> None:
        base = self.storefront_url
        LinkTemplate.objects.bulk_create(
            LinkTemplate(marketplace=self, scene=scene, kind=kind, template=base + path)
            for scene, kind, path in (
                (Scene.PRODUCT_PAGE, "listing", "/product/{id}"),
                (Scene.MALL, "listing", "/mall/{id}"),
                (Scene.SUPERMARKET, "listing", "/supermarket/{id}"),
                (Scene.SEARCH, "listing", "/search?item={id}"),
                (Scene.VIDEO, "video", "/video/{id}?t={seconds}"),
                (Scene.LIVESTREAM, "livestream", "/live/{id}?t={seconds}"),
                (Scene.SHOP, "shop", "/shop/{id}"),
            )
        )


class ShopFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Target

    marketplace = factory.SubFactory(MarketplaceFactory)
    kind = Target.Kind.SHOP
    external_id = factory.Sequence(lambda n: f"s{n}")
    title = factory.Sequence(lambda n: f"Shop {n}")
    url = factory.LazyAttribute(lambda t: f"{t.marketplace.storefront_url}/shop/{t.external_id}")


class ListingFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Target

    shop = factory.SubFactory(ShopFactory)
    marketplace = factory.SelfAttribute("shop.marketplace")
    kind = Target.Kind.LISTING
    external_id = factory.Sequence(lambda n: f"p{n}")
    title = factory.Sequence(lambda n: f"Listing {n}")
    price = "19.90"
    currency = "CNY"
    url = factory.LazyAttribute(lambda t: f"{t.marketplace.storefront_url}/product/{t.external_id}")


class FilingFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Filing

    number = factory.Sequence(lambda n: f"F-2026-9{n:05d}")
    organisation = factory.SubFactory(OrganisationFactory)
    created_by = factory.LazyAttribute(lambda f: member(f.organisation))
    kind = RightKind.TRADEMARK
    title = factory.Sequence(lambda n: f"MARK {n}")
    registration_number = factory.Sequence(lambda n: f"{10_000_000 + n}")
    number_key = factory.LazyAttribute(lambda f: f"trademark:CN:{f.registration_number}")
    mark_type = Filing.MarkType.WORD
    nice_classes = factory.LazyFunction(lambda: [25])
    owner_name = factory.LazyAttribute(lambda f: f.organisation.name)
    valid_from_on = date(2020, 1, 1)
    valid_until_on = date(2030, 1, 1)
    state = Filing.State.APPROVED


def member(organisation: Organisation | None = None, *, role: str = OrgRole.ADMIN, **fields: Any) -> User:
    """Somebody who acts for an organisation (default: a verified rights holder)."""
    user = UserFactory(**fields)
    Membership.objects.create(user=user, organisation=organisation or OrganisationFactory(), role=role)
    return user


def merchant_of(shop: Target, **fields: Any) -> User:
    """Somebody of the verified merchant that runs this shop."""
    if shop.operator is None:
        shop.operator = OrganisationFactory(kind=Organisation.Kind.MERCHANT)
        shop.save(update_fields=["operator"])
    return member(shop.operator, **fields)


def staff(*granted: str, **fields: Any) -> User:
    """Somebody who works for the platform (default: a reviewer)."""
    user = UserFactory(is_staff=True, **fields)
    for role in granted or (StaffRole.REVIEWER,):
        user.groups.add(Group.objects.get_or_create(name=role)[0])
    return user


def second_factor(user: User) -> str:
    """Give somebody a second factor, once; returns its secret."""
    found = Authenticator.objects.filter(user=user, type=Authenticator.Type.TOTP).first()
    if found:
        return ""
    secret = generate_totp_secret()
    TOTP.activate(user, secret)
    return secret


def link_to(target: Target, scene: str | None = None) -> Resolved:
    """A pasted link that was understood."""
    scenes = {"listing": Scene.PRODUCT_PAGE, "video": Scene.VIDEO, "livestream": Scene.LIVESTREAM, "shop": Scene.SHOP}
    return Resolved(link=target.url, target=target, scene=scene or scenes[target.kind])


def a_notice(*targets: Target, by: User, filing: Filing | None = None, **fields: Any) -> Any:
    """A complete notice by `by` against `targets` (default: one listing), under a trademark in force."""
    from complaints.services import Notice

    filing = filing or FilingFactory(organisation=by.organisation, created_by=by)
    fields.setdefault("infringement", "counterfeit")
    fields.setdefault("description", "The seams differ from ours and the label carries no series number.")
    return Notice(
        right=filing.public_id,
        links=[link_to(t) for t in (targets or (ListingFactory(),))],
        signature="Person One",
        good_faith=True,
        **fields,
    )


def complaint(*targets: Target, by: User | None = None, **fields: Any) -> Any:
    """A complaint that was sent, against `targets` (default: one listing)."""
    from complaints.services import submit_complaint

    by = by or member()
    return submit_complaint(notice=a_notice(*targets, by=by, **fields), by=by)


def an_original(by: User, **fields: Any) -> Original:
    """A certified original as it stands in the database; its picture's bytes are nowhere."""
    number, at = f"FP-2026-9{Original.objects.count():05d}", clock.now()
    image = a_file(by, FilePurpose.ORIGINAL)
    given = {
        "title": f"Picture {number}", "state": Original.State.CERTIFIED, "state_since_at": at, "certified_at": at
    }  # fmt: skip
    return Original.objects.create(
        number=number, organisation=by.organisation, registered_by=by, image=image, sha256=image.sha256,
        **given | fields,
    )  # fmt: skip


def a_match(original: Original, target: Target | None = None, **fields: Any) -> Match:
    """A sure match with an original as it stands in the database: a listing (default: another's) shows a copy."""
    target = target or ListingFactory()
    url = f"https://img.example/{new_id('x')}.jpg"
    image = SeenImage.objects.create(
        marketplace=target.marketplace, url=url, url_hash=hashlib.sha256(url.encode()).hexdigest(), sha256="0" * 64
    )
    Appearance.objects.create(image=image, target=target)
    given = {
        "state": Match.State.CONFIRMED, "tier": Match.Tier.AUTOMATIC, "score": 0.91, "edits": ["mirrored", "overlaid"],
        "parts": {"agreement": 0.93, "area": 0.8, "likeness": 0.97, "points": 120.0}, "state_since_at": clock.now(),
    }  # fmt: skip
    return Match.objects.create(
        number=f"M-2026-9{Match.objects.count():05d}", original=original, image=image, target=target,
        sha256=image.sha256, **given | fields,
    )  # fmt: skip


def a_profile(by: User | None = None, *names: str, **fields: Any) -> Any:
    """A watch profile that watches, under a right in force of `by`'s organisation (default: a new holder), with names."""
    from patrol.models import WatchProfile, WatchTerm

    by = by or member()
    filing = fields.pop("filing", None) or FilingFactory(organisation=by.organisation, created_by=by)
    number = f"W-2026-9{WatchProfile.objects.count():05d}"
    given = {"kind": "brand", "state": WatchProfile.State.WATCHING, "name": names[0] if names else filing.title}
    codes, honest = fields.pop("codes", ()), fields.pop("honest", ())
    profile = WatchProfile.objects.create(number=number, filing=filing, **given | fields)
    WatchTerm.objects.bulk_create(
        WatchTerm(profile=profile, kind=kind, text=text)
        for kind, texts in (("name", names), ("code", codes), ("honest", honest))
        for text in texts
    )
    return profile


def a_conflict(original: Original, rival: Original, **fields: Any) -> Conflict:
    """An open conflict of an original with an earlier one."""
    Original.objects.filter(pk=original.pk).update(state=Original.State.IN_CONFLICT)
    original.refresh_from_db()
    return Conflict.objects.create(original=original, rival=rival, score=0.8, **fields)


def a_file(by: User, purpose: str = FilePurpose.EVIDENCE, **fields: Any) -> PrivateFile:
    """A file that somebody uploaded for their organisation; its bytes are nowhere."""
    key = fields.setdefault("storage_key", f"tests/{new_id('key')}")
    return PrivateFile.objects.create(
        purpose=purpose, name="seams.png", media_type="image/png", size_bytes=1, uploaded_by=by,
        organisation=by.organisation, sha256=hashlib.sha256(key.encode()).hexdigest(), **fields,
    )  # fmt: skip
