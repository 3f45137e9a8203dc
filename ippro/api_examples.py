"""Examples for the description of the API: every body that is sent or answered has one, and every refusal too.

Rooms write examples where one says more than the fields do. For the rest one is made here of the schema itself, so
that it is never wrong about a field, and refusals show the code that programs look for.
"""

from typing import Any

from core.errors import problem_body

JSON, PROBLEM, FORM = "application/json", "application/problem+json", "multipart/form-data"
#: what a refusal says, by its status; rooms have codes of their own beside these
REFUSALS: dict[str, tuple[str, str]] = {
    "400": ("parse_error", "JSON parse error - Expecting value: line 1 column 1 (char 0)"),
    "401": ("bad_key", "This API key is not good, or not any more."),
    "403": ("out_of_scope", "This API key may not do that. It would need the scope complaints:write."),
    "404": ("not_found", "There is nothing here, or it is not yours to see."),
    "411": ("length_required", "Say how long the body is (Content-Length); a body in chunks without a length is not read."),
    "415": ("unsupported_media_type", 'Unsupported media type "text/plain" in request.'),
    "409": ("wrong_state", "This has changed in the meantime. Reload the page to see where it stands now."),
    "412": ("precondition_failed", "This is no longer as you saw it. Fetch it again, and send the change with its new ETag."),
    "413": ("too_large", "That is larger than what is accepted here."),
    "422": ("invalid", "Please correct what is marked below."),
    "428": ("precondition_required", "Say what the change is based on: send the ETag of what you fetched as If-Match."),
    "429": ("throttled", "Request was throttled. Expected available in 23 seconds."),
    "503": ("busy", "This cannot be done at the moment. Try again in a minute."),
}  # fmt: skip
#: text fields whose form their name tells
TEXTS = {
    "id": "cmp_01k9x7m2v8e4q6r0s3t5w7y9za", "number": "C-2026-000123", "url": "https://mall.example/product/10086",
    "sha256": "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08", "currency": "CNY",
    "language": "en", "country": "CN", "territory": "CN",
    "next": "https://ippro.example/api/v1/complaints?cursor=cD0x", "previous": None,
}  # fmt: skip
FORMATS = {
    "date-time": "2026-03-02T12:00:00Z", "date": "2026-03-02", "uri": "https://mall.example/product/10086",
    "decimal": "129.00", "email": "person@example.com",
}  # fmt: skip
DEEPEST = 6


def add_examples(result: dict[str, Any], **_rest: Any) -> dict[str, Any]:
    """Hook of the generator: an example for every body that has none."""
    schemas = result.get("components", {}).get("schemas", {})
    for methods in result["paths"].values():
        for operation in methods.values():
            for kind, body in operation.get("requestBody", {}).get("content", {}).items():
                if kind in (JSON, FORM) and "examples" not in body:
                    body["example"] = _made(body.get("schema", {}), schemas)
            for status, answer in operation["responses"].items():
                for kind, body in answer.get("content", {}).items():
                    if kind == PROBLEM:
                        answer["description"] = answer.get("description") or _said_of(status)
                    if "examples" in body:
                        continue
                    if kind == PROBLEM:
                        body["example"] = _refusal(status)
                    elif kind == JSON:
                        body["example"] = _made(body.get("schema", {}), schemas)
    return result


def _said_of(status: str) -> str:
    """What an operation that says nothing of a refusal says: the sentence and the code that programs look for."""
    code, title = REFUSALS[status]
    return f"{title} (`{code}`)"


def _refusal(status: str) -> dict[str, Any]:
    code, title = REFUSALS[status]
    errors = {"errors": {"description": ["This field is required."]}} if status == "422" else {}
    return problem_body(code, int(status), title, **errors)


def _made(schema: dict[str, Any], schemas: dict[str, Any], name: str = "", depth: int = 0) -> Any:
    """A value that fits a schema of JSON, as the generator writes them."""
    if "$ref" in schema:
        return _made(schemas[schema["$ref"].rpartition("/")[2]], schemas, name, depth + 1)
    if "default" in schema and schema["default"] is not None:
        return schema["default"]
    for either in ("oneOf", "anyOf", "allOf"):
        if either in schema:
            return _made(schema[either][0], schemas, name, depth + 1)
    if "enum" in schema:
        return next(value for value in schema["enum"] if value not in ("", None))
    kind = schema.get("type")
    kind = next((one for one in kind if one != "null"), "null") if isinstance(kind, list) else kind
    if kind == "object":
        return _made_object(schema, schemas, depth)
    if kind == "array":
        return [] if depth > DEEPEST else [_made(schema.get("items", {}), schemas, name, depth + 1)]
    if kind == "integer":
        return max(1, int(schema.get("minimum", 1)))
    if kind == "number":
        return 0.5
    if kind == "boolean":
        return True
    return _text(schema, name) if kind == "string" else None


def _made_object(schema: dict[str, Any], schemas: dict[str, Any], depth: int) -> dict[str, Any]:
    if depth > DEEPEST * 2:
        return {}
    fields = schema.get("properties", {})
    return {name: _made(of, schemas, name, depth + 1) for name, of in fields.items() if not of.get("writeOnly")}


def _text(schema: dict[str, Any], name: str) -> Any:
    if schema.get("format") in FORMATS and name not in TEXTS:
        return FORMATS[schema["format"]]
    if name in TEXTS and (TEXTS[name] is not None or "null" in schema.get("type", ())):
        said = TEXTS[name]
        return said if said is None else said[: schema.get("maxLength", len(said))]
    said = "129.00" if "pattern" in schema else name.replace("_", " ").capitalize() or "text"
    return said[: schema.get("maxLength", 200)]
