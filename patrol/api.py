"""The API of the patrol room: what is watched for a brand, what it is asked about, and findings to merchants.

Over the same services as the pages. A change of a profile names the `version` on which it is based; based on an older one
it answers 409.
"""

from typing import Any

import django_filters
from django.urls import include, path
from drf_spectacular.utils import OpenApiExample, extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.routers import SimpleRouter

from complaints.api import RightSerializer
from complaints.models import Infringement
from core import files
from core.api import IDEMPOTENCY_KEY, PROBLEM, REFUSED, PlainSerializer, checked, keyed_by_itself
from core.errors import NotYours
from core.preconditions import IF_MATCH, Tagged
from core.viewsets import CaseViewSet
from filings import selectors as filings
from filings.models import Filing
from marketplace.models import Target
from patrol import profiles, selectors, services
from patrol.errors import NotWatchable
from patrol.models import BrandAnswer, Candidate, CandidateDecision, OfficialImage, WatchProfile
from patrol.profiles import MAX_CATEGORIES, MAX_SHOPS, MAX_TERMS, TERMS

_PRICE: dict[str, Any] = {"max_digits": 14, "decimal_places": 2, "required": False, "allow_null": True}


# --- what comes out --------------------------------------------------------------------------------------


class OfferSerializer(serializers.Serializer):
    """What is on sale: a listing, a video, a livestream or a shop."""

    id = serializers.CharField(source="public_id")
    kind = serializers.ChoiceField(Target.Kind.choices)
    external_id = serializers.CharField()
    title = serializers.CharField()
    url = serializers.CharField()
    price = serializers.DecimalField(max_digits=14, decimal_places=2, allow_null=True)
    currency = serializers.CharField()
    shop = serializers.CharField(source="seller.title")
    marketplace = serializers.CharField(source="marketplace.slug")


class WatchProfileSummarySerializer(serializers.ModelSerializer):
    """A watch profile as lists show it."""

    id = serializers.CharField(source="public_id")
    filing = serializers.CharField(source="filing.public_id", help_text="The right that is watched.")
    asked = serializers.IntegerField(help_text="Candidates that wait for your answer.")
    upheld = serializers.IntegerField(help_text="What was taken down and stays down.")

    class Meta:
        model = WatchProfile
        fields: tuple[str, ...] = (
            "id", "number", "filing", "kind", "name", "state", "state_since_at", "asked", "upheld", "created_at",
            "changed_at", "version",
        )  # fmt: skip


class OfficialPictureSerializer(serializers.ModelSerializer):
    """A picture whose copies are looked for; its links are yours alone and open for some minutes."""

    id = serializers.CharField(source="public_id")
    media_type = serializers.CharField(source="file.media_type")
    sha256 = serializers.CharField(source="file.sha256")
    url = serializers.SerializerMethodField()
    preview_url = serializers.SerializerMethodField()

    class Meta:
        model = OfficialImage
        fields = ("id", "is_cover", "media_type", "sha256", "url", "preview_url", "added_at")

    def get_url(self, image: OfficialImage) -> str:
        return files.url(image.file, user=self.context["request"].user)

    def get_preview_url(self, image: OfficialImage) -> str:
        return files.url(image.file, user=self.context["request"].user, preview=True)


class SaidOfShopSerializer(serializers.Serializer):
    """What a profile says of one shop. The genuine sellers of the filing may sell too."""

    id = serializers.CharField(source="shop.public_id")
    title = serializers.CharField(source="shop.title")
    url = serializers.CharField(source="shop.url")
    marketplace = serializers.CharField(source="shop.marketplace.slug")
    is_authorised = serializers.BooleanField(help_text="Whether it may sell.")
    note = serializers.CharField()
    said_at = serializers.DateTimeField()


_WORDS = serializers.ListField(child=serializers.CharField())


