"""A visitor of ippro's pages without a browser: follows links, fills forms by the names of their fields, sends them.

The walkthrough uses it, and so do benchmarks. It sends what a browser without JavaScript would send.
"""

import time
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any
from urllib.parse import urljoin

import httpx

#: a server that is being started again is waited for
PATIENCE_SECONDS = 60.0

Upload = tuple[str, bytes, str]
Value = str | list[str]


class Unexpected(Exception):
    """A page is not as it should be; the message says which and how."""


@dataclass
class Button:
    """A way to send a form."""

    name: str
    value: str
    action: str
    text: str = ""


@dataclass
class Form:
    """A form as it stands on a page, with what is filled in already."""

    action: str
    method: str
    page: str
    fields: dict[str, list[str]] = field(default_factory=dict)
    names: set[str] = field(default_factory=set)
    choices: dict[str, list[str]] = field(default_factory=dict)
    buttons: list[Button] = field(default_factory=list)

    def option(self, name: str, words: str = "") -> str:
        """The first value that can be chosen in this field, or the first that contains `words`."""
        for value in self.choices.get(name, []):
            if value and words in value:
                return value
        raise Unexpected(f"{self.page}: {name} offers nothing to choose{f' with {words!r}' if words else ''}")


class Page(HTMLParser):
    """What stands on a page: its forms, links, text, and what it says went wrong."""

    def __init__(self, response: httpx.Response) -> None:
        super().__init__(convert_charrefs=True)
        self.url, self.status = str(response.url), response.status_code
        self.html = response.text
        self.forms: list[Form] = []
        self.links: list[str] = []
        self.errors: list[str] = []
        self._by_id: dict[str, Form] = {}
        self._form: Form | None = None
        self._select: tuple[Form, str, bool] | None = None
        self._textarea: tuple[Form, str] | None = None
        self._button: Button | None = None
        self._words: list[str] = []
        self._skipped = 0
        self._error_depth: tuple[str, int] | None = None
        if "html" in response.headers.get("content-type", ""):
            # Elements may name a form that stands below them: read the forms first.
            _Forms(self).feed(self.html)
            self.feed(self.html)

    @property
    def text(self) -> str:
        """The words on the page, without its markup."""
        return " ".join(" ".join(self._words).split())

    def form(self, *, action: str = "", has: str = "") -> Form:
        """The form whose action contains `action` and that has the field `has`. Raises Unexpected."""
        for form in self.forms:
            actions = [form.action, *(b.action for b in form.buttons)]
            if any(action in a for a in actions) and (not has or has in form.names):
                return form
        raise Unexpected(f"{self.url} ({self.status}): no form {action} {has}. It says: {self.text[:400]}")

    def link(self, part: str) -> str:
        """The first link whose address contains `part`. Raises Unexpected."""
        for link in self.links:
            if part in link:
                return link
        raise Unexpected(f"{self.url} ({self.status}): no link to {part}. It says: {self.text[:400]}")

    # --- reading the markup ------------------------------------------------------------------------

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        has = {name: value or "" for name, value in attrs}
        if tag in ("script", "style", "template"):
            self._skipped += 1
        if self._error_depth is None and ("error" in has.get("class", "") or has.get("role") == "alert"):
            self._error_depth = (tag, 1)
            self.errors.append("")
        elif self._error_depth and tag == self._error_depth[0]:
            self._error_depth = (tag, self._error_depth[1] + 1)
        if tag == "a" and has.get("href"):
            self.links.append(urljoin(self.url, has["href"]))
        elif tag == "form":
            self._form = self._by_id[f"#{len(self.forms)}"]
            self.forms.append(self._form)
        elif tag == "option" and self._select:
            self._offer(*self._select[:2], has)
        owner = self._by_id.get(has["form"]) if has.get("form") else self._form
        if owner is None or "disabled" in has:
            return
        name = has.get("name", "")
        if tag == "input":
            self._input(owner, name, has)
        elif tag == "select":
            self._select = (owner, name, "multiple" in has)
            owner.names.add(name)
        elif tag == "textarea" and name:
            self._textarea = (owner, name)
            owner.names.add(name)
            owner.fields[name] = [""]
        elif tag == "button" and has.get("type", "submit") == "submit":
            action = urljoin(self.url, has["formaction"]) if "formaction" in has else owner.action
            self._button = Button(name, has.get("value", ""), action)
            owner.buttons.append(self._button)

    def _offer(self, form: Form, name: str, has: dict[str, str]) -> None:
        value = has.get("value", "")
        form.choices.setdefault(name, []).append(value)
        if "selected" in has:
            form.fields.setdefault(name, []).append(value)

    def _input(self, form: Form, name: str, has: dict[str, str]) -> None:
        kind = has.get("type", "text").lower()
        if kind in ("submit", "image"):
            action = urljoin(self.url, has["formaction"]) if "formaction" in has else form.action
            form.buttons.append(Button(name, has.get("value", ""), action, has.get("value", "")))
        elif name and kind not in ("button", "reset"):
            form.names.add(name)
            if kind in ("radio", "checkbox"):
                form.choices.setdefault(name, []).append(has.get("value", "on"))
                if "checked" in has:
                    form.fields.setdefault(name, []).append(has.get("value", "on"))
            elif kind != "file":
                form.fields.setdefault(name, []).append(has.get("value", ""))

    def handle_endtag(self, tag: str) -> None:
        if tag in ("script", "style", "template"):
            self._skipped = max(0, self._skipped - 1)
        if self._error_depth and tag == self._error_depth[0]:
            depth = self._error_depth[1] - 1
            self._error_depth = (tag, depth) if depth else None
        if tag == "form":
            self._form = None
        elif tag == "textarea":
            self._textarea = None
        elif tag == "button":
            self._button = None
        elif tag == "select" and self._select:
            form, name, many = self._select
            if not many and name not in form.fields and form.choices.get(name):
                form.fields[name] = [form.choices[name][0]]
            self._select = None

    def handle_data(self, data: str) -> None:
        if self._textarea:
            form, name = self._textarea
            form.fields[name][0] += data.removeprefix("\n") if not form.fields[name][0] else data
        elif not self._skipped:
            self._words.append(data)
            if self._button:
                self._button.text = f"{self._button.text} {data}".strip()
            if self._error_depth:
                self.errors[-1] = f"{self.errors[-1]} {data.strip()}".strip()


