"""The request of somebody who is signed in, as a type: for functions behind `login_required` or the admin's door."""

from django.http import HttpRequest

from accounts.models import User


class SignedInRequest(HttpRequest):
    """Never built: it says that whoever calls has seen to it that `user` is somebody."""

    user: User
