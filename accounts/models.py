"""People, the organisations they belong to, and the papers that prove who those are."""

from functools import cached_property
from typing import Any, ClassVar, Self

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.models import PermissionsMixin
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.roles import OrgRole, StaffRole
from core import clock
from core.crypto import EncryptedTextField
from core.ids import PublicIdField
from core.models import Case
from core.sql import Columns, read


class UserManager(BaseUserManager["User"]):
    def create_user(self, email: str, password: str | None = None, **fields: Any) -> "User":
        user = self.model(email=self.normalize_email(email).lower(), **fields)
        user.set_password(password)
        user.save()
        return user

    def create_superuser(self, email: str, password: str | None = None, **fields: Any) -> "User":
        return self.create_user(email, password, is_staff=True, is_superuser=True, **fields)

    def get_by_natural_key(self, username: str | None) -> "User":
        return self.get(email=(username or "").lower())


class User(AbstractBaseUser, PermissionsMixin):
    """A person who signs in. The address is the login; name and telephone stand encrypted."""

    public_id = PublicIdField("usr")
    email = models.EmailField(_("email"), unique=True)
    name = EncryptedTextField(_("name"), blank=True)
    phone = EncryptedTextField(_("telephone"), blank=True)
    language = models.CharField(_("language"), max_length=16, default="zh-hans")
    is_active = models.BooleanField(_("may sign in"), default=True)
    is_staff = models.BooleanField(_("works for the platform"), default=False)
    date_joined = models.DateTimeField(_("joined at"), default=clock.now)
    current_organisation = models.ForeignKey(
        "accounts.Organisation", null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []
    objects = UserManager()

    class Meta:
        verbose_name = _("person")
        verbose_name_plural = _("people")

    def __str__(self) -> str:
        return self.email

    @cached_property
    def staff_roles(self) -> frozenset[str]:
        """The platform roles of this person; a superuser is an administrator."""
        if not (self.is_staff and self.is_active):
            return frozenset()
        roles = set(self.groups.values_list("name", flat=True))
        return frozenset(roles | ({StaffRole.ADMINISTRATOR} if self.is_superuser else set()))

    def has_staff_role(self, *roles: str) -> bool:
        return not self.staff_roles.isdisjoint(roles)

    @cached_property
    def membership(self) -> "Membership | None":
        """Where this person acts at present: the chosen organisation, else the first one joined."""
        # Asked by every page and every call.
        found = read(
            f"SELECT {_MEMBERSHIP}, {_ORGANISATION} FROM accounts_membership membership "  # noqa: S608
            "JOIN accounts_organisation organisation ON organisation.id = membership.organisation_id "
            "WHERE membership.user_id = %s",
            [self.pk],
            _MEMBERSHIP,
            _ORGANISATION,
        )
        for membership, organisation in found:
            membership.user, membership.organisation = self, organisation
        here = self.current_organisation_id
        return min((m for m, _organisation in found), key=lambda m: (m.organisation_id != here, m.pk), default=None)

    @property
    def organisation(self) -> "Organisation | None":
        return self.membership.organisation if self.membership else None

    def leads(self) -> Any:
        """Where the links of a letter to this person begin, if not where everybody signs in."""
        from accounts.guests.services import leads_of

        return leads_of(self)

    def has_org_role(self, organisation_id: int | None, roles: frozenset[Any]) -> bool:
        """Whether this person holds one of `roles` in the organisation in which they act now."""
        m = self.membership
        return m is not None and m.organisation_id == organisation_id and m.role in roles


class OrganisationQuerySet(models.QuerySet):
    def visible_to(self, user: User) -> Self:
        if user.is_staff:
            return self
        return self.filter(memberships__user=user)


class Organisation(Case):
    """A rights holder, agency or merchant; `state` says whether its papers were accepted."""

    class Kind(models.TextChoices):
        RIGHTS_HOLDER = "rights_holder", _("rights holder")
        AGENCY = "agency", _("agency")
        MERCHANT = "merchant", _("merchant")
        PLATFORM = "platform", _("platform")

    class State(models.TextChoices):
        UNVERIFIED = "unverified", _("not verified")
        SUBMITTED = "submitted", _("under review")
        RETURNED = "returned", _("returned for supplement")
        VERIFIED = "verified", _("verified")
        REJECTED = "rejected", _("rejected")

    public_id = PublicIdField("org")
    kind = models.CharField(_("kind"), max_length=16, choices=Kind)
    name = models.CharField(_("name"), max_length=200)
    country = models.CharField(_("country"), max_length=2, default="CN", help_text=_("ISO 3166 code, such as CN"))
    uscc = models.CharField(
        _("unified social credit code"), max_length=18, blank=True, db_index=True,
        help_text=_("18 characters, as on the business licence (China)"),
    )  # fmt: skip
    registration_number = models.CharField(_("company number"), max_length=64, blank=True)
    address = EncryptedTextField(_("address"), blank=True)
    contact_name = EncryptedTextField(_("contact"), blank=True)
    contact_email = EncryptedTextField(_("contact email"), blank=True)
    contact_phone = EncryptedTextField(_("contact telephone"), blank=True)
    state = models.CharField(_("state"), max_length=16, choices=State, default=State.UNVERIFIED)
    review_note = models.TextField(_("what the reviewer wrote"), blank=True)

    objects = OrganisationQuerySet.as_manager()

    class Meta:
        verbose_name = _("organisation")
        verbose_name_plural = _("organisations")
        constraints = [
            models.UniqueConstraint(
                fields=["uscc", "kind"], condition=~Q(uscc="") & Q(state="verified"), name="one_verified_uscc_per_kind"
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def is_verified(self) -> bool:
        return self.state == self.State.VERIFIED


class Membership(models.Model):
    """Somebody's role in an organisation."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="memberships")
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="memberships")
    role = models.CharField(_("role"), max_length=16, choices=OrgRole)
    joined_at = models.DateTimeField(default=clock.now)

    class Meta:
        verbose_name = _("membership")
        verbose_name_plural = _("memberships")
        constraints = [models.UniqueConstraint(fields=["user", "organisation"], name="one_role_per_organisation")]

    def __str__(self) -> str:
        return f"{self.user} – {self.organisation}"


_MEMBERSHIP = Columns(Membership, "membership")
_ORGANISATION = Columns(Organisation, "organisation")


class Invitation(models.Model):
    """An invitation of a colleague by email, good once and until `expires_at`; only a digest is kept."""

    public_id = PublicIdField("inv")
    organisation = models.ForeignKey(Organisation, on_delete=models.CASCADE, related_name="invitations")
    email = EncryptedTextField(_("email"))
    role = models.CharField(_("role"), max_length=16, choices=OrgRole)
    language = models.CharField(_("language"), max_length=16, default="zh-hans")
    token_hash = models.CharField(max_length=64, unique=True)
    invited_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField(default=clock.now)
    expires_at = models.DateTimeField()
    accepted_at = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("invitation")
        verbose_name_plural = _("invitations")

    def __str__(self) -> str:
        return self.public_id

    @property
    def is_open(self) -> bool:
        return self.accepted_at is None and self.revoked_at is None and self.expires_at > clock.now()


class OrganisationDocument(models.Model):
    """A paper that proves who an organisation is."""

    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="documents")
    file = models.OneToOneField("core.PrivateFile", on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField(default=clock.now)

    class Meta:
        verbose_name = _("document")
        verbose_name_plural = _("documents")

    def __str__(self) -> str:
        return str(self.file_id)


class SignInTrace(models.Model):
    """How often somebody signed in from one device, by its digest alone (`accounts/traces.py`)."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="sign_in_traces")
    digest = models.CharField(_("digest of the device"), max_length=64, db_index=True)
    times = models.PositiveIntegerField(_("times"), default=1)
    first_at = models.DateTimeField(_("first"), default=clock.now)
    last_at = models.DateTimeField(_("last"), default=clock.now, db_index=True)

    class Meta:
        verbose_name = _("trace of sign-ins")
        verbose_name_plural = _("traces of sign-ins")
        constraints = [models.UniqueConstraint(fields=["user", "digest"], name="one_trace_per_device")]

    def __str__(self) -> str:
        return self.digest


# Tables that stand in modules of their own.
from accounts.api_keys.models import ApiKey as ApiKey  # noqa: E402
from accounts.departures import Departure as Departure  # noqa: E402
from accounts.guests.models import Guest as Guest  # noqa: E402
from accounts.guests.models import PrivateLink as PrivateLink  # noqa: E402
from accounts.powers.models import PowerDocument as PowerDocument  # noqa: E402
from accounts.powers.models import PowerOfAttorney as PowerOfAttorney  # noqa: E402
from accounts.webhooks.models import WebhookAttempt as WebhookAttempt  # noqa: E402
from accounts.webhooks.models import WebhookDelivery as WebhookDelivery  # noqa: E402
from accounts.webhooks.models import WebhookEndpoint as WebhookEndpoint  # noqa: E402