class _Forms(HTMLParser):
    def __init__(self, page: Page) -> None:
        super().__init__()
        self.page, self.count = page, 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "form":
            has = {name: value or "" for name, value in attrs}
            action = urljoin(self.page.url, has.get("action") or self.page.url)
            form = Form(action, has.get("method", "get").lower(), self.page.url)
            self.page._by_id[f"#{self.count}"] = form
            if has.get("id"):
                self.page._by_id[has["id"]] = form
            self.count += 1


class Visitor:
    """One person's browser window."""

    def __init__(self, base_url: str, *, language: str = "en") -> None:
        self.base_url = base_url.rstrip("/")
        self.client = httpx.Client(
            timeout=30, follow_redirects=True, trust_env=False, headers={"Accept-Language": language}
        )
        self.client.cookies.set("django_language", language)

    def close(self) -> None:
        self.client.close()

    def get(self, address: str, *, expect: int | None = 200) -> Page:
        """The page at this address, or at this path of ippro. Raises Unexpected for any other status."""
        return self._page("GET", urljoin(self.base_url + "/", address), expect=expect)

    def send(
        self,
        form: Form,
        *,
        press: str | None = None,
        files: dict[str, list[Upload]] | None = None,
        expect: int | None = 200,
        **values: Value | None,
    ) -> Page:
        """Fill in `values`, attach `files` and send the form, with the button whose value, name or address is `press`.

        A value of None leaves the field out. Raises Unexpected for a field that the form does not have.
        """
        unknown = sorted((set(values) | set(files or {})) - form.names)
        if unknown:
            raise Unexpected(
                f"{form.page}: the form has no field {', '.join(unknown)}, only {', '.join(sorted(form.names))}"
            )
        data = dict(form.fields)
        for name, value in values.items():
            data.pop(name, None)
            if value is not None:
                data[name] = value if isinstance(value, list) else [value]
        action = form.action
        button = self._button(form, press)
        if button:
            action = button.action
            if button.name:
                data[button.name] = [button.value]
        if form.method == "get":
            return self._page("GET", action, params=data, expect=expect)
        attached = [(name, upload) for name, uploads in (files or {}).items() for upload in uploads]
        return self._page(
            "POST", action, data=data, files=attached or None, headers={"Referer": form.page}, expect=expect
        )

    def _button(self, form: Form, press: str | None) -> Button | None:
        if press is None:
            return next((b for b in form.buttons if b.action == form.action), None)
        for button in form.buttons:
            if press in (button.value, button.name) or press in button.action:
                return button
        raise Unexpected(f"{form.page}: the form has no button {press}")

    def _page(self, method: str, url: str, *, expect: int | None, **kwargs: Any) -> Page:
        page = Page(self.request(method, url, **kwargs))
        if expect is not None and page.status != expect:
            said = "; ".join(e for e in page.errors if e) or page.text[:400]
            raise Unexpected(f"{method} {page.url} answered {page.status} instead of {expect}: {said[:600]}")
        return page

    def request(self, method: str, url: str, **kwargs: Any) -> httpx.Response:
        """One request; while nobody listens there it is tried again, for a minute.

        Only a connection that was refused is tried again: then nothing was sent that could be done twice. Reading
        a page is tried again after any failure of the connection.
        """
        again = httpx.TransportError if method == "GET" else httpx.ConnectError
        deadline = time.monotonic() + PATIENCE_SECONDS
        while True:
            try:
                return self.client.request(method, url, **kwargs)
            except again as failure:
                if time.monotonic() > deadline:
                    raise Unexpected(f"{url} does not answer: {failure}") from failure
                time.sleep(0.3)