class WatchProfileSerializer(WatchProfileSummarySerializer):
    """A watch profile: what it looks for, who may sell, its pictures, and what can be done about it now."""

    names = serializers.SerializerMethodField()
    code_words = serializers.SerializerMethodField(help_text="What pirates say instead.")
    honest_words = serializers.SerializerMethodField(help_text="What honest offers of other goods say.")
    categories = serializers.ListField(child=serializers.CharField(), help_text="Empty: any.")
    shops = serializers.SerializerMethodField()
    pictures = serializers.SerializerMethodField()
    available_actions = serializers.SerializerMethodField(help_text="What you may do with it now.")

    class Meta(WatchProfileSummarySerializer.Meta):
        fields = (
            *WatchProfileSummarySerializer.Meta.fields,
            "names", "code_words", "honest_words", "categories", "isbn", "publisher", "model_number", "currency",
            "list_price", "usual_price", "price_floor", "packaging_notes", "is_automatic", "shops", "pictures",
            "available_actions",
        )  # fmt: skip

    @extend_schema_field(_WORDS)
    def get_names(self, profile: WatchProfile) -> list[str]:
        return selectors.terms_of(profile)[TERMS["names"]]

    @extend_schema_field(_WORDS)
    def get_code_words(self, profile: WatchProfile) -> list[str]:
        return selectors.terms_of(profile)[TERMS["code_words"]]

    @extend_schema_field(_WORDS)
    def get_honest_words(self, profile: WatchProfile) -> list[str]:
        return selectors.terms_of(profile)[TERMS["honest_words"]]

    @extend_schema_field(SaidOfShopSerializer(many=True))
    def get_shops(self, profile: WatchProfile) -> Any:
        return SaidOfShopSerializer(profile.shops.select_related("shop__marketplace"), many=True).data

    @extend_schema_field(OfficialPictureSerializer(many=True))
    def get_pictures(self, profile: WatchProfile) -> Any:
        pictures = profile.images.select_related("file")
        return OfficialPictureSerializer(pictures, many=True, context=self.context).data

    @extend_schema_field(serializers.ListField(child=serializers.CharField()))
    def get_available_actions(self, profile: WatchProfile) -> list[str]:
        return [t.name for t in selectors.steps_of_profile(profile, self.context["request"].user)]


class CandidateSummarySerializer(serializers.ModelSerializer):
    """An offer that patrol takes for an infringement of your right, as lists show it."""

    id = serializers.CharField(source="public_id")
    profile = serializers.CharField(source="profile.public_id")
    offer = OfferSerializer(source="target")

    class Meta:
        model = Candidate
        fields: tuple[str, ...] = (
            "id", "number", "profile", "state", "state_since_at", "deadline_at", "found_at", "offer",
        )  # fmt: skip


class BrandAnswerSerializer(serializers.ModelSerializer):
    class Meta:
        model = BrandAnswer
        fields = ("verdict", "note", "at")


class CandidateSerializer(CandidateSummarySerializer):
    """An offer about which you are asked, or that was handed to you, and what you said of it."""

    description = serializers.CharField(source="target.description", help_text="As the shop describes it.")
    answers = BrandAnswerSerializer(many=True)
    draft = serializers.CharField(
        source="draft.public_id", default=None, allow_null=True, help_text="The complaint that was begun for you."
    )
    available_actions = serializers.SerializerMethodField(help_text="What you may do with it now.")

    class Meta(CandidateSummarySerializer.Meta):
        fields = (
            *CandidateSummarySerializer.Meta.fields, "description", "answers", "draft", "available_actions",
        )  # fmt: skip

    @extend_schema_field(serializers.ListField(child=serializers.CharField()))
    def get_available_actions(self, candidate: Candidate) -> list[str]:
        return [t.name for t in selectors.steps_of_candidate(candidate, self.context["request"].user)]


class PatrolFindingSummarySerializer(serializers.ModelSerializer):
    """A statement of reasons of the platform's own initiative to a shop of yours."""

    id = serializers.CharField(source="public_id")
    shop = serializers.CharField(source="shop.external_id")
    marketplace = serializers.CharField(source="shop.marketplace.slug")
    target = serializers.CharField(source="candidate.target.public_id")
    right = RightSerializer(source="candidate.profile.filing")
    holder = serializers.CharField(source="candidate.profile.filing.owner_name")
    infringement = serializers.ChoiceField(Infringement.choices)
    is_reversed = serializers.BooleanField(help_text="Taken back since; what nothing else holds down is up again.")

    class Meta:
        model = CandidateDecision
        fields: tuple[str, ...] = (
            "id", "number", "shop", "marketplace", "target", "right", "holder", "infringement", "is_automated",
            "is_reversed", "decided_at", "notified_at",
        )  # fmt: skip


