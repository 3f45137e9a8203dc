"""What the API of the imageguard room says and takes."""

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from core import files
from core.api import NextSerializer, PlainSerializer
from imageguard import authorship, explanations, intake, selectors, services
from imageguard.certificates import TimeStampState
from imageguard.explanations import View
from imageguard.models import CameraOriginal, Intake, IntakeItem, Licence, Match, Original
from marketplace.links import MAX_LINE
from marketplace.models import Target

_Words = serializers.ListField(child=serializers.CharField())


# --- originals ---------------------------------------------------------------------------------------------


class OriginalSummarySerializer(serializers.ModelSerializer):
    """An original as lists show it; its number is that of its certificate."""

    id = serializers.CharField(source="public_id")
    waiting_matches = serializers.IntegerField(help_text="Copies about which you still have to decide.")

    class Meta:
        model = Original
        fields: tuple[str, ...] = (
            "id", "number", "title", "state", "state_since_at", "deadline_at", "created_at", "certified_at", "sha256",
            "perceptual_hash", "is_public", "wants_timestamp", "complains_automatically", "waiting_matches",
        )  # fmt: skip


class LicenceSerializer(serializers.ModelSerializer):
    """A shop that may use an image: what it shows is no match."""

    id = serializers.CharField(source="public_id")
    shop = serializers.CharField(source="shop.public_id")
    shop_title = serializers.CharField(source="shop.title")
    marketplace = serializers.CharField(source="shop.marketplace.slug")

    class Meta:
        model = Licence
        fields = ("id", "shop", "shop_title", "marketplace", "note", "granted_at", "ended_at")


class CameraFindingSerializer(serializers.Serializer):
    """One thing that a camera original says about the claim."""

    code = serializers.CharField()
    speaks = serializers.ChoiceField(choices=["for", "against", "neither"])
    text = serializers.SerializerMethodField()

    def get_text(self, finding: dict[str, Any]) -> str:
        return authorship.in_words(finding)


class CameraOriginalSerializer(serializers.ModelSerializer):
    """An unedited file straight from the camera, and what it says for and against the claim; never shown to others."""

    id = serializers.CharField(source="public_id")
    sha256 = serializers.CharField(source="file.sha256")
    size_bytes = serializers.IntegerField(source="file.size_bytes")
    media_type = serializers.CharField(source="file.media_type")
    reading = serializers.SerializerMethodField()

    class Meta:
        model = CameraOriginal
        fields = ("id", "sha256", "size_bytes", "media_type", "reading", "added_at")

    @extend_schema_field(CameraFindingSerializer(many=True))
    def get_reading(self, row: CameraOriginal) -> Any:
        return CameraFindingSerializer(authorship.for_holder(row), many=True).data


class KnownConflictSerializer(serializers.Serializer):
    """What came earlier, as far as a holder may know of it."""

    what = serializers.CharField()
    since_at = serializers.DateTimeField(allow_null=True)
    edits = serializers.ListField(child=serializers.CharField())
    opened_at = serializers.DateTimeField()
    settled_at = serializers.DateTimeField(allow_null=True)
    is_upheld = serializers.BooleanField(allow_null=True, help_text="Whether the original kept its claim.")
    note = serializers.CharField(help_text="How a reviewer settled it, in words for both sides.")


class OriginalSerializer(OriginalSummarySerializer):
    """An original with its picture, conflicts and licences, what is next, and what can be done about it now."""

    organisation = serializers.CharField(source="organisation.public_id")
    preview_url = serializers.SerializerMethodField(help_text="Yours alone; opens for some minutes.")
    refusal_text = serializers.CharField(source="get_refusal_display", help_text="Why no certificate was given.")
    same_as = serializers.CharField(source="same_as.number", default=None, allow_null=True)
    right = serializers.CharField(
        source="filing.public_id", default=None, allow_null=True, help_text="The right on which complaints rest."
    )
    conflicts = serializers.SerializerMethodField()
    licences = serializers.SerializerMethodField()
    next = serializers.SerializerMethodField()
    available_actions = serializers.SerializerMethodField(help_text="What you may do with it now.")

    class Meta(OriginalSummarySerializer.Meta):
        fields = (
            *OriginalSummarySerializer.Meta.fields,
            "organisation", "preview_url", "refusal", "refusal_text", "public_reason", "same_as", "right", "conflicts",
            "licences", "next", "available_actions",
        )  # fmt: skip

    def get_preview_url(self, original: Original) -> str:
        return files.url(original.image, user=self.context["request"].user, preview=True)

    @extend_schema_field(KnownConflictSerializer(many=True))
    def get_conflicts(self, original: Original) -> Any:
        return KnownConflictSerializer(selectors.conflicts_of(original), many=True).data

    @extend_schema_field(LicenceSerializer(many=True))
    def get_licences(self, original: Original) -> Any:
        return LicenceSerializer(selectors.licences_of(original), many=True).data

    @extend_schema_field(NextSerializer)
    def get_next(self, original: Original) -> Any:
        return NextSerializer(selectors.next_for(original)).data

    @extend_schema_field(_Words)
    def get_available_actions(self, original: Original) -> list[str]:
        return [t.name for t in selectors.actions_for(original, self.context["request"].user)]


