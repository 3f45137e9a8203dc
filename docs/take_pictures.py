"""Takes the pictures of the README, in English and in Chinese, from a running demo.

    make demo PORT=8000                                   # in one terminal, on an empty IPPRO_DATA_DIR
    .venv/bin/python docs/take_pictures.py http://localhost:8000

A rights holder pastes links, a reviewer compares and upholds, the storefront loses the listing, the merchant reads why; another merchant looks at what copied its image.
It files complaints in the demo, so take the pictures of one demo once; a new folder gives a new demo. Each picture is
1280 × 800, in few colours so that the repository stays small, and lands in docs/pictures/NAME.LANGUAGE.png.
"""

import argparse
import io
import shutil
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from PIL import Image
from playwright.sync_api import Browser, Locator, Page, sync_playwright

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from seeds.world import DOMAIN, build_world

FOLDER = Path(__file__).resolve().parent / "pictures"
PASSWORD = "ippro-demo-2026"
PAGES = {"product_page": "product", "mall": "mall/item", "supermarket": "supermarket/item"}
WINDOW = {"width": 1440, "height": 900}
SIZE = (1280, 800)
LARGEST_BYTES = 200_000
FLAGS = (
    "--no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking"
    " --disable-component-update --disable-sync"
)
WORDS = {
    "en": "The label carries no series number, the heel is moulded from ours, and the seams differ from the genuine shoe.",
    "zh-hans": "吊牌没有序列号，鞋跟由我司正品翻模，车线与正品明显不同，价格仅为正品的三成。",
}
FACTS = {
    "en": "The mark on shoe and label is identical to the registered one; the seller has shown no licence.",
    "zh-hans": "鞋身与吊牌上的标识与注册商标相同，卖家未出示任何授权。",
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("base_url", nargs="?", default="http://localhost:8000", help="where the demo runs")
    parser.add_argument("--storefront-url", help="where its marketplace runs (default: the next port)")
    arguments = parser.parse_args()
    base = arguments.base_url.rstrip("/")
    host, _, port = base.rpartition(":")
    storefront = (arguments.storefront_url or f"{host}:{int(port) + 1}").rstrip("/")
    FOLDER.mkdir(exist_ok=True)
    with sync_playwright() as playwright:
        path = shutil.which("chromium") or shutil.which("chromium-browser")
        browser = playwright.chromium.launch(executable_path=path, args=FLAGS.split())
        for turn, language in enumerate(WORDS):
            Story(browser, base, storefront, language, turn).tell()
        browser.close()


class Story:
    """One complaint, in one language, with a picture at each station."""

    def __init__(self, browser: Browser, base: str, storefront: str, language: str, turn: int) -> None:
        self.browser, self.base, self.storefront, self.language = browser, base, storefront, language
        copies = [
            item for item in build_world().items
            if (item.kind, item.brand, item.nature) == ("listing", "kivorro", "counterfeit")
            and item.shop.operator and item.shop.operator.slug == "haoyun"
        ]  # fmt: skip
        # The demo's own complaints are about the first ones.
        self.items = (copies[-3:], copies[-5:-3])[turn]

    def tell(self) -> None:
        links = [f"{self.storefront}/{PAGES[item.scenes[0]]}/{item.external_id}" for item in self.items]
        with self.person("") as visitor:
            visitor.goto(links[0])
            self.picture(visitor, "storefront-before")
        with self.person("holder") as holder:
            case = self.complain(holder, links)
            with self.person("reviewer") as reviewer:
                self.uphold(reviewer, case)
            # Each link is upheld and down.
            done = holder.locator("main tbody .badge--success")
            self.wait(lambda: holder.goto(f"/complaints/{case}/") and done.count() == 2 * len(links))
            self.picture(holder, "case", at=holder.locator("main table"), above=330)
        with self.person("") as visitor:
            visitor.goto(links[0])
            self.picture(visitor, "storefront-after")
        with self.person("merchant") as merchant:
            self.wait(lambda: self.has_notice(merchant))
            self.picture(merchant, "notice")
        with self.person("merchant.original") as artist:
            artist.goto("/originals/matches/")
            with artist.expect_navigation():
                artist.locator("main tbody a[href*='/matches/mat_']").nth(4).click()
            self.picture(artist, "match", at=artist.locator("main .card").first, above=330)
            artist.goto("/originals/")
            self.picture(artist, "originals")

    def has_notice(self, page: Page) -> bool:
        """Whether the newest notice is about this story; its page is open then."""
        page.goto("/notices/")
        with page.expect_navigation():
            page.locator("main tbody a").first.click()
        return self.items[0].title in page.inner_text("main")

    def complain(self, page: Page, links: list[str]) -> str:
        """Fill in the wizard and send it; the public id of the complaint."""
        page.goto("/complaints/new/")
        mark = page.locator("[name=filing] option", has_text="99001207").get_attribute("value")
        page.select_option("[name=filing]", mark)
        page.fill("[name=links]", "\n".join([*links, f"{self.storefront}/product/unknown"]))
        page.locator("#links-preview tbody tr").nth(len(links)).wait_for()
        self.picture(page, "wizard", at=page.locator("[name=links]"))
        page.fill("[name=links]", "\n".join(links))
        page.locator("#links-preview tbody tr").nth(len(links)).wait_for(state="detached")
        page.check("[name=infringement][value=counterfeit]")
        page.fill("[name=description]", WORDS[self.language])
        page.fill("[name=signature]", "沈奕辰")
        page.check("[name=good_faith]")
        page.click("button[value=send]")
        page.wait_for_url("**/complaints/cmp_*/")
        return page.url.rstrip("/").rpartition("/")[2]

    def uphold(self, page: Page, case: str) -> None:
        """Take the case, accept it, look, and uphold every link."""
        page.goto(f"/admin/complaints/complaint/{case}/review/")
        with page.expect_navigation():
            page.click("button[name=to][value=me]")
        with page.expect_navigation():
            page.keyboard.press("a")
        page.reload()
        self.picture(page, "review", at=page.locator(".rv-main"), above=70)
        for _link in self.items:
            page.keyboard.press("u")
        page.fill("#facts-uphold", FACTS[self.language])
        page.locator("h1").first.click()
        with page.expect_navigation():
            page.keyboard.press("p")
        with page.expect_navigation():
            page.click(".rv-confirm .rv-button--main")

    @contextmanager
    def person(self, mailbox: str) -> Iterator[Page]:
        """A window of its own, signed in as this person of the demo."""
        context = self.browser.new_context(
            base_url=self.base, viewport=WINDOW, locale=self.language, reduced_motion="reduce"
        )
        context.set_default_timeout(60_000)
        for url in (self.base, self.storefront):
            for name, value in (("django_language", self.language), ("lang", self.language[:2])):
                context.add_cookies([{"name": name, "value": value, "url": url}])
        page = context.new_page()
        if mailbox:
            page.goto("/account/login/")
            page.fill("[name=login]", f"{mailbox}@{DOMAIN}")
            page.fill("[name=password]", PASSWORD)
            with page.expect_navigation():
                page.keyboard.press("Enter")
            if "/2fa/" in page.url:
                # The demo shows the code of its staff where it is asked for.
                page.fill("[name=code]", page.inner_text(".demo-strip strong"))
                with page.expect_navigation():
                    page.keyboard.press("Enter")
            # Signing in brings the language of the person; here the pictures' language counts.
            context.add_cookies([{"name": "django_language", "value": self.language, "url": self.base}])
        yield page
        context.close()

    def wait(self, there: Callable[[], object]) -> None:
        """Until the workers and the marketplace have done their part, for a minute."""
        deadline = time.monotonic() + 60
        while not there():
            if time.monotonic() > deadline:
                raise SystemExit("The demo does not get on: are its worker and its marketplace running?")
            time.sleep(1)

    def picture(self, page: Page, name: str, at: Locator | None = None, above: int = 220) -> None:
        """Keep what stands in the window, or what begins so many pixels above `at`."""
        page.wait_for_load_state("networkidle")
        page.evaluate("top => scrollTo(0, top)", max(0, at.bounding_box()["y"] - above) if at else 0)  # type: ignore[index]
        # Pictures further down are fetched only now.
        page.wait_for_timeout(300)
        page.wait_for_load_state("networkidle")
        image = Image.open(io.BytesIO(page.screenshot())).convert("RGB").resize(SIZE, Image.Resampling.LANCZOS)
        for colours in (256, 128, 64, 32):
            out = io.BytesIO()
            image.quantize(colours, Image.Quantize.MAXCOVERAGE, kmeans=1, dither=Image.Dither.NONE).save(
                out, "PNG", optimize=True
            )
            if out.tell() <= LARGEST_BYTES:
                break
        path = FOLDER / f"{name}.{self.language}.png"
        path.write_bytes(out.getvalue())
        print(f"{path.name}: {out.tell() // 1024} kB, {colours} colours")


if __name__ == "__main__":
    main()
