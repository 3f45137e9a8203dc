"""Who reads, takes and manages what, and who is away: kept by seniors, and by everybody for their own absence."""

from typing import Any

from django import forms
from django.contrib import admin
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display
from unfold.views import ChangeList
from unfold.widgets import UnfoldAdminCheckboxSelectMultipleWidget, UnfoldAdminTextInputWidget

from accounts import roles
from accounts.models import User
from complaints import assigning, review
from complaints.models import ReviewerProfile
from core import clock
from core.admin import StaffAdmin

#: what a reviewer changes of their own
OWN = ("away_from_on", "away_until_on")


class ProfileForm(forms.ModelForm):
    """How somebody works; what is wrong is said by its field, with the words of the service."""

    languages = forms.MultipleChoiceField(
        label=_("languages"), choices=ReviewerProfile.Language.choices, required=False,
        widget=UnfoldAdminCheckboxSelectMultipleWidget, help_text=_("In which they read cases."),
    )  # fmt: skip
    queues = forms.MultipleChoiceField(
        label=_("queues"), choices=ReviewerProfile.Queue.choices, required=False,
        widget=UnfoldAdminCheckboxSelectMultipleWidget,
    )  # fmt: skip

    class Meta:
        model = ReviewerProfile
        fields = ("person", "languages", "queues", "daily_capacity", "is_assigned_automatically", *OWN)

    def clean(self) -> dict[str, Any]:
        said = super().clean() or {}
        first, last = said.get("away_from_on"), said.get("away_until_on")
        if last and (first is None or first > last):
            self.add_error("away_until_on", _("The first day away comes before the last one."))
        return said


class WithLoads(ChangeList):
    """The list, with how much of a day's work each has; counted once for all of them."""

    def get_results(self, request: HttpRequest) -> None:
        super().get_results(request)
        shown: list[Any] = list(self.result_list)
        load = assigning.loads([profile.person for profile in shown])
        for profile in shown:
            profile.load = load[profile.person_id]
        self.result_list: Any = shown


@admin.register(ReviewerProfile)
class ReviewerProfileAdmin(StaffAdmin):
    """Everybody who decides, with how much lies on their desk."""

    form = ProfileForm
    list_display = ("name", "reads", "takes", "daily_capacity", "is_assigned_automatically", "on_desk", "absence")
    list_filter = ("is_assigned_automatically",)
    list_select_related = ("person",)
    search_fields = ("=person__email",)
    search_help_text = _("Address")
    fields = ("person", "languages", "queues", "daily_capacity", "is_assigned_automatically", *OWN)

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return roles.is_senior(request.user)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        if roles.is_senior(request.user):
            return True
        return obj is not None and obj.person_id == request.user.pk and roles.is_reviewer(request.user)

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        if roles.is_senior(request.user):
            return () if obj is None else ("person",)
        return (
            tuple(name for name in self.fields if name not in OWN) if self.has_change_permission(request, obj) else ()
        )

    def formfield_for_foreignkey(self, db_field: Any, request: Any, **kwargs: Any) -> Any:
        if db_field.name == "person":
            kwargs["queryset"] = User.objects.filter(pk__in=assigning.reviewers()).order_by("email")
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    def formfield_for_dbfield(self, db_field: Any, request: Any, **kwargs: Any) -> Any:
        if db_field.name in OWN:
            # The browser's own calendar: Django's has a link without a name.
            kwargs["widget"] = UnfoldAdminTextInputWidget(attrs={"type": "date"})
        return super().formfield_for_dbfield(db_field, request, **kwargs)

    def save_model(self, request: Any, obj: ReviewerProfile, form: Any, change: bool) -> None:
        assigning.save_profile(profile=obj, by=request.user)

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[ChangeList]:
        return WithLoads

    @display(description=_("reviewer"))
    def name(self, profile: ReviewerProfile) -> str:
        return review.staff_name(profile.person)

    @display(description=_("languages"))
    def reads(self, profile: ReviewerProfile) -> str:
        return ", ".join(str(ReviewerProfile.Language(code).label) for code in profile.languages)

    @display(description=_("queues"))
    def takes(self, profile: ReviewerProfile) -> str:
        return ", ".join(str(ReviewerProfile.Queue(name).label) for name in profile.queues)

    @display(description=_("open, and done today"))
    def on_desk(self, profile: Any) -> str:
        load = profile.load if hasattr(profile, "load") else assigning.loads([profile.person])[profile.person_id]
        return f"{load} / {profile.daily_capacity}"

    @display(description=_("away"), label={"away": "warning", "later": "default"})
    def absence(self, profile: ReviewerProfile) -> Any:
        if profile.away_from_on is None or (profile.away_until_on and profile.away_until_on < clock.today()):
            return None
        said = f"{profile.away_from_on} – {profile.away_until_on or ''}"
        return ("away" if profile.is_away(clock.today()) else "later"), said
