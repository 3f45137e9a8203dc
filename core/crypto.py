"""Encryption at rest for personal data and papers, and salted digests for the ledger.

Fernet (AES-128-CBC with HMAC-SHA256) under keys derived from `IPPRO_SECRET_KEYS`: the first key
encrypts, every key decrypts, `manage.py rotate_keys` writes everything anew under the first.
"""

import hashlib
import hmac
from base64 import urlsafe_b64encode
from functools import lru_cache
from typing import Any

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings
from django.db import models


def derive(secret: str, purpose: bytes) -> bytes:
    """32 bytes for one purpose, from a secret of the installation."""
    return HKDF(algorithm=hashes.SHA256(), length=32, salt=b"ippro", info=purpose).derive(secret.encode())


@lru_cache(maxsize=4)
def _box(secrets: tuple[str, ...]) -> MultiFernet:
    return MultiFernet([Fernet(urlsafe_b64encode(derive(s, b"at-rest"))) for s in secrets])


def box() -> MultiFernet:
    """The present keys."""
    return _box(tuple(settings.SECRET_KEYS))


def encrypt(data: bytes) -> bytes:
    return box().encrypt(data)


def decrypt(token: bytes) -> bytes:
    """Raises `cryptography.fernet.InvalidToken` when no present key opens it."""
    return box().decrypt(token)


def is_current(token: bytes) -> bool:
    """Whether the first key opens it: nothing to do for `rotate_keys`."""
    try:
        _box((settings.SECRET_KEYS[0],)).decrypt(token)
    except InvalidToken:
        return False
    return True


def digest(value: str, *, salt: str) -> str:
    """A salted digest that can stand in the ledger for personal data: erasing the salt erases it."""
    return hmac.new(salt.encode(), value.encode(), hashlib.sha256).hexdigest()


def blind_index(value: str) -> str:
    """A keyed digest by which an encrypted value can be looked up for equality."""
    key = derive(settings.SECRET_KEYS[-1], b"blind-index")
    return hmac.new(key, value.strip().lower().encode(), hashlib.sha256).hexdigest()


class EncryptedTextField(models.TextField):
    """Text that only stands encrypted in the database. It cannot be filtered on."""

    def get_prep_value(self, value: Any) -> Any:
        value = super().get_prep_value(value)
        return value if value in (None, "") else encrypt(value.encode()).decode()

    def from_db_value(self, value: Any, expression: Any, connection: Any) -> Any:
        if value in (None, ""):
            return value
        try:
            return decrypt(value.encode()).decode()
        except InvalidToken as broken:
            raise ValueError(
                f"{self.model.__name__}.{self.name} cannot be decrypted: is a key missing from IPPRO_SECRET_KEYS?"
            ) from broken

    def get_lookup(self, lookup_name: str) -> Any:
        if lookup_name in ("isnull",):
            return super().get_lookup(lookup_name)
        return None
