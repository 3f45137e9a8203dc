"""One complaint from the filing of its right to the listing's return, walked through ippro's own pages over HTTP.

Nothing here touches the database: everything is done and seen as the people of the demo do and see it. It works
on a server with the demo world: each walk files a right of its own and withdraws at the end. Its last steps leave the
clock of the demo about a month further on and one pirate's shop banned; `moves_clock` leaves them out.
"""

import io
import re
import time
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial

import httpx
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value
from PIL import Image, ImageDraw

from ippro import (
    agency_walk,
    answer_walk,
    appeal_walk,
    image_walk,
    misuse_walk,
    patrol_walk,
    penalty_walk,
    public_walk,
    webhook_walk,
)
from ippro.patience import Due, Found, Patience, due_behind
from ippro.visitor import PATIENCE_SECONDS, Page, Unexpected, Visitor
from seeds.logins import PASSWORD, PEOPLE, STAFF, TOTP_SECRET
from seeds.marketplace import link
from seeds.world import DOMAIN, Item, build_world

HOLDER, BRAND, MERCHANT, REVIEWER = "holder", "kivorro", "merchant", "reviewer.en"
#: who looks again at what the reviewer decided
OTHER_REVIEWER = "senior"
#: who complains to threaten sellers
MALICIOUS = "agency.en"
#: the merchant whose own pictures are stolen
ARTIST = "merchant.original"
#: who has a book watched
PUBLISHER = "publisher"
#: the scenes of which five are complained of, those that a marketplace is most used in first
SCENES = ("product_page", "mall", "supermarket", "search", "video", "livestream")
LINKS = 5
FACTS = "The label lacks the series number and the mark is placed where the holder never places it."
DESCRIPTION = "Goods under our mark that we never made: the label lacks the series number, the seams differ."
TOTP_PERIOD_SECONDS = 30


@dataclass(frozen=True)
class Step:
    """One thing that was done, and how long it took."""

    words: str
    seconds: float


@dataclass(frozen=True)
class Right:
    """The right that was filed for this walk."""

    public_id: str
    number: str


#: named as the module that walks each of them
PARTS = ("appeal", "webhook", "public", "penalty", "misuse", "image", "patrol", "agency", "answer")


