"""Accounts of people as administrators of the platform see them: staff roles, and who may sign in at all."""

from collections.abc import Iterable

from allauth.account.models import EmailAddress
from django.contrib.auth.models import Group
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction
from django.utils.translation import gettext as _

from accounts import roles
from accounts.errors import LastAdministrator, StaffBelongToNobody
from accounts.models import User
from accounts.roles import StaffRole
from core import ledger
from core.errors import Forbidden, Invalid


@transaction.atomic
def set_staff_roles(*, user: User, granted: Iterable[str], by: User | None) -> User:
    """Give somebody exactly these platform roles; with none, they no longer work for the platform.

    `by` is an administrator, or None for the operator at the command line. Nobody changes their own roles.
    Raises Forbidden, Invalid, StaffBelongToNobody, LastAdministrator.
    """
    granted = frozenset(granted)
    user = _somebody_else(user, by)
    if not granted <= set(StaffRole.values):
        raise Invalid(_("Choose among the roles offered."), field="roles")
    if granted and user.memberships.exists():
        raise StaffBelongToNobody()
    before = sorted(user.staff_roles)
    if StaffRole.ADMINISTRATOR in before and StaffRole.ADMINISTRATOR not in granted:
        _keep_an_administrator(user)
    user.groups.remove(*user.groups.filter(name__in=StaffRole.values))
    user.groups.add(*[Group.objects.get_or_create(name=role)[0] for role in sorted(granted)])
    user.is_staff, user.is_superuser = bool(granted), user.is_superuser and StaffRole.ADMINISTRATOR in granted
    user.save(update_fields=["is_staff", "is_superuser"])
    user.__dict__.pop("staff_roles", None)
    ledger.record(
        kind="person.roles", subject=user.public_id, actor=by, payload={"from": before, "to": sorted(granted)}
    )
    return user


@transaction.atomic
def lock_person(*, user: User, by: User) -> User:
    """Nobody signs in with this account any more, and open sessions end. Raises Forbidden, LastAdministrator."""
    user = _somebody_else(user, by)
    if user.is_active:
        if roles.is_administrator(user):
            _keep_an_administrator(user)
        user.is_active = False
        user.save(update_fields=["is_active"])
        ledger.record(kind="person.lock", subject=user.public_id, actor=by)
    return user


@transaction.atomic
def unlock_person(*, user: User, by: User) -> User:
    """Let somebody sign in again."""
    user = _somebody_else(user, by)
    if not user.is_active:
        user.is_active = True
        user.save(update_fields=["is_active"])
        ledger.record(kind="person.unlock", subject=user.public_id, actor=by)
    return user


@transaction.atomic
def create_staff(*, email: str, granted: Iterable[str], password: str, language: str) -> User:
    """An account for somebody who works for the platform; its address is vouched for by the operator.

    Raises Invalid for an address that is no address or is taken, a weak password, or an unknown role.
    """
    email = email.strip().lower()
    try:
        validate_email(email)
    except ValidationError as wrong:
        raise Invalid(_("Enter an email address such as name@example.com."), field="email") from wrong
    if User.objects.filter(email=email).exists():
        raise Invalid(_("There is an account with this address already."), field="email")
    user = User(email=email, language=language)
    try:
        validate_password(password, user)
    except ValidationError as weak:
        raise Invalid(" ".join(weak.messages), field="password") from weak
    user.set_password(password)
    user.save()
    EmailAddress.objects.create(user=user, email=email, verified=True, primary=True)
    return set_staff_roles(user=user, granted=granted, by=None)


def _somebody_else(user: User, by: User | None) -> User:
    """The person under lock. Raises Forbidden if `by` is no administrator, or the person."""
    if by is not None and not roles.is_administrator(by):
        raise Forbidden(_("Only administrators of the platform do this."))
    if by is not None and by.pk == user.pk:
        raise Forbidden(_("Nobody changes their own rights. Ask another administrator."))
    return User.objects.select_for_update().get(pk=user.pk)


def _keep_an_administrator(leaving: User) -> None:
    # All of them are locked, so that two administrators cannot remove each other at the same moment.
    everybody = User.objects.select_for_update().filter(is_staff=True, is_active=True)
    if not any(roles.is_administrator(person) for person in everybody if person.pk != leaving.pk):
        raise LastAdministrator()
