"""The viewset of cases. Beside `core/api.py`, which the framework itself imports while it builds its own viewsets."""

from collections.abc import Callable
from typing import Any

from rest_framework import serializers
from rest_framework.mixins import ListModelMixin
from rest_framework.response import Response
from rest_framework.viewsets import GenericViewSet

from core.api import IdempotentPosts, written_all
from core.preconditions import Tagged


class WrittenList(ListModelMixin):
    """Lists whose serializer looks at nothing but attributes of what it writes, without what DRF asks of each field."""

    def in_lists(self, found: Any) -> Any:
        """What was found and filtered, with as much of each as is written."""
        return found

    def list(self, request: Any, *args: Any, **kwargs: Any) -> Response:
        view: Any = self
        page = view.paginate_queryset(self.in_lists(view.filter_queryset(view.get_queryset())))
        return view.get_paginated_response(written_all(view.serializer_class, page))  # type: ignore[no-any-return]


class CaseViewSet(IdempotentPosts, ListModelMixin, GenericViewSet):
    """Cases that a caller may see: a list of summaries, and one of them whole, as which every step answers.

    `all_of(user)` and `one_of(user, public_id)` are selectors of the room, `whole` is the serializer of one.
    """

    lookup_field = "public_id"
    all_of: Callable[[Any], Any]
    one_of: Callable[[Any, str], Any]
    whole: type[serializers.BaseSerializer]

    def get_queryset(self) -> Any:
        return self.all_of(self.request.user)

    def _one(self, public_id: str) -> Any:
        return self.one_of(self.request.user, public_id)

    def _answer(self, public_id: str, status: int = 200) -> Response:
        case = self._one(public_id)
        answer = Response(self.whole(case, context={"request": self.request}).data, status)
        return self.tagged(answer, case) if isinstance(self, Tagged) else answer