@dataclass
class Walkthrough:
    """`Walkthrough(…).run()` does everything in order. Raises Unexpected at the first thing that is not right."""

    base_url: str
    storefront_url: str
    told: Callable[[Step], None] = lambda step: None
    #: whether it ends with the steps that move the demo's clock
    moves_clock: bool = True
    #: what follows the case itself: these of PARTS, in their order
    parts: Collection[str] = PARTS
    #: told what is waited for, and what is due meanwhile, where it takes long
    waits: Callable[[str], None] = lambda words: None
    #: how long it waits for what programs do behind the pages, once nothing moves there any more
    patience_seconds: float = PATIENCE_SECONDS
    steps: list[Step] = field(default_factory=list)
    _people: dict[str, Visitor] = field(default_factory=dict)

    def run(self) -> None:
        try:
            self._run()
        finally:
            for visitor in self._people.values():
                visitor.close()

    def _run(self) -> None:
        with self._step("ippro and its marketplace answer"):
            self._wait(lambda: Visitor(self.base_url).get("/readyz", expect=None).status == 200, "ippro is ready")
            things = self._things()
        for mailbox in (HOLDER, "agency", MALICIOUS, MERCHANT, ARTIST, PUBLISHER, *[name for name, *_rest in STAFF]):
            role = next(str(rest[1]) for rest in (*STAFF, *PEOPLE) if rest[0] == mailbox)
            with self._step(f"{mailbox} signs in" + (" with the second factor" if mailbox in _STAFF else f" ({role})")):
                self._people[mailbox] = sign_in(self.base_url, mailbox)
        holder, reviewer, merchant = (self._people[name] for name in (HOLDER, REVIEWER, MERCHANT))
        with self._step("the holder files a trademark with its certificate"):
            right = file_right(holder)
        with self._step("a reviewer approves it"):
            approve_right(reviewer, right.public_id)
            self._wait(lambda: bool(_option_of(holder, right.public_id)), "the right can be complained under")
        with self._step(f"the holder complains about {LINKS} links in {LINKS} scenes"):
            complaint = complain(
                holder, right.public_id, [link(self.storefront_url, s, i.external_id, _second(i)) for s, i in things]
            )
        with self._step("a reviewer accepts it and upholds every link"):
            uphold(reviewer, complaint)
        with self._step("the storefront shows none of them any more"):
            self._wait(lambda: not any(self._shows(i) for _s, i in things), "everything upheld has left the storefront")
        with self._step("the case page says that they are down"):
            self._wait(lambda: says_down(holder, complaint), "the case page says it of every link")
        with self._step("the merchant reads the notice and its statement of reasons"):
            self._wait(lambda: read_notice(merchant, right), "the merchant sees the notice")
        if "appeal" in self.parts:
            self._walk_of_an_appeal(complaint, things)
        with self._step("the holder withdraws"):
            withdraw(holder, complaint)
        with self._step("the storefront shows all of them again"):
            self._wait(
                lambda: all(self._shows(i) for _s, i in things), "everything withdrawn is back on the storefront"
            )
        if "webhook" in self.parts:
            self._walk_of_a_webhook(right, things[0])
        if "public" in self.parts:
            self._walk_without_an_account([item for _scene, item in things if item.kind == "listing"][-2:])
        if "penalty" in self.parts:
            self._walk_up_the_ladder(right)
        if "misuse" in self.parts:
            self._walk_of_misuse()
        if "image" in self.parts:
            self._walk_of_an_image(self._people[ARTIST], reviewer)
        sold = self._walk_of_patrol() if "patrol" in self.parts else None
        if "agency" in self.parts:
            self._walk_of_an_agency()
        # Last, for it moves the clock: whatever waits anywhere in the demo becomes due.
        if self.moves_clock and sold:
            self._walk_of_relistings(*sold)
        if self.moves_clock and "answer" in self.parts:
            self._walk_of_an_answer(right)

    def _walk_of_a_webhook(self, right: Right, thing: tuple[str, Item]) -> None:
        holder, reviewer = self._people[HOLDER], self._people[REVIEWER]
        scene, item = thing
        url = webhook_walk.address(holder)
        with webhook_walk.listening(url, patience_seconds=self.patience_seconds) as receiver:
            with self._step("the holder has events sent to a system of its own"):
                page, receiver.secret = webhook_walk.register(holder, url)
            with self._step("a complaint is sent and decided: its system hears of both, signed"):
                where = link(self.storefront_url, scene, item.external_id, _second(item))
                complaint = complain(holder, right.public_id, [where])
                uphold(reviewer, complaint)
                self._wait(
                    lambda: {m.said["type"] for m in receiver.heard_of(complaint)} == set(webhook_walk.EVENTS),
                    "both messages came",
                )
            with self._step("the same message again, a changed one and an old one are refused"):
                message = receiver.heard_of(complaint)[0]
                webhook_walk.refuses_replays(url, message)
            with self._step("the log says that it was taken in"):
                self._wait(lambda: webhook_walk.is_in_the_log(holder, page, message), "the log says it")
            with self._step("the complaint is withdrawn, and the system is told nothing more"):
                withdraw(holder, complaint)
                webhook_walk.leave(holder, url)

    def _walk_without_an_account(self, things: Sequence[Item]) -> None:
        reviewer, visitor = self._people[REVIEWER], Visitor(self.base_url)
        email = public_walk.mailbox()
        links = [link(self.storefront_url, "product_page", item.external_id) for item in things]

        def letter(begin: str) -> str:
            return self._wait(lambda: public_walk.link_in_letter(visitor, email, begin), "the letter is there")

        with self._step(f"somebody without an account reports {len(links)} links by the public form"):
            paper = ("certificate.png", _paper("Certificate of registration: HARBOUR"), "image/png")
            public_walk.report(
                visitor, email, links, paper, ("seam.png", _paper("Ours left, theirs right"), "image/png")
            )
        with self._step("the letter's link confirms it: there is a case, and a private link to it"):
            private, complaint = public_walk.confirm(visitor, letter("/report/confirm/"))
        with self._step("a reviewer accepts right and notice together and upholds both links"):
            uphold(reviewer, complaint)
        with self._step("the storefront shows neither any more, and the private link says so"):
            self._wait(lambda: not any(self._shows(item) for item in things), "both have left the storefront")
            self._wait(lambda: public_walk.says_down(visitor, private, len(links)), "the page says it of both")
        with self._step("the person creates an account by a letter, and the case is in it"):
            public_walk.ask_for_account(visitor, private)
            public_walk.choose_password(visitor, letter("/account/password/reset/key/"))
            public_walk.sign_in(visitor, email, complaint)
        with self._step("and withdraws from there: both are on the storefront again"):
            withdraw(visitor, complaint)
            self._wait(lambda: all(self._shows(item) for item in things), "both are on the storefront again")
        visitor.close()

    def _walk_up_the_ladder(self, right: Right) -> None:
        holder, reviewer, merchant = (self._people[name] for name in (HOLDER, REVIEWER, MERCHANT))
        storefront, complaints = Visitor(self.storefront_url), []
        things = penalty_walk.sold_by_one_shop(build_world(), _MERCHANT_OF, storefront, wanted=penalty_walk.DECISIONS)
        if not things:
            raise Unexpected("no shop of the merchant sells enough to be banned for")
        shop = things[0].shop
        with self._step(f"{len(things)} counterfeit decisions against one shop reach the top of the ladder"):
            for item in things:
                address = link(self.storefront_url, "product_page", item.external_id)
                complaints.append(complain(holder, right.public_id, [address]))
                uphold(reviewer, complaints[-1])
            ban = self._wait(lambda: penalty_walk.proposed_ban(reviewer, shop.name), "a ban is proposed")
        with self._step("the shop is heard, and says something"):
            penalty_walk.decide(reviewer, ban, "hear")
            penalty_walk.state(merchant, _id_in(ban, "pen"))
        with self._step("two senior people ban it, and the whole shop leaves the storefront"):
            penalty_walk.decide(self._people["senior"], ban, "confirm")
            penalty_walk.decide(self._people["admin"], ban, "begin")
            self._wait(lambda: not penalty_walk.is_open(storefront, shop.external_id), "the shop is gone")
        with self._step("the complaints are withdrawn: points and ban are taken back, and the shop is there again"):
            for complaint in complaints:
                withdraw(holder, complaint)
            self._wait(lambda: penalty_walk.is_open(storefront, shop.external_id), "the shop is back")

    def _walk_of_misuse(self) -> None:
        agency, reviewer, first, second = (self._people[name] for name in (MALICIOUS, REVIEWER, "senior", "admin"))
        listings = [i for i in build_world().items if i.kind == "listing"]
        # Another one each time: what a walk that was cut short has complained of is not complained of twice.
        first_one = time.time_ns() // 10**9 % len(listings)
        item = next(i for i in listings[first_one:] + listings[:first_one] if self._shows(i))
        address = link(self.storefront_url, "product_page", item.external_id)
        right = agency.get("/complaints/new/").form(has="filing").option("filing", "flg_")
        misuse_walk.let_go(second)
        with self._step("a complainant that threatened a seller is warned, on what staff confirmed"):
            misuse_walk.warn(first, misuse_walk.confirmed_finding(reviewer))
        with self._step("it threatens again, is looked at again, and the finding is confirmed"):
            complaint = complain(agency, right, [address], words=misuse_walk.THREAT)
            misuse_walk.confirm_further(reviewer, complaint)
        with self._step("another senior reviewer suspends it"):
            misuse_walk.suspend(second)
        with self._step("its next complaint is refused until that day, and its standing says so"):
            refused = send_complaint(agency, right, [address], words=misuse_walk.THREAT, expect=422)
            misuse_walk.stands_suspended(agency, misuse_walk.refused_until(refused))
        with self._step("the suspension is lifted with reasons, and the complaint withdrawn"):
            misuse_walk.let_go(second)
            misuse_walk.stands_free(agency)
            withdraw(agency, complaint)

    def _walk_of_an_appeal(self, complaint: str, things: Sequence[tuple[str, Item]]) -> None:
        merchant, first, other = (self._people[name] for name in (MERCHANT, REVIEWER, OTHER_REVIEWER))
        with self._step("the merchant appeals about one link"):
            case = self._wait(lambda: appeal_walk.appeal(merchant), "the decision can be appealed against")
        with self._step("who decided first may not look at it again"):
            appeal_walk.may_not_take(first, case)
        with self._step("another reviewer reverses the decision"):
            appeal_walk.reverse(other, case)
        with self._step("the storefront shows that link again"):
            self._wait(lambda: sum(self._shows(i) for _s, i in things) == 1, "one link is back on the storefront")
        with self._step("the merchant reads why"):
            self._wait(lambda: appeal_walk.says_reversed(merchant, case), "the merchant reads the reasons")
        with self._step("everybody reads in the public register what became of it, and nothing that a party wrote"):
            stranger = Visitor(self.base_url)
            self._wait(lambda: appeal_walk.is_published(stranger, complaint, case), "the register has the appeal")

    def _walk_of_an_answer(self, right: Right) -> None:
        holder, reviewer, merchant = (self._people[name] for name in (HOLDER, REVIEWER, MERCHANT))
        things = penalty_walk.sold_by_one_shop(build_world(), _MERCHANT_OF, Visitor(self.storefront_url), wanted=2)
        if not things:
            raise Unexpected("no shop of the merchant sells two things that can be complained of")
        comes_back, stays_down = things
        with self._step("two more links of one shop are taken down"):
            addresses = [link(self.storefront_url, "product_page", item.external_id) for item in things]
            complaint = complain(holder, right.public_id, addresses)
            uphold(reviewer, complaint)
            self._wait(lambda: not any(self._shows(i) for i in things), "both have left the storefront")
        with self._step("the merchant answers for both, with an invoice"):
            address = self._wait(lambda: answer_walk.page_to_answer(merchant, things), "the notice can be answered")
            invoice = ("invoice.png", _paper("Invoice No. 8812 of the holder's distributor"), "image/png")
            case = answer_walk.answer(merchant, address, invoice)
        with self._step("a reviewer finds the counter-notice complete and forwards it"):
            answer_walk.forward(reviewer, case)
        with self._step("the holder opens it: the waiting period runs"):
            period = answer_walk.read(holder, case)
        with self._step("the holder proves a lawsuit about one of the links"):
            receipt = ("receipt.png", _paper(f"Filed: {answer_walk.CASE_NUMBER}"), "image/png")
            answer_walk.prove(holder, case, stays_down, receipt)
        with self._step(f"the clock is moved by {period.days + 1} days: the other link is on the storefront again"):
            answer_walk.move_clock(reviewer, period)
            self._wait(lambda: self._shows(comes_back), "the link without a lawsuit is back on the storefront")
        with self._step("the link before the court is not, and the merchant reads why"):
            court = f"{answer_walk.COURT}, {answer_walk.CASE_NUMBER}"
            self._wait(
                lambda: answer_walk.says(merchant, case, "before a court or authority", court), "the page says it"
            )
            if self._shows(stays_down):
                raise Unexpected("the storefront shows what a lawsuit keeps down")
        with self._step("the holder settles with the merchant and withdraws: that link is back as well"):
            withdraw(holder, complaint)
            self._wait(lambda: all(self._shows(i) for i in things), "both are on the storefront again")

    def _walk_of_an_image(self, artist: Visitor, reviewer: Visitor) -> None:
        storefront = Visitor(self.storefront_url)
        with self._step("a merchant registers an image of its own"):
            original = image_walk.register(artist)
        with self._step("the image is certified"):
            self._wait(lambda: image_walk.is_certified(artist, original), "the image has its certificate")
        with self._step("a copyist puts an edited copy on sale"):
            stolen = image_walk.steal(storefront, original)
        with self._step("the copy is found"):
            match = self._wait(lambda: image_walk.match_of(artist, original), "the copy is among the matches")
        with self._step("the match is explained in words and pictures"):
            self._wait(lambda: image_walk.read_explanation(artist, match), "the pictures of the match are drawn")
        with self._step("the merchant complains of it"):
            complaint = _id_in(image_walk.complain(artist, match).url, "cmp")
        with self._step("a reviewer upholds it"):
            uphold(reviewer, complaint)
        with self._step("the copy has left the storefront"):
            self._wait(lambda: storefront.get(stolen, expect=None).status == 410, "the copy has left the storefront")
        with self._step("the certificate verifies with the stand-alone script"):
            certificate = image_walk.certificate_of(artist, original)
            self._wait(lambda: image_walk.verify(self.base_url, certificate), "the ledger has sealed the certificate")

    def _walk_of_patrol(self) -> tuple[patrol_walk.Sold, bytes]:
        publisher, staff, storefront = self._people[PUBLISHER], self._people[REVIEWER], Visitor(self.storefront_url)
        cover = patrol_walk.cover(build_world(), storefront)
        picture = patrol_walk.copied(cover)
        with self._step("a publisher says what to look for: a book, its cover, its prices"):
            profile = patrol_walk.watch(publisher, cover)
        with self._step("a pirate offers a copy of it"):
            sold = patrol_walk.sell(storefront, picture)
        with self._step("the whole market is scanned for it, with progress"):
            scan = patrol_walk.scan(staff, profile)
            self._wait(lambda: patrol_walk.is_scanned(staff, scan), "the scan is finished")
        with self._step(
            "the copy is among what was found; its publisher is asked, and says that it is none of its own"
        ):
            found = self._wait(lambda: patrol_walk.candidate_of(staff, sold), "the copy was found")
            patrol_walk.ask_brand(staff, found)
            patrol_walk.answer(publisher, found)
        with self._step("a reviewer upholds it and others that the scan found"):
            patrol_walk.uphold(staff, found)
            for candidate in patrol_walk.others(staff):
                patrol_walk.uphold(staff, candidate)
            self._wait(lambda: sold.has_left(storefront), "the copy has left the storefront")
        with self._step("a sample of what is on sale is announced: its seed is public before anything is drawn"):
            sample = patrol_walk.announce(staff, Visitor(self.base_url))
        with self._step("the lot falls, and drawn again from the seed it falls on the same"):
            drawn = patrol_walk.draw(staff, sample)
            if drawn != (again := patrol_walk.draw_again(staff, sample, drawn)):
                raise Unexpected(f"drawn were {drawn}, and drawn again {again}")
        with self._step("a storefront that asks before it publishes is told why not"):
            patrol_walk.is_blocked(storefront, picture)
        return sold, picture

    def _walk_of_an_agency(self) -> None:
        agency, admin, market = self._people["agency"], self._people["admin"], self.storefront_url

        def done(visitor: Visitor, sheet: str) -> None:
            self._wait(lambda: agency_walk.is_done(visitor, sheet), "every row of the sheet is done")

        with self._step(f"{agency_walk.LISTINGS} listings are taken in from a sheet of a marketplace"):
            done(admin, agency_walk.bring_in(admin, market))
            # Of a walk that was cut short.
            if left := agency_walk.open_cases(agency, market):
                done(agency, agency_walk.withdraw_by_sheet(agency, left))
        with self._step(f"an agency complains of {agency_walk.BY_SHEET} of them by sheet"):
            sheet = agency_walk.complain_by_sheet(agency, market)
            done(agency, sheet)
        with self._step("its result sheet says of each row in which complaint it is, and where the link stands"):
            cases = agency_walk.cases_of(agency_walk.fates(agency, sheet))
        with self._step("a program of the agency complains of the others, with a key"):
            program = agency_walk.make_program(agency)
            sent = agency_walk.complain_by_program(program, market)
        with self._step(f"the API says of all {agency_walk.LISTINGS} links where they stand"):
            agency_walk.sees_each(program, sent, sheet, market)
        cases |= sent
        with self._step(f"the agency ticks all {len(cases)} complaints and withdraws them at once"):
            answers = agency_walk.withdraw_ticked(agency, cases)
            done(agency, answers)
            agency_walk.all_withdrawn(agency, answers, len(cases))
            agency_walk.revoke(agency, program)

    def _walk_of_relistings(self, sold: patrol_walk.Sold, picture: bytes) -> None:
        staff, first, second = self._people[REVIEWER], self._people["senior"], self._people["admin"]
        storefront = Visitor(self.storefront_url)
        for look, days in (("first", patrol_walk.FIRST_LOOK), ("second", patrol_walk.SECOND_LOOK)):
            with self._step(
                f"the shop puts the same up again; the {look} re-check, {days.days} day(s) on, takes it down"
            ):
                again = patrol_walk.sell(storefront, picture, like=sold)
                if again.has_left(storefront):
                    raise Unexpected(f"{again.address} is not on sale")
                answer_walk.move_clock(first, days)
                self._wait(partial(again.has_left, storefront), "the copy has left the storefront")
        with self._step("the shop is on the list of those that live from it: a ban is proposed, and the shop is heard"):
            name = next(shop.name for shop in build_world().shops if shop.external_id == sold.shop)
            ban = self._wait(lambda: patrol_walk.propose_ban(staff, name), "the shop is on the list")
            heard = patrol_walk.hear(staff, ban)
        with self._step(f"{heard.days} days later two senior people ban it, and the whole shop leaves the storefront"):
            answer_walk.move_clock(first, heard)
            penalty_walk.decide(first, ban, "confirm", patrol_walk.REASON)
            penalty_walk.decide(second, ban, "begin", patrol_walk.REASON)
            self._wait(lambda: not penalty_walk.is_open(storefront, sold.shop), "the shop is gone")

    # --- the storefront ----------------------------------------------------------------------------

    def _things(self) -> list[tuple[str, Item]]:
        """Five things in five scenes that bear the holder's mark without its licence and are on sale now."""
        items = [i for i in build_world().items if i.brand == BRAND and i.nature in ("counterfeit", "trademark_use")]
        # Shops of the merchant who will read the notice come first.
        items.sort(key=lambda i: i.shop.operator.slug != _MERCHANT_OF)
        chosen: list[tuple[str, Item]] = []
        for scene in sorted(SCENES, key=lambda s: sum(s in i.scenes for i in items)):
            fits = (i for i in items if scene in i.scenes and i not in [c for _s, c in chosen] and self._shows(i))
            if found := next(fits, None):
                chosen.append((scene, found))
        if len(chosen) < LINKS:
            raise Unexpected(f"the storefront has things in {len(chosen)} scenes only, of {LINKS} that are wanted")
        return chosen[:LINKS]

    def _shows(self, item: Item) -> bool:
        """Whether a visitor of the storefront sees this thing at its own address."""
        scene = {"listing": "product_page", "video": "video", "livestream": "livestream"}[item.kind]
        page = Visitor(self.storefront_url).get(link(self.storefront_url, scene, item.external_id), expect=None)
        if page.status >= 500:
            raise Unexpected(f"{page.url} answered {page.status}")
        return page.status == 200

    # --- steps -------------------------------------------------------------------------------------

    @contextmanager
    def _step(self, words: str) -> Iterator[None]:
        started = time.monotonic()
        try:
            yield
        except Unexpected as failure:
            raise Unexpected(f"{words}: not so. {failure}") from failure
        except httpx.HTTPError as failure:
            raise Unexpected(f"{words}: not so. {type(failure).__name__}: {failure}") from failure
        step = Step(words, time.monotonic() - started)
        self.steps.append(step)
        self.told(step)

    def _wait(self, asked: Callable[[], Found], words: str) -> Found:
        """The answer, as soon as it is one that counts as true. Raises Unexpected when its patience is over."""
        return Patience(self.patience_seconds, self._due, self.waits).wait(asked, words)

    def _due(self) -> Due:
        """What is due behind the pages; before anybody of the staff has signed in nobody knows."""
        return due_behind(self._people[REVIEWER]) if REVIEWER in self._people else {}