class AsItStoodSerializer(serializers.Serializer):
    """The offer as it stood when it was decided on."""

    title = serializers.CharField()
    external_id = serializers.CharField()
    url = serializers.CharField()
    price = serializers.CharField(allow_null=True)
    currency = serializers.CharField()
    version = serializers.IntegerField()


class CitedRuleSerializer(serializers.Serializer):
    """The rule that was broken, in the version that was in force when the offer was found."""

    code = serializers.CharField()
    version = serializers.IntegerField(source="number")
    title = serializers.CharField()
    source = serializers.CharField()  # type: ignore[assignment]  # a field of that name, not where a value is read


class PatrolFindingSerializer(PatrolFindingSummarySerializer):
    """A statement of reasons with the facts, the rule, the ground in law, and how it stands."""

    facts = serializers.CharField()
    offer = AsItStoodSerializer(source="snapshot")
    rule = CitedRuleSerializer(source="rule_version")
    ground = serializers.SerializerMethodField(help_text="The law under which you are told.")
    redress = serializers.SerializerMethodField(help_text="What you can do about it.")
    automated_means = serializers.SerializerMethodField()
    is_held = serializers.SerializerMethodField(help_text="Whether this finding holds the offer down now.")
    reversal = serializers.SerializerMethodField(help_text="Why it was reversed; empty where it stands.")

    class Meta(PatrolFindingSummarySerializer.Meta):
        fields = (
            *PatrolFindingSummarySerializer.Meta.fields, "facts", "offer", "rule", "ground", "redress", "automated_means",
            "is_held", "reversal",
        )  # fmt: skip

    def get_ground(self, finding: CandidateDecision) -> str:
        ground = selectors.ground_of(finding)
        return f"{ground.law}. {ground.source}"

    def get_redress(self, finding: CandidateDecision) -> str:
        return selectors.ground_of(finding).redress

    def get_automated_means(self, finding: CandidateDecision) -> str:
        return selectors.means_of(finding)

    def get_is_held(self, finding: CandidateDecision) -> bool:
        return selectors.standing_of(finding).is_held

    def get_reversal(self, finding: CandidateDecision) -> str:
        by = selectors.standing_of(finding).reversed_by
        return by.facts if by else ""


# --- what comes in -----------------------------------------------------------------------------------------


def _words(help_text: str) -> serializers.ListField:
    """A whole list of words: it takes the place of the one before."""
    return serializers.ListField(
        child=serializers.CharField(max_length=200), max_length=MAX_TERMS, required=False, help_text=help_text
    )


class WatchProfileFieldsSerializer(PlainSerializer):
    """What to look for. What is left out stays as it is."""

    kind = serializers.ChoiceField(choices=WatchProfile.Kind.choices, required=False)
    name = serializers.CharField(max_length=200, required=False)
    names = _words("Names and variants: Chinese, pinyin, English.")
    code_words = _words("What pirates say instead.")
    honest_words = _words("What an offer says that is none of yours, and allowed.")
    categories = serializers.ListField(
        child=serializers.CharField(max_length=100), max_length=MAX_CATEGORIES, required=False,
        help_text="As the marketplace calls them. Empty: any.",
    )  # fmt: skip
    isbn = serializers.CharField(max_length=40, required=False, allow_blank=True, help_text="13 digits, or 10.")
    publisher = serializers.CharField(max_length=200, required=False, allow_blank=True)
    model_number = serializers.CharField(max_length=100, required=False, allow_blank=True)
    currency = serializers.CharField(max_length=3, required=False)
    list_price = serializers.DecimalField(**_PRICE)
    usual_price = serializers.DecimalField(**_PRICE)
    price_floor = serializers.DecimalField(**_PRICE, help_text="Below this the goods cannot be genuine.")
    packaging_notes = serializers.CharField(max_length=4000, required=False, allow_blank=True)


class NewWatchProfileSerializer(WatchProfileFieldsSerializer):
    """A right to watch, and what to look for; without `names`, its title."""

    filing = serializers.CharField(max_length=31, help_text="Public id of a right of yours in force.")


