"""The demo storefront: a small mall of its own process, with pages for visitors and an API for its operators.

It stands for a marketplace that ippro does not own, so it shares nothing with ippro: neither database nor
settings nor secrets, and it goes on when ippro is away. `manage.py demo_storefront` serves it.
"""

import hashlib
import hmac
import json
import logging
import re
import threading
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from http import HTTPStatus
from http.cookies import CookieError, SimpleCookie
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlencode

import httpx
from django.core.files.uploadedfile import UploadedFile
from django.core.handlers.wsgi import WSGIRequest
from django.template import Context, Engine

from marketplace.connectors.demo.store import PAGE, Store, Thing, clock_time, utc_now
from marketplace.connectors.demo.words import LANGUAGES, category_name, words

log = logging.getLogger("demo_storefront")

HERE = Path(__file__).resolve().parent
MAX_BODY_BYTES = 64 * 1024 * 1024
MAX_ORDERS = 1_000
MAX_PICTURE_BYTES = 5 * 1024 * 1024
PICTURE_MAGIC = {b"\xff\xd8\xff": ".jpg", b"\x89PNG\r\n\x1a\n": ".png"}
PICTURE_TYPES = {".jpg": "image/jpeg", ".png": "image/png", ".webp": "image/webp"}
HEADERS = (
    ("X-Content-Type-Options", "nosniff"),
    ("Referrer-Policy", "same-origin"),
    ("Content-Security-Policy", "default-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'"),
)


@dataclass(frozen=True, slots=True)
class Request:
    method: str
    path: str
    query: Mapping[str, str]
    language: str
    origin: str
    environ: Mapping[str, Any]

    def address(self, **changes: Any) -> str:
        """This page with other values in its query."""
        query = {k: v for k, v in {**self.query, **changes}.items() if v not in ("", None)}
        return self.path + (f"?{urlencode(query)}" if query else "")

    def page(self) -> int:
        value = self.query.get("page", "")
        return max(int(value), 1) if value.isascii() and value.isdigit() and len(value) < 6 else 1


@dataclass(frozen=True, slots=True)
class Response:
    body: bytes
    status: int = 200
    kind: str = "text/html; charset=utf-8"
    headers: tuple[tuple[str, str], ...] = field(default=())


class Refused(Exception):
    """An operator's call that cannot be carried out."""

    def __init__(self, status: int, detail: str, **headers: str) -> None:
        super().__init__(detail)
        self.status = status
        self.headers = tuple((name.replace("_", "-"), value) for name, value in headers.items())


