"""What the description of the API says of every operation, so that no room has to: who may call, and how that is refused."""

from typing import Any

from drf_spectacular.openapi import AutoSchema
from drf_spectacular.plumbing import ResolvedComponent

from accounts.api_keys.authentication import ApiKeyAuthentication, ApiKeyScheme
from accounts.api_keys.scopes import needed
from core.api import ProblemSerializer

#: refusals that come before any room is asked
BEFORE = {
    "401": "Nobody signed in, or the API key is not good (`bad_key`).",
    "429": "More calls than one key or person may make in a minute; `Retry-After` says when to go on (`throttled`).",
    "403": "The key has no scope for this (`out_of_scope`), or your role does not allow it.",
    "404": "There is nothing here, or it is not yours to see (`not_found`).",
}
#: refusals of what is too much to be read, in an address too
ALWAYS = {"413": "The body is larger than what is accepted here, or there are too many fields (`too_large`)."}
#: refusals of what cannot be read as the body of a request
OF_A_BODY = {
    "400": "The body is no JSON, or no form (`parse_error`).",
    "415": "The body is of another kind than those named here (`unsupported_media_type`).",
    "422": "Fields are missing or wrong; `errors` names them (`invalid`).",
}
#: refusals of an `Idempotency-Key`
OF_A_KEY = {
    "409": "A request with this key is being worked on (`request_in_progress`).",
    "422": "The key was used for another request (`idempotency_key_reused`).",
}
#: refusals of what a marketplace signs
OF_A_SIGNATURE = {"401": "The signature is missing, wrong or too old (`bad_signature`)."}
#: refusals of a list
OF_A_LIST = {"422": "A filter, `page_size` or `cursor` is not what it can be; `errors` names them (`invalid`)."}
#: refusals of a change that does not say, or no longer rightly, what it is based on
BASED_ON = {
    "412": "It has changed since (`precondition_failed`).",
    "428": "Neither `If-Match` nor a version was sent (`precondition_required`).",
}


class Schema(AutoSchema):
    """DRF's operations, with the scope that a key needs and the refusals that all have."""

    def get_operation(self, *args: Any, **kwargs: Any) -> Any:
        operation = super().get_operation(*args, **kwargs)
        if operation is None:
            return operation
        for status, answer in operation["responses"].items():
            if status >= "400" and "application/json" in answer.get("content", {}):
                answer["content"] = {"application/problem+json": answer["content"]["application/json"]}
        self._refused(operation, ALWAYS)
        if "requestBody" in operation:
            self._refused(operation, OF_A_BODY)
        if any(p.get("in") == "query" for p in operation.get("parameters", [])):
            self._refused(operation, OF_A_LIST)
        if any(p.get("name") == "webhook-signature" for p in operation.get("parameters", [])):
            self._refused(operation, OF_A_SIGNATURE)
        if any(p.get("name") == "If-Match" for p in operation.get("parameters", [])):
            self._refused(operation, BASED_ON)
        if not self._takes_keys():
            return operation
        wanted = needed(self.view, self.method)
        said = f"Scope of an API key: {' or '.join(f'`{s}`' for s in wanted)}." if wanted else "Not for API keys."
        operation["description"] = "\n\n".join(filter(None, [operation.get("description", ""), said]))
        security = [s for s in operation.get("security", []) if ApiKeyScheme.name not in s]
        operation["security"] = [*({ApiKeyScheme.name: [scope]} for scope in wanted), *security]
        self._refused(operation, BEFORE)
        if any(p.get("name") == "Idempotency-Key" for p in operation.get("parameters", [])):
            self._refused(operation, OF_A_KEY)
        return operation

    def _refused(self, operation: Any, texts: dict[str, str]) -> None:
        """Say of an operation how it refuses; what a room says itself stands."""
        problem: ResolvedComponent = self.resolve_serializer(ProblemSerializer, "response")
        for status, text in texts.items():
            answer = {"content": {"application/problem+json": {"schema": problem.ref}}, "description": text}
            operation["responses"].setdefault(status, answer)

    def _takes_keys(self) -> bool:
        return any(isinstance(a, ApiKeyAuthentication) for a in self.view.get_authenticators())
