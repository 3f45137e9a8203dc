"""Writes the generated half of the Python client from the description of the API: `make client`.

    python -m clients.generate            writes clients/python/ippro_client/{models,operations}.py
    python -m clients.generate --check    says whether they are up to date, and changes nothing

One method for each operation, one TypedDict for each body. How calls are made stands in `calls.py`, by hand. Why we
generate it ourselves: docs/adr/0020-a-client-of-two-files.md.
"""

import argparse
import keyword
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

PACKAGE = Path(__file__).resolve().parent / "python" / "ippro_client"
JSON, FORM = "application/json", "multipart/form-data"
BASICS = {"string": "str", "integer": "int", "number": "float", "boolean": "bool", "null": "None"}
#: said by arguments of their own
IDEMPOTENCY, IF_MATCH = "Idempotency-Key", "If-Match"
SIGNED = ("Ippro-Marketplace", "webhook-id", "webhook-timestamp", "webhook-signature")
MADE = '"""{what} Generated from the description of the API by `make client`: do not edit."""\n\n'


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true")
    is_check = parser.parse_args().check
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "ippro.settings")
    import django

    django.setup()
    stale = [name for name, text in written().items() if _read(name) != text]
    if is_check:
        for name in stale:
            print(f"{name} is not up to date: run `make client`", file=sys.stderr)
        return 1 if stale else 0
    for name, text in written().items():
        (PACKAGE / name).write_text(text)
    return 0


def _read(name: str) -> str:
    path = PACKAGE / name
    return path.read_text() if path.exists() else ""


def written() -> dict[str, str]:
    """What the generated files say, by name."""
    from django.utils import translation
    from drf_spectacular.generators import SchemaGenerator

    with translation.override("en"):
        schema = SchemaGenerator().get_schema(request=None, public=True)
    return {
        "models.py": _formatted("".join(_models(schema["components"]["schemas"]))),
        "operations.py": _formatted("".join(_operations(schema))),
    }


def _formatted(text: str) -> str:
    ruff = Path(sys.executable).with_name("ruff")
    command = [str(ruff), "format", "--quiet", "--stdin-filename", "generated.py", "--line-length", "120", "-"]
    return subprocess.run(command, input=text, capture_output=True, text=True, check=True).stdout


# --- bodies ----------------------------------------------------------------------------------------------------


def _models(schemas: dict[str, Any]) -> Iterator[str]:
    yield MADE.format(what="Bodies that are sent and answered.")
    yield "from typing import Any, Literal, NotRequired, TypedDict\n\n"
    for name, schema in sorted(schemas.items()):
        if "enum" in schema or schema.get("type") != "object" or "properties" not in schema:
            yield f"{name} = {_type(schema, quoted=True)}\n\n"
    for name, schema in sorted(schemas.items()):
        if "enum" not in schema and schema.get("type") == "object" and "properties" in schema:
            yield from _model(name, schema)


def _model(name: str, schema: dict[str, Any]) -> Iterator[str]:
    required = set(schema.get("required", ()))
    fields = {
        key: _type(of, quoted=True) if key in required else f"NotRequired[{_type(of, quoted=True)}]"
        for key, of in schema["properties"].items()
    }
    if all(key.isidentifier() and not keyword.iskeyword(key) for key in fields):
        yield f"class {name}(TypedDict):\n"
        yield _docstring(schema.get("description", ""), "    ")
        yield from (f"    {key}: {kind}\n" for key, kind in fields.items())
        yield "\n\n"
    else:
        yield f"{name} = TypedDict({name!r}, {{{', '.join(f'{key!r}: {kind}' for key, kind in fields.items())}}})\n\n"


def _type(schema: dict[str, Any], *, quoted: bool = False) -> str:
    """What a value of a schema is in Python; names of models in quotes where they may stand further below."""
    if "$ref" in schema:
        name = schema["$ref"].rpartition("/")[2]
        return f'"{name}"' if quoted else name
    if "enum" in schema:
        return f"Literal[{', '.join(repr(value) for value in dict.fromkeys(schema['enum']))}]"
    for either in ("oneOf", "anyOf", "allOf"):
        if either in schema:
            return _union([_type(one, quoted=quoted) for one in schema[either]])
    kinds = schema.get("type", [])
    return _union([_basic(kind, schema, quoted) for kind in ([kinds] if isinstance(kinds, str) else kinds)]) or "Any"


def _basic(kind: str, schema: dict[str, Any], quoted: bool) -> str:
    if kind == "array":
        return f"list[{_type(schema.get('items', {}), quoted=quoted)}]"
    if kind == "object":
        inner = schema.get("additionalProperties")
        return f"dict[str, {_type(inner, quoted=quoted) if isinstance(inner, dict) and inner else 'Any'}]"
    if kind == "string" and schema.get("format") == "binary":
        return "bytes"
    return BASICS[kind]


def _union(kinds: list[str]) -> str:
    """All of them; a text that names types, where one of them is a text."""
    found = list(dict.fromkeys(kinds))
    if len(found) > 1 and any('"' in kind for kind in found):
        return '"' + " | ".join(kind.replace('"', "") for kind in found) + '"'
    return " | ".join(found)