class NewOriginalSerializer(PlainSerializer):
    """An image to be registered for first-publication protection."""

    file = serializers.FileField(help_text="JPEG, PNG, WebP or GIF, in its full size.")
    title = serializers.CharField(max_length=services.LONGEST_TITLE, required=False, allow_blank=True, default="")
    is_public = serializers.BooleanField(required=False, default=False)
    wants_timestamp = serializers.BooleanField(required=False, default=False)


class OriginalChangeSerializer(PlainSerializer):
    """What changes; to complain by itself takes a signature and the assurance of good faith."""

    title = serializers.CharField(max_length=services.LONGEST_TITLE, required=False)
    is_public = serializers.BooleanField(required=False)
    complains_automatically = serializers.BooleanField(required=False)
    signature = serializers.CharField(
        max_length=100, required=False, allow_blank=True, help_text="Full name of who signs; kept encrypted."
    )
    good_faith = serializers.BooleanField(
        required=False, help_text="The assurance that each notice will be true, and that you may act for the holder."
    )


class NewLicenceSerializer(PlainSerializer):
    shop = serializers.CharField(max_length=MAX_LINE, help_text="Link or share text of the shop.")
    note = serializers.CharField(max_length=200, required=False, allow_blank=True, default="")


class ImageUploadSerializer(PlainSerializer):
    file = serializers.FileField()


# --- handing in --------------------------------------------------------------------------------------------


class ProgressSerializer(serializers.Serializer):
    """How far an intake is, in images."""

    total = serializers.IntegerField()
    waiting = serializers.IntegerField()
    taken = serializers.IntegerField()
    refused = serializers.IntegerField()
    given_up = serializers.IntegerField(help_text="Failed again and again, for no fault of theirs.")
    is_done = serializers.BooleanField()


class IntakeSerializer(serializers.ModelSerializer):
    """One act of handing in, and how far it is."""

    id = serializers.CharField(source="public_id")
    progress = serializers.SerializerMethodField()

    class Meta:
        model = Intake
        fields = ("id", "source", "is_public", "wants_timestamp", "created_at", "progress")

    @extend_schema_field(ProgressSerializer)
    def get_progress(self, row: Intake) -> Any:
        return ProgressSerializer(intake.progress(row)).data


class IntakeItemSerializer(serializers.ModelSerializer):
    """One image of an intake, and what became of it."""

    message = serializers.CharField(source="why", help_text="Why it was refused; empty otherwise.")
    original = serializers.CharField(source="original.public_id", default=None, allow_null=True)

    class Meta:
        model = IntakeItem
        fields = ("name", "state", "message", "original")


class NewIntakeSerializer(PlainSerializer):
    is_public = serializers.BooleanField(required=False, default=False, help_text="For every image of it.")
    wants_timestamp = serializers.BooleanField(required=False, default=False)


class NewZipSerializer(NewIntakeSerializer):
    file = serializers.FileField(help_text="A ZIP archive of images.")


# --- matches -----------------------------------------------------------------------------------------------


class ScorePartSerializer(serializers.Serializer):
    """One part of a score: what it says, and how strongly it speaks for a copy."""

    name = serializers.CharField()
    label = serializers.CharField()  # type: ignore[assignment]  # a field of that name, not the serializer's own label
    text = serializers.CharField()
    share_ratio = serializers.FloatField(help_text="0 to 1; 1 speaks most strongly for a copy.")


class MatchSummarySerializer(serializers.ModelSerializer):
    """A copy of an original as lists show it."""

    id = serializers.CharField(source="public_id")
    original = serializers.CharField(source="original.public_id")
    original_number = serializers.CharField(source="original.number")
    target = serializers.CharField(source="target.public_id")
    kind = serializers.ChoiceField(source="target.kind", choices=Target.Kind.choices)
    external_id = serializers.CharField(source="target.external_id")
    title = serializers.CharField(source="target.title")
    url = serializers.CharField(source="target.url")
    shop = serializers.CharField(source="target.seller.public_id")
    shop_title = serializers.CharField(source="target.seller.title")
    marketplace = serializers.CharField(source="target.marketplace.slug")
    edits = serializers.ListField(child=serializers.CharField(), help_text="What was done to the original, as codes.")

    class Meta:
        model = Match
        fields: tuple[str, ...] = (
            "id", "number", "state", "state_since_at", "deadline_at", "created_at", "tier", "score", "is_mirrored",
            "edits", "original", "original_number", "target", "kind", "external_id", "title", "url", "seconds",
            "shop", "shop_title", "marketplace",
        )  # fmt: skip