class WatchProfileChangeSerializer(WatchProfileFieldsSerializer):
    """What changes in a profile, and the version on which that is based."""

    version = serializers.IntegerField(
        min_value=1, required=False, help_text="Based on an older one it is refused with 409. Or send `If-Match`."
    )


class ShopsSaidSerializer(PlainSerializer):
    shops = serializers.ListField(
        child=serializers.CharField(max_length=4_000), min_length=1, max_length=MAX_SHOPS,
        help_text="Links or share texts of shops.",
    )  # fmt: skip
    is_authorised = serializers.BooleanField(default=True, help_text="Whether they may sell.")
    note = serializers.CharField(max_length=200, required=False, allow_blank=True, default="")


class NewOfficialPictureSerializer(PlainSerializer):
    picture = serializers.FileField(help_text="JPEG, PNG, WebP or GIF, up to 10 MB.")
    is_cover = serializers.BooleanField(default=False, help_text="It is the cover of the book.")


class AnswerSerializer(PlainSerializer):
    """What you say of an offer; the platform decides with it."""

    verdict = serializers.ChoiceField(choices=BrandAnswer.Verdict.choices)
    note = serializers.CharField(
        max_length=4000, required=False, allow_blank=True, default="", help_text="How you can tell."
    )


# --- watch profiles ------------------------------------------------------------------------------------------


class WatchProfileFilter(django_filters.FilterSet):
    """Filters of the list of watch profiles."""

    state = django_filters.MultipleChoiceFilter(choices=WatchProfile.State.choices)
    kind = django_filters.MultipleChoiceFilter(choices=WatchProfile.Kind.choices)
    filing = django_filters.CharFilter(field_name="filing__public_id", max_length=31)

    class Meta:
        model = WatchProfile
        fields = ("state", "kind", "filing")


_BOOK = OpenApiExample(
    "A book",
    request_only=True,
    value={
        "filing": "flg_01jd3v7k9q4x0c2m8n5b6t1y0z",
        "kind": "book",
        "names": ["Atlas of Rivers", "江河图志"],
        "code_words": ["江河图*"],
        "isbn": "978-7-80000-001-8",
        "list_price": "128.00",
        "price_floor": "60.00",
    },
)
_CHANGED = OpenApiExample("A lower floor", request_only=True, value={"version": 3, "price_floor": "55.00"})
_SHOPS = OpenApiExample(
    "They may sell", request_only=True,
    value={"shops": ["https://pearl.example/shop/4711"], "is_authorised": True, "note": "contract until 2027"},
)  # fmt: skip
_TERM_REFUSED = OpenApiExample(
    "A word that would be found in everything",
    response_only=True,
    status_codes=["422"],
    value={
        "type": "urn:ippro:problem:invalid",
        "code": "invalid",
        "title": "Some of what was given cannot be used.",
        "status": 422,
        "errors": {
            "names": [
                "“a” is too short: it would be found in everything. Use at least 2 Chinese characters or 3 letters."
            ]
        },
    },
)
_STEP: dict[str, Any] = {
    "parameters": [IDEMPOTENCY_KEY],
    "request": None,
    "responses": {200: WatchProfileSerializer, **REFUSED},
}