def _docstring(text: str, indent: str) -> str:
    said = " ".join(text.split("\n\n")[0].split()).replace("\\", "\\\\").replace('"', "'")
    return f'{indent}"""{said}"""\n\n' if said else ""


# --- operations ------------------------------------------------------------------------------------------------


def _operations(schema: dict[str, Any]) -> Iterator[str]:
    methods, used = [], set[str]()
    for path, operations in schema["paths"].items():
        for method, operation in operations.items():
            text = _operation(path, method.upper(), operation, schema["components"]["schemas"])
            used |= set(re.findall(r"\b(?:models\.)(\w+)", text))
            methods.append(text)
    yield MADE.format(what="One method for each operation.")
    yield "from collections.abc import Iterator\nfrom typing import Any, Literal\n\n"
    yield "from ippro_client import models\nfrom ippro_client.calls import Calls, Upload\n\n\n"
    yield 'class Operations(Calls):\n    """Every operation of the API, by its operationId."""\n\n'
    yield from methods


def _operation(path: str, method: str, operation: dict[str, Any], schemas: dict[str, Any]) -> str:
    parameters = operation.get("parameters", [])
    in_path = {p["name"]: p for p in parameters if p["in"] == "path"}
    in_query = {p["name"]: p for p in parameters if p["in"] == "query" and p["name"] != "cursor"}
    headers = {p["name"]: p for p in parameters if p["in"] == "header"}
    arguments = [f"{_name(name)}: {_of_models(p['schema'])}" for name, p in in_path.items()]
    keywords = [
        f"{_name(name)}: {_of_models(p['schema'])}" + ("" if p.get("required") else " | None = None")
        for name, p in sorted(in_query.items(), key=lambda item: not item[1].get("required"))
    ]
    said = [repr(method), _address(path, in_path)]
    contents = operation.get("requestBody", {}).get("content", {})
    is_needed = operation.get("requestBody", {}).get("required", False)
    if JSON in contents and FORM in contents:
        kind = _of_models(contents[JSON]["schema"])
        keywords[:0] = [
            f"body: {kind} | None = None",
            "files: dict[str, Upload | list[Upload]] | None = None",
            "data: dict[str, Any] | None = None",
        ]
        said.append("body=body, files=files, data=data")
    elif JSON in contents:
        kind = _of_models(contents[JSON]["schema"])
        keywords.insert(0, f"body: {kind}" + ("" if is_needed else " | None = None"))
        said.append("body=body")
    elif FORM in contents:
        keywords[:0] = ["files: dict[str, Upload | list[Upload]]", "data: dict[str, Any] | None = None"]
        said.append("files=files, data=data")
    if in_query:
        said.append("query={" + ", ".join(f"{name!r}: {_name(name)}" for name in in_query) + "}")
    if IDEMPOTENCY in headers:
        keywords.append("idempotency_key: str | None = None")
        said.append("idempotency_key=idempotency_key, is_repeatable=True")
    if IF_MATCH in headers:
        keywords.append("if_match: str | None = None")
        said.append("if_match=if_match")
    # What a marketplace signs, `auth` of the client says.
    others = {name: p for name, p in headers.items() if name not in (IDEMPOTENCY, IF_MATCH, *SIGNED)}
    if others:
        keywords.append("headers: dict[str, str]")
        said.append("headers=headers")
    call, answer = _answer(operation, schemas)
    keywords.sort(key=lambda one: "=" in one)
    given = ", ".join(["self", *arguments, *(["*", *keywords] if keywords else [])])
    does = f"return self.{call}({', '.join(said)})" if answer != "None" else f"self.{call}({', '.join(said)})"
    doc = _docstring(operation.get("description", ""), "        ")
    return f"    def {operation['operationId']}({given}) -> {answer}:\n{doc}        {does}\n\n"


def _answer(operation: dict[str, Any], schemas: dict[str, Any]) -> tuple[str, str]:
    """How the call is made, and what it returns."""
    good = next(answer for status, answer in operation["responses"].items() if status < "300")
    contents = good.get("content", {})
    if not contents:
        return "_call", "None"
    if JSON not in contents:
        return "_content", "bytes"
    schema = contents[JSON]["schema"]
    name = schema.get("$ref", "").rpartition("/")[2]
    if name.startswith("Paginated"):
        return "_pages", f"Iterator[{_of_models(schemas[name]['properties']['results']['items'])}]"
    return "_call", _of_models(schema)


def _of_models(schema: dict[str, Any]) -> str:
    if "$ref" in schema:
        return "models." + _type(schema)
    if schema.get("type") == "array":
        return f"list[{_of_models(schema.get('items', {}))}]"
    return _type(schema)


def _name(name: str) -> str:
    said = re.sub(r"\W", "_", name).lower()
    return f"{said}_" if keyword.iskeyword(said) else said


def _address(path: str, in_path: dict[str, Any]) -> str:
    if not in_path:
        return repr(path)
    return 'f"' + re.sub(r"\{(\w+)\}", lambda found: "{self._quoted(" + _name(found[1]) + ")}", path) + '"'


if __name__ == "__main__":
    sys.exit(main())