class Storefront:
    """The WSGI application. `told` is called when there is news for ippro; `report_url` stands in the footer.

    `draw` is asked for the file of a picture that the folder of pictures lacks, and answers None where there is none.
    """

    def __init__(
        self,
        store: Store,
        *,
        token: str,
        report_url: str = "",
        told: Callable[[], None] = lambda: None,
        draw: Callable[[Path, str], Path | None] = lambda folder, name: None,
    ) -> None:
        if not token:
            raise ValueError("the operators' API needs a token")
        self.store, self.token, self.report_url, self.told, self.draw = store, token, report_url, told, draw
        #: asks ippro before something is published; None where nobody is told anything
        self.ask: Callable[..., dict[str, Any]] | None = None
        self.engine = Engine(dirs=[str(HERE / "templates")], autoescape=True)
        self.pages: list[tuple[re.Pattern[str], Callable[..., Response]]] = [
            (re.compile(pattern), view)
            for pattern, view in (
                (r"/", self.home),
                (r"/(?P<scene>mall|supermarket)", self.hall),
                (r"/search", self.search),
                (r"/(?P<hall>videos|lives|shops)", self.others),
                (r"/(?P<scene>product|mall/item|supermarket/item)/(?P<external_id>[^/]+)", self.product),
                (r"/(?P<kind>video|live)/(?P<external_id>[^/]+)", self.film),
                (r"/shop/(?P<external_id>[^/]+)", self.shop),
                (r"/sell", self.sell),
                (r"/pictures/(?P<name>[\w.-]+)", self.picture),
                (r"/static/(?P<name>shop\.css|favicon\.svg)", self.static),
                (r"/healthz", self.health),
            )
        ]
        self.ops: dict[str, Callable[[Any], Response]] = {
            "POST /ops/orders": self.take_orders, "POST /ops/states": self.tell_states,
            "POST /ops/restrictions": self.restrict, "POST /ops/load": self.load,
            "POST /ops/relist": self.relist, "GET /ops/catalogue": self.catalogue,
        }  # fmt: skip

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        try:
            response = self._answer(environ)
        except Exception:
            log.exception("no answer for %s", environ.get("PATH_INFO"))
            response = _json({"detail": "something went wrong here"}, 500)
        status = f"{response.status} {HTTPStatus(response.status).phrase}"
        start_response(
            status,
            [("Content-Type", response.kind), ("Content-Length", str(len(response.body))), *HEADERS, *response.headers],
        )
        return [] if environ["REQUEST_METHOD"] == "HEAD" else [response.body]

    def _answer(self, environ: Mapping[str, Any]) -> Response:
        path = environ.get("PATH_INFO", "/").encode("latin-1").decode("utf-8", "replace")
        method = environ["REQUEST_METHOD"]
        if path.startswith("/ops/"):
            return self._operate(method, path, environ)
        request = _request(method, path, environ)
        if method == "POST" and path.rstrip("/") == "/sell":
            return self.put_on_sale(request)
        if method not in ("GET", "HEAD"):
            return _json({"detail": "only GET"}, 405)
        for pattern, view in self.pages:
            if match := pattern.fullmatch(path if path == "/" else path.rstrip("/")):
                return view(request, **match.groupdict())
        return self._missing(request)

    # --- operators ---------------------------------------------------------------------------------------

    def _operate(self, method: str, path: str, environ: Mapping[str, Any]) -> Response:
        given = environ.get("HTTP_AUTHORIZATION", "").removeprefix("Bearer ").encode("latin-1")
        if not hmac.compare_digest(given, self.token.encode()):
            return _json({"detail": "the bearer token is missing or wrong"}, 401)
        try:
            act = self.ops.get(f"{method} {path}")
            if act is None:
                raise Refused(404, "there is no such call")
            if method == "GET":
                return act(_request(method, path, environ))
            return act(_body(environ))
        except Refused as refused:
            return _json({"detail": str(refused)}, refused.status, refused.headers)

    def take_orders(self, body: Mapping[str, Any]) -> Response:
        self._must_be_open()
        return _json({"results": self.store.carry_out(_rows(body, "orders"), utc_now())})

    def restrict(self, body: Mapping[str, Any]) -> Response:
        self._must_be_open()
        measures = body.get("measures")
        if not isinstance(measures, list) or not all(isinstance(m, str) for m in measures):
            raise Refused(422, "measures: a list of words")
        return _json(self.store.restrict(str(body.get("external_id")), measures))

    def tell_states(self, body: Mapping[str, Any]) -> Response:
        self._must_be_open()
        refs = [(str(r.get("kind")), str(r.get("external_id"))) for r in _rows(body, "refs")]
        return _json(
            {
                "states": [
                    {"kind": kind, "external_id": external_id, "state": state}
                    for (kind, external_id), state in zip(refs, self.store.states(refs), strict=True)
                ]
            }
        )

    def load(self, body: Mapping[str, Any]) -> Response:
        events, pictures = body.get("events"), body.get("pictures") or ""
        if not isinstance(events, list) or not all(isinstance(e, dict) for e in events):
            raise Refused(422, "events: a list of objects")
        if not isinstance(pictures, str):
            raise Refused(422, "pictures: the path of a folder")
        try:
            return _json({"things": self.store.load(events, pictures=pictures, reset=body.get("reset") is True)})
        except (ValueError, TypeError) as wrong:
            raise Refused(422, str(wrong)) from wrong

    def relist(self, body: Mapping[str, Any]) -> Response:
        kind, external_id = str(body.get("kind")), str(body.get("external_id"))
        if not self.store.relist(kind, external_id, utc_now()):
            raise Refused(404, f"there is no {kind} {external_id}")
        self.told()
        return _json({"kind": kind, "external_id": external_id, "state": "up"})

    def catalogue(self, request: Request) -> Response:
        events, after = self.store.catalogue(request.query.get("after", ""))
        return _json({"events": events, "next": after})

    def _must_be_open(self) -> None:
        if not self.store.is_open:
            raise Refused(503, "the mall has not been stocked yet", Retry_After="2")

    # --- visitors ----------------------------------------------------------------------------------------

    def home(self, request: Request) -> Response:
        return self._page(
            request, "home.html", here="home",
            mall=self.store.on_show("listing", scene="mall", size=6)[0],
            supermarket=self.store.on_show("listing", scene="supermarket", size=6)[0],
            videos=self.store.on_show("video", size=4)[0], lives=self.store.on_show("livestream", size=3)[0],
            picked=self.store.on_show("listing", scene="product_page", size=18)[0],
        )  # fmt: skip

    def hall(self, request: Request, scene: str) -> Response:
        return self._listings(request, "hall.html", here=scene, scene=scene)

    def search(self, request: Request) -> Response:
        """Results for some words; a link with `item` is a result that somebody copied, and shows it first."""
        if item := request.query.get("item"):
            found = self.store.find("listing", item)
            if found is None or not found.is_on_show:
                return self._missing(request, found)
            alike, _total = self.store.on_show("listing", category=found.category, size=13)
            alike = [t for t in alike if t != found][:12]
            return self._page(request, "search_item.html", here="search", thing=found, things=alike)
        return self._listings(request, "search.html", here="search", query=request.query.get("q", "")[:200].strip())

    def others(self, request: Request, hall: str) -> Response:
        kind = {"videos": "video", "lives": "livestream", "shops": "shop"}[hall]
        things, total = self.store.on_show(kind, page=request.page())
        return self._page(request, "others.html", here=hall, things=things, total=total, **_paging(request, total))

    def product(self, request: Request, scene: str, external_id: str) -> Response:
        hall = scene.partition("/")[0]
        thing = self.store.find("listing", external_id)
        if thing is None or not thing.is_on_show:
            return self._missing(request, thing)
        alike, _total = self.store.on_show("listing", category=thing.category, size=7)
        return self._page(
            request, "product.html", here=hall, thing=thing, seller=self._seller(thing),
            also=[t for t in alike if t != thing][:6],
        )  # fmt: skip

    def film(self, request: Request, kind: str, external_id: str) -> Response:
        thing = self.store.find("livestream" if kind == "live" else "video", external_id)
        if thing is None or not thing.is_on_show:
            return self._missing(request, thing)
        at = request.query.get("t", "")
        second = int(at) if at.isascii() and at.isdigit() and len(at) < 8 else 0
        if thing.seconds:
            second = min(second, thing.seconds)
        shown = [self.store.find("listing", str(i)) for i in thing.attributes.get("shows") or ()]
        goods = [t for t in shown if t is not None and t.is_on_show]
        step = max(thing.seconds // 5, 1)
        return self._page(
            request, "film.html", here="lives" if kind == "live" else "videos", thing=thing, is_live=kind == "live",
            seller=self._seller(thing), goods=goods, second=second, at=clock_time(second),
            marks=[(s, clock_time(s)) for s in range(0, thing.seconds, step)][:5],
        )  # fmt: skip

    def shop(self, request: Request, external_id: str) -> Response:
        thing = self.store.find("shop", external_id)
        if thing is None or not thing.is_on_show:
            return self._missing(request, thing)
        goods, total = self.store.on_show("listing", shop=external_id, page=request.page())
        films = self.store.on_show("video", shop=external_id, size=4)[0]
        films += self.store.on_show("livestream", shop=external_id, size=3)[0]
        return self._page(
            request, "shop.html", here="shops", thing=thing, things=goods, total=total, films=films,
            **_paging(request, total),
        )  # fmt: skip

    def sell(self, request: Request, wrong: str = "", reasons: Sequence[str] = (), **said: str) -> Response:
        """The page on which a visitor plays a seller: so everybody can try what happens to a stolen picture."""
        shops = [
            s for s in self.store.on_show("shop", size=200)[0] if "limits" not in self.store.restrictions(s.external_id)
        ]
        return self._page(
            request, "sell.html", status=422 if wrong else 200, shops=shops, categories=self.store.categories(),
            wrong=words(request.language).get(wrong, ""), said=said, reasons=reasons, can_ask=self.ask is not None,
        )  # fmt: skip

    def put_on_sale(self, request: Request) -> Response:
        length = request.environ.get("CONTENT_LENGTH") or "0"
        if not length.isdigit() or int(length) > MAX_PICTURE_BYTES + 64 * 1024:
            return self.sell(request, "wrong_picture")
        form = WSGIRequest(dict(request.environ))
        said = {name: form.POST.get(name, "").strip() for name in ("shop", "title", "price", "category")}
        asks = form.POST.get("ask", "")
        upload = form.FILES.get("picture")
        content: bytes = upload.read() if isinstance(upload, UploadedFile) else b""
        ending = next((e for magic, e in PICTURE_MAGIC.items() if content.startswith(magic)), "")
        if not 0 < len(said["title"]) <= 200:
            return self.sell(request, "wrong_title", **said)
        if not re.fullmatch(r"[0-9]{1,6}(\.[0-9]{1,2})?", said["price"]):
            return self.sell(request, "wrong_price", **said)
        if not ending or len(content) > MAX_PICTURE_BYTES:
            return self.sell(request, "wrong_picture", **said)
        name = f"{hashlib.sha256(content).hexdigest()[:32]}{ending}"
        self.uploads.mkdir(exist_ok=True)
        partial = self.uploads / f"{name}.{threading.get_ident()}"
        partial.write_bytes(content)
        partial.replace(self.uploads / name)
        if asks and (reasons := self._why_blocked(request, said, name)):
            return self.sell(request, "wrong_blocked", reasons, ask=asks, **said)
        try:
            made = self.store.publish(**said, image=f"{request.origin}/pictures/{name}", at=utc_now())
        except (LookupError, ValueError):
            return self.sell(request, "wrong_shop", **said)
        self.told()
        return Response(b"", status=303, headers=(("Location", f"/product/{made}"),))

    def _why_blocked(self, request: Request, said: Mapping[str, str], picture: str) -> list[str]:
        """Why ippro would not have this published; empty where it may, or where ippro does not answer."""
        if self.ask is None:
            return []
        listing = {
            "shop_external_id": said["shop"], "title": said["title"], "price": said["price"], "currency": "CNY",
            "category": said["category"], "images": [f"{request.origin}/pictures/{picture}"],
        }  # fmt: skip
        try:
            answer = self.ask(listing, language=request.language)
        except httpx.HTTPError as failure:
            log.warning("nobody checks what is published: %s", type(failure).__name__)
            return []
        return list(answer["reasons"]) if answer["answer"] == "block" else []

    @property
    def uploads(self) -> Path:
        """Where visitors' own pictures lie."""
        return self.store.path.parent / "storefront-uploads"

    def picture(self, request: Request, name: str) -> Response:
        kind = PICTURE_TYPES.get(Path(name).suffix.lower())
        folders = [self.uploads, *([Path(folder)] if (folder := self.store.pictures()) else [])]
        found = next((folder / name for folder in folders if (folder / name).is_file()), None) if kind else None
        if found is None and kind and folder:
            found = self.draw(Path(folder), name)
        if found is None or kind is None:
            return self._missing(request)
        return Response(found.read_bytes(), kind=kind, headers=(("Cache-Control", "public, max-age=3600"),))

    def static(self, request: Request, name: str) -> Response:
        kind = "text/css; charset=utf-8" if name.endswith(".css") else "image/svg+xml"
        return Response((HERE / "static" / name).read_bytes(), kind=kind, headers=(("Cache-Control", "max-age=300"),))

    def health(self, request: Request) -> Response:
        return _json({"status": "ok", "stocked": self.store.is_open})

    def _listings(self, request: Request, template: str, *, here: str, scene: str = "", query: str = "") -> Response:
        category = request.query.get("category", "")
        things, total = self.store.on_show("listing", category=category, scene=scene, query=query, page=request.page())
        choices = [
            (request.address(category=c, page=""), category_name(c, request.language), c == category)
            for c in self.store.categories()
        ]
        return self._page(
            request, template, here=here, things=things, total=total, categories=choices, category=category,
            all_categories=request.address(category="", page=""), query=query,
            **_paging(request, total),
        )  # fmt: skip

    def _seller(self, thing: Thing) -> Thing | None:
        return self.store.find("shop", str(thing.data.get("shop_external_id") or ""))

    def _missing(self, request: Request, thing: Thing | None = None) -> Response:
        """410 for what was taken down, 404 for what never was; both languages, for whoever followed a link."""
        status = 404 if thing is None else 410
        return self._page(
            request, "gone.html", status=status, is_gone=status == 410, both=[words(c) for c in LANGUAGES]
        )

    def _page(self, request: Request, template: str, *, status: int = 200, here: str = "", **values: Any) -> Response:
        other = LANGUAGES[1 - LANGUAGES.index(request.language)]
        context = Context(
            {
                "w": words(request.language), "language": request.language, "is_english": request.language == "en",
                "here": here, "report_url": self.report_url, "in_other_language": request.address(lang=other),
                "address": request.origin + request.address(lang="", page=""),
                "category_name": category_name(values["thing"].category, request.language) if "thing" in values else "",
                "halls": [("home", "/"), *((name, f"/{name}") for name in ("mall", "supermarket", "videos", "lives", "shops"))],
                **values,
            }
        )  # fmt: skip
        headers = [("Cache-Control", "no-store"), ("Vary", "Cookie, Accept-Language")]
        if request.query.get("lang") in LANGUAGES:
            headers.append(("Set-Cookie", f"lang={request.language}; Path=/; Max-Age=31536000; SameSite=Lax; HttpOnly"))
        body = self.engine.get_template(template).render(context)
        return Response(body.encode(), status=status, headers=tuple(headers))


def _request(method: str, path: str, environ: Mapping[str, Any]) -> Request:
    asked = parse_qs(environ.get("QUERY_STRING", ""), max_num_fields=50, errors="replace")
    query = {name: values[-1] for name, values in asked.items()}
    origin = f"{environ.get('wsgi.url_scheme', 'http')}://{environ.get('HTTP_HOST') or environ.get('SERVER_NAME', '')}"
    return Request(method, path, query, _language(query, environ), origin, environ)


def _language(query: Mapping[str, str], environ: Mapping[str, Any]) -> str:
    try:
        cookie = SimpleCookie(environ.get("HTTP_COOKIE", ""))
        kept = cookie["lang"].value if "lang" in cookie else ""
    except CookieError:
        kept = ""
    for choice in (query.get("lang"), kept, environ.get("HTTP_ACCEPT_LANGUAGE", "")[:2].lower()):
        if choice in LANGUAGES:
            return str(choice)
    return LANGUAGES[0]


def _paging(request: Request, total: int) -> dict[str, Any]:
    page, pages = request.page(), max(-(-total // PAGE), 1)
    return {
        "page": page, "pages": pages,
        "previous": request.address(page=page - 1) if page > 1 else "",
        "following": request.address(page=page + 1) if page < pages else "",
    }  # fmt: skip


def _body(environ: Mapping[str, Any]) -> dict[str, Any]:
    length = environ.get("CONTENT_LENGTH") or "0"
    if not length.isdigit() or int(length) > MAX_BODY_BYTES:
        raise Refused(413, "the body is too large")
    try:
        body = json.loads(environ["wsgi.input"].read(int(length)))
    except (ValueError, RecursionError) as wrong:
        raise Refused(400, "the body is not JSON") from wrong
    if not isinstance(body, dict):
        raise Refused(422, "the body is not an object")
    return body


def _rows(body: Mapping[str, Any], name: str) -> list[dict[str, Any]]:
    rows = body.get(name)
    if not isinstance(rows, list) or len(rows) > MAX_ORDERS or not all(isinstance(r, dict) for r in rows):
        raise Refused(422, f"{name}: a list of at most {MAX_ORDERS} objects")
    return rows


def _json(body: Mapping[str, Any], status: int = 200, headers: tuple[tuple[str, str], ...] = ()) -> Response:
    return Response(json.dumps(body, ensure_ascii=False).encode(), status, "application/json", headers)