class WatchProfileViewSet(Tagged, CaseViewSet):
    """What is watched for your organisation; staff see all."""

    area = "patrol"
    has_version = True
    serializer_class = WatchProfileSummarySerializer
    filterset_class = WatchProfileFilter
    queryset = WatchProfile.objects.none()
    all_of = staticmethod(selectors.profiles_of)
    one_of = staticmethod(selectors.profile_of)
    whole = WatchProfileSerializer

    @extend_schema(operation_id="watch_profiles_retrieve", responses={200: WatchProfileSerializer, 404: PROBLEM})
    def retrieve(self, request: Request, public_id: str) -> Response:
        """One profile: what it looks for, who may sell, and its pictures."""
        return self._answer(public_id)

    @extend_schema(
        operation_id="watch_profiles_create",
        parameters=[IDEMPOTENCY_KEY],
        request=NewWatchProfileSerializer,
        responses={201: WatchProfileSerializer, 403: PROBLEM, 422: PROBLEM},
        examples=[_BOOK, _TERM_REFUSED],
    )
    def create(self, request: Request) -> Response:
        """Begin to watch under a right in force. It is a draft until it is started."""
        said = checked(NewWatchProfileSerializer, request)
        filing = self._right(said.pop("filing"))
        made = profiles.create(filing=filing, by=request.user, **said)  # type: ignore[arg-type]
        return self._answer(made.public_id, status=201)

    def _right(self, public_id: str) -> Filing:
        """The right that is to be watched; it stands in the body, so that what is wrong with it is said of its field."""
        try:
            return filings.filing_of(self.request.user, public_id)  # type: ignore[arg-type]
        except NotYours as unknown:
            raise NotWatchable(field="filing") from unknown

    @extend_schema(
        operation_id="watch_profiles_update",
        parameters=[IF_MATCH],
        request=WatchProfileChangeSerializer,
        responses={200: WatchProfileSerializer, **REFUSED},
        examples=[_CHANGED, _TERM_REFUSED],
    )
    def partial_update(self, request: Request, public_id: str) -> Response:
        """Change what is looked for. Based on an older version it answers 409 and changes nothing."""
        profile, said = self._one(public_id), checked(WatchProfileChangeSerializer, request)
        said.setdefault("version", profile.version)  # left out with If-Match alone
        profiles.change(profile=profile, by=request.user, **said)  # type: ignore[arg-type]
        return self._answer(public_id)

    @extend_schema(operation_id="watch_profiles_start", **_STEP)
    @action(detail=True, methods=["post"])
    def start(self, request: Request, public_id: str) -> Response:
        """Watch from now on; what is on sale already is looked at as well."""
        return self._step(public_id, profiles.start)

    @extend_schema(operation_id="watch_profiles_pause", **_STEP)
    @action(detail=True, methods=["post"])
    def pause(self, request: Request, public_id: str) -> Response:
        """Look for nothing until it is started again."""
        return self._step(public_id, profiles.pause)

    @extend_schema(operation_id="watch_profiles_end", **_STEP)
    @action(detail=True, methods=["post"])
    def end(self, request: Request, public_id: str) -> Response:
        """End it: nobody decides any more on what it found."""
        return self._step(public_id, profiles.end)

    @extend_schema(operation_id="watch_profiles_begin_again", **_STEP)
    @action(detail=True, methods=["post"], url_path="begin-again")
    def begin_again(self, request: Request, public_id: str) -> Response:
        """Turn an ended profile into a draft again, with all that it said."""
        return self._step(public_id, profiles.begin_again)

    def _step(self, public_id: str, service: Any) -> Response:
        service(profile=self._one(public_id), by=self.request.user)
        return self._answer(public_id)

    @extend_schema(
        operation_id="watch_profiles_say_of_shops",
        parameters=[IDEMPOTENCY_KEY],
        request=ShopsSaidSerializer,
        responses={200: WatchProfileSerializer, **REFUSED},
        examples=[_SHOPS],
    )
    @action(detail=True, methods=["post"])
    def shops(self, request: Request, public_id: str) -> Response:
        """Say of shops that they may sell, or may not. The later word counts."""
        profile, said = self._one(public_id), checked(ShopsSaidSerializer, request)
        by: Any = request.user
        profiles.say_of_shops(profile=profile, by=by, links=said.pop("shops"), **said)
        return self._answer(public_id)

    @extend_schema(operation_id="watch_profiles_forget_shop", responses={204: None, **REFUSED})
    @action(detail=True, methods=["delete"], url_path=r"shops/(?P<shop_id>[a-z0-9_]+)")
    def forget_shop(self, request: Request, public_id: str, shop_id: str) -> Response:
        """Take back what was said of a shop."""
        profiles.forget_shop(profile=self._one(public_id), by=request.user, shop=shop_id)  # type: ignore[arg-type]
        return Response(status=204)

    @extend_schema(
        operation_id="watch_profiles_add_picture",
        parameters=[IDEMPOTENCY_KEY],
        request={"multipart/form-data": NewOfficialPictureSerializer},
        responses={201: WatchProfileSerializer, 413: PROBLEM, **REFUSED},
    )
    @action(detail=True, methods=["post"], parser_classes=[MultiPartParser])
    @keyed_by_itself
    def pictures(self, request: Request, public_id: str) -> Response:
        """Look for copies of an official picture or cover from now on."""
        profile, said = self._one(public_id), checked(NewOfficialPictureSerializer, request)
        by: Any = request.user
        kept = profiles.keep_image(profile=profile, by=by, upload=said["picture"])

        def attached() -> Response:
            profiles.attach_image(profile=profile, by=by, kept=kept, is_cover=said["is_cover"])
            return self._answer(public_id, status=201)

        return self.once(attached)

    @extend_schema(operation_id="watch_profiles_remove_picture", responses={204: None, **REFUSED})
    @action(detail=True, methods=["delete"], url_path=r"pictures/(?P<picture_id>[a-z0-9_]+)")
    def remove_picture(self, request: Request, public_id: str, picture_id: str) -> Response:
        """Look for copies of a picture no more."""
        profiles.remove_image(profile=self._one(public_id), by=request.user, image=picture_id)  # type: ignore[arg-type]
        return Response(status=204)