class MatchSerializer(MatchSummarySerializer):
    """A copy with its explanation: in words, in parts of the score, and the pictures that show it."""

    sentence = serializers.SerializerMethodField(help_text="What the picture is held to be.")
    parts = serializers.SerializerMethodField()
    pictures = serializers.SerializerMethodField(help_text="By name; fetch each at `…/pictures/<name>`.")
    next = serializers.SerializerMethodField()
    available_actions = serializers.SerializerMethodField(help_text="What you may do with it now.")

    class Meta(MatchSummarySerializer.Meta):
        fields = (
            *MatchSummarySerializer.Meta.fields,
            "sha256", "note", "sentence", "parts", "pictures", "next", "available_actions",
        )  # fmt: skip

    def get_sentence(self, match: Match) -> str:
        return explanations.sentence(match)

    @extend_schema_field(ScorePartSerializer(many=True))
    def get_parts(self, match: Match) -> Any:
        return ScorePartSerializer(explanations.parts_in_words(match.parts), many=True).data

    @extend_schema_field(_Words)
    def get_pictures(self, match: Match) -> list[str]:
        return [view.value for view in View] if explanations.can_be_shown(match) else []

    @extend_schema_field(NextSerializer)
    def get_next(self, match: Match) -> Any:
        return NextSerializer(selectors.next_for_match(match, self.context["request"].user)).data

    @extend_schema_field(_Words)
    def get_available_actions(self, match: Match) -> list[str]:
        return [t.name for t in selectors.actions_for(match, self.context["request"].user)]


class MatchNoteSerializer(PlainSerializer):
    note = serializers.CharField(max_length=2_000, required=False, allow_blank=True, default="")


class MatchDismissSerializer(MatchNoteSerializer):
    """`note` stays among staff."""

    reason = serializers.CharField(
        max_length=2_000, required=False, allow_blank=True, default="",
        help_text="For the holder; needed where the holder knows of the match.",
    )  # fmt: skip


class ShowingSerializer(serializers.Serializer):
    """A listing, video or livestream that shows a picture."""

    target = serializers.CharField(source="target.public_id")
    kind = serializers.ChoiceField(source="target.kind", choices=Target.Kind.choices)
    external_id = serializers.CharField(source="target.external_id")
    title = serializers.CharField(source="target.title")
    shop = serializers.CharField(source="target.seller.public_id")
    shop_title = serializers.CharField(source="target.seller.title")
    marketplace = serializers.CharField(source="target.marketplace.slug")
    link = serializers.CharField(help_text="To be named in a complaint.")
    seconds = serializers.IntegerField(allow_null=True)
    score = serializers.FloatField(help_text="0 to 1; from 0.5 on it is sure.")
    tier = serializers.ChoiceField(choices=Match.Tier.choices)
    edits = serializers.ListField(child=serializers.CharField())


# --- what strangers read -------------------------------------------------------------------------------------


class CertificateSerializer(serializers.Serializer):
    """What a certificate says. What is not told to who asks is empty."""

    number = serializers.CharField()
    state = serializers.ChoiceField(choices=Original.State.choices)
    is_in_force = serializers.BooleanField(source="is_valid", help_text="Whether it proves anything now.")
    holder = serializers.CharField()
    title = serializers.CharField()
    received_at = serializers.DateTimeField()
    certified_at = serializers.DateTimeField(allow_null=True)
    sha256 = serializers.CharField()
    perceptual_hash = serializers.CharField(help_text="256 bits, hexadecimal.")
    ledger_kind = serializers.CharField(help_text="Kind of the ledger entry that issued it.")
    leaf = serializers.IntegerField(allow_null=True, help_text="Place in the sealed ledger; null for some seconds.")
    time_stamp = serializers.ChoiceField(choices=[(s.value, s.value) for s in TimeStampState])
    stamped_at = serializers.DateTimeField(allow_null=True)
    is_public = serializers.BooleanField()
    public_reason = serializers.CharField(help_text="Why it was revoked.")
    address = serializers.CharField(help_text="Where everybody can check it.")


class ProtectionSerializer(serializers.Serializer):
    """What a stranger learns of a picture."""

    is_protected = serializers.BooleanField()
    shown = CertificateSerializer(many=True)
    has_others = serializers.BooleanField(help_text="Further holders protect it who do not show theirs.")