_STAFF = {name for name, *_rest in STAFF}
_MERCHANT_OF = next(slug for name, slug, *_rest in PEOPLE if name == MERCHANT)


def _second(item: Item) -> int | None:
    return None if item.kind == "listing" else item.seconds


def sign_in(base_url: str, mailbox: str) -> Visitor:
    """Somebody of the demo, signed in through the form, with the second factor where it is asked for."""
    visitor = Visitor(base_url)
    deadline = time.monotonic() + 2 * PATIENCE_SECONDS
    while True:
        form = visitor.get("/account/login/").form(has="login")
        page = visitor.send(form, login=f"{mailbox}@{DOMAIN}", password=PASSWORD, expect=None)
        if page.status != 429 or time.monotonic() > deadline:
            break
        # Sign-ins are limited by the minute, and several walks in a minute come from one address.
        time.sleep(2)
    if page.status != 200:
        raise Unexpected(f"{mailbox} is not signed in: {page.status} {page.text[:300]}")
    if mailbox in _STAFF:
        page = _give_code(visitor, page)
    if "/account/" in page.url:
        raise Unexpected(f"{mailbox} is not signed in: {'; '.join(page.errors) or page.text[:300]}")
    visitor.get("/desk/")
    return visitor


def _give_code(visitor: Visitor, page: Page) -> Page:
    """A code that was not used yet: of this half minute, or of one beside it that clocks are allowed to differ by.

    Where several walks in a row have used them all, the next half minute brings another.
    """
    tried: set[int] = set()
    deadline = time.monotonic() + PATIENCE_SECONDS
    while "/account/" in page.url and time.monotonic() < deadline:
        now = int(time.time()) // TOTP_PERIOD_SECONDS
        counter = next((c for c in (now, now + 1, now - 1) if c not in tried), None)
        if counter is None:
            time.sleep(1)
            continue
        tried.add(counter)
        page = visitor.send(page.form(has="code"), code=format_hotp_value(hotp_value(TOTP_SECRET, counter)))
    return page