# --- what a brand is asked about -------------------------------------------------------------------------------


class CandidateFilter(django_filters.FilterSet):
    """Filters of the list of candidates."""

    state = django_filters.MultipleChoiceFilter(choices=Candidate.State.choices)
    profile = django_filters.CharFilter(field_name="profile__public_id", max_length=31)

    class Meta:
        model = Candidate
        fields = ("state", "profile")


_GENUINE = OpenApiExample(
    "Genuine", request_only=True, value={"verdict": "genuine", "note": "Ours: the lot number is that of spring."}
)


class CandidateViewSet(CaseViewSet):
    """Offers about which your organisation was asked, or that were handed to it."""

    area = "patrol"
    serializer_class = CandidateSummarySerializer
    filterset_class = CandidateFilter
    queryset = Candidate.objects.none()
    all_of = staticmethod(selectors.candidates_of)
    one_of = staticmethod(selectors.candidate_of)
    whole = CandidateSerializer

    @extend_schema(operation_id="candidates_retrieve", responses={200: CandidateSerializer, 404: PROBLEM})
    def retrieve(self, request: Request, public_id: str) -> Response:
        """One offer, and what was said of it."""
        return self._answer(public_id)

    @extend_schema(
        operation_id="candidates_answer",
        parameters=[IDEMPOTENCY_KEY],
        request=AnswerSerializer,
        responses={200: CandidateSerializer, **REFUSED},
        examples=[_GENUINE],
    )
    @action(detail=True, methods=["post"])
    def answer(self, request: Request, public_id: str) -> Response:
        """Say whether the goods are genuine. The platform decides."""
        candidate, said = self._one(public_id), checked(AnswerSerializer, request)
        services.answer(candidate=candidate, by=request.user, **said)  # type: ignore[arg-type]
        return self._answer(public_id)


# --- findings ----------------------------------------------------------------------------------------------------


class FindingFilter(django_filters.FilterSet):
    """Filters of the list of findings."""

    number = django_filters.CharFilter(field_name="number", max_length=20)
    shop = django_filters.CharFilter(field_name="shop__external_id", max_length=128)
    is_reversed = django_filters.BooleanFilter()
    decided_at = django_filters.IsoDateTimeFromToRangeFilter()

    class Meta:
        model = CandidateDecision
        fields = ("number", "shop", "is_reversed", "decided_at")


class FindingViewSet(CaseViewSet):
    """Statements of reasons of the platform's own initiative to your shops."""

    area = "notices"
    serializer_class = PatrolFindingSummarySerializer
    filterset_class = FindingFilter
    queryset = CandidateDecision.objects.none()
    all_of = staticmethod(selectors.findings_of)
    one_of = staticmethod(selectors.finding_of)
    whole = PatrolFindingSerializer

    @extend_schema(operation_id="findings_retrieve", responses={200: PatrolFindingSerializer, 404: PROBLEM})
    def retrieve(self, request: Request, public_id: str) -> Response:
        """One finding: what was taken down, on which facts, by which rule, and what you can do about it."""
        return self._answer(public_id)


router = SimpleRouter(trailing_slash=False)
router.register("watch-profiles", WatchProfileViewSet, basename="watch-profile")
router.register("candidates", CandidateViewSet, basename="candidate")
router.register("findings", FindingViewSet, basename="finding")
api_urlpatterns = [path("", include(router.urls))]