def file_right(holder: Visitor) -> Right:
    """File a trademark of the holder's own name, with a number that nobody filed."""
    page = holder.send(holder.get("/filings/new/").form(has="kind"), kind="trademark")
    number = str(10_000_000 + time.time_ns() // 10**7 % 89_999_999)
    words = f"KIVORRO {number[-4:]}"
    page = holder.send(
        page.form(has="registration_number"), press="submit",
        title=words, registration_number=number, owner_name="奇沃锐（鹭汀）体育用品有限公司", mark_type="word",
        nice_classes="25", territory="CN", valid_from_on="2024-03-01", valid_until_on="2034-02-28",
        files={"certificate": [("certificate.png", _paper(f"Certificate of registration No. {number}: {words}"), "image/png")]},
    )  # fmt: skip
    return Right(_id_in(page.url, "flg"), number)


def approve_right(reviewer: Visitor, filing: str) -> None:
    """Approve a filing at the staff's workplace."""
    page = reviewer.get(f"/admin/filings/filing/{filing}/review/")
    reviewer.send(page.form(has="version"), press="approve")


def _option_of(holder: Visitor, filing: str) -> list[str]:
    form = holder.get("/complaints/new/").form(has="filing")
    return [value for value in form.choices.get("filing", []) if filing in value]


def complain(holder: Visitor, filing: str, links: Sequence[str], words: str = DESCRIPTION) -> str:
    """Check links, then send the complaint; its public id."""
    return _id_in(send_complaint(holder, filing, links, words=words).url, "cmp")


def send_complaint(
    holder: Visitor, filing: str, links: Sequence[str], *, words: str = DESCRIPTION, expect: int = 200
) -> Page:
    """Check links, then send the complaint, signed as whoever is signed in; the page that answers."""
    form = holder.get("/complaints/new/").form(has="links")
    page = holder.send(form, press="check", filing=filing, links="\n".join(links))
    picture = _paper("Genuine, left: series number on the label. This one, right: none.")
    return holder.send(
        page.form(has="links"), press="send", infringement="counterfeit", good_faith="on", description=words,
        test_buy_order="DM20261124-00017", files={"evidence": [("comparison.png", picture, "image/png")]}, expect=expect,
    )  # fmt: skip


def uphold(reviewer: Visitor, complaint: str) -> None:
    """Take the case, accept it, look at the preview, and uphold every link."""
    address = f"/admin/complaints/complaint/{complaint}/review/"
    reviewer.send(reviewer.get(address).form(action="assign"), press="me")
    reviewer.send(reviewer.get(address).form(action="review/accept"))
    form = reviewer.get(address).form(action="review/preview", has="facts-uphold")
    form.fields["facts-uphold"] = [FACTS]
    if "all-rule" in form.names:
        form.fields["all-rule"] = [form.option("all-rule", "U")]
        form = reviewer.send(form, press="fill").form(action="review/preview")
    else:
        # A case of one link has its rule beside it.
        for name in (name for name in form.names if name.startswith("rule-")):
            form.fields[name] = [form.option(name, "U")]
    page = reviewer.send(form, press="review/preview")
    reviewer.send(page.form(action="review/decide"), press="review/decide")


def says_down(holder: Visitor, complaint: str) -> bool:
    """Whether the holder's page of the case gives the reason for every link that it is down."""
    said = holder.get(f"/complaints/{complaint}/").text
    return said.count("Held down because this complaint was upheld.") == LINKS


def read_notice(merchant: Visitor, right: Right) -> bool:
    """Whether the merchant has the notice, with the facts of the decision; False while it is on its way."""
    listed = merchant.get("/notices/")
    if right.number not in listed.text:
        return False
    said = merchant.get(listed.link("/notices/sor_")).text
    return right.number in said and FACTS in said


def withdraw(holder: Visitor, complaint: str) -> None:
    """Withdraw the whole complaint."""
    page = holder.get(f"/complaints/{complaint}/withdraw/")
    holder.send(page.form(has="targets"), reason="The seller has shown invoices of our own distributor.")


def _id_in(address: str, prefix: str) -> str:
    found = re.search(rf"/({prefix}_[0-9a-z]+)/", address)
    if not found:
        raise Unexpected(f"{address} is not the address of what was just made")
    return found[1]


def _paper(words: str) -> bytes:
    """A picture of a paper with a line on it."""
    image = Image.new("RGB", (900, 640), "#fbfaf5")
    draw = ImageDraw.Draw(image)
    draw.rectangle((30, 30, 870, 610), outline="#9a8457", width=6)
    draw.text((70, 90), words, fill="#222222")
    out = io.BytesIO()
    image.save(out, "PNG")
    return out.getvalue()
