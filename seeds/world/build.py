"""Makes the demo world from its tables: the same seed and scale give the same world, on any machine."""

import random
from dataclasses import replace
from datetime import date, timedelta

from seeds.pictures import EDITS, GROUNDS, Look, Shot
from seeds.world import numbers
from seeds.world.market import add_book_market
from seeds.world.tables import (
    AGENCIES,
    AUDIENCE,
    BRANDS,
    COUNTERFEIT,
    FILM_TITLES,
    GENUINE,
    HOSTS,
    LOOKALIKE,
    MERCHANTS,
    PIRATED_BOOK,
    PUBLISHERS,
    RESALE,
    SHOPS,
    Book,
    Brand,
    Model,
    Publisher,
)
from seeds.world.things import Item, Nature, Organisation, Person, Picture, Right, Shop, World

DOMAIN = "demo.ippro.example"
HUES = ("#dfe7ef", "#f2d9c9", "#cfe3d4", "#d9d0ea", "#f4e3b8")
CLEAN_GROUNDS = ("studio", "podium", "window", "duo", "marble", "table")
SHABBY_GROUNDS = ("phone", "shelf", "festival", "sky", "table")
#: how many listings each shop has for each brand that it deals in, at scale 1
PER_BRAND = {"flagship": 10, "reseller": 5, "accessory": 10, "copyist": 9, "impostor": 9}
VIDEOS, LIVESTREAMS = 40, 20
TYPO = {"a": "e", "e": "a", "i": "y", "o": "u", "u": "o"}


def build_world(*, seed: int = 2026, scale: float = 1.0) -> World:
    """The demo world; `scale` multiplies listings, videos and livestreams, not the hand-written companies."""
    return _Builder(seed, scale).build()


class _Builder:
    def __init__(self, seed: int, scale: float) -> None:
        self.rng = random.Random(seed)
        self.world = World(seed=seed, scale=scale)
        self.serial = 0

    def build(self) -> World:
        for brand in BRANDS:
            self._brand(brand)
        for publisher in PUBLISHERS:
            self._publisher(publisher)
        for slug, name, name_en, country, city, person in AGENCIES:
            agency = self._organisation(slug, "agency", name, name_en, country, city, person)
            if slug == "harrow":
                self._mark_of(agency)
        for slug, name, city, person, _what in MERCHANTS:
            self._organisation(slug, "merchant", name, name, "CN", city, person)
        for row in SHOPS:
            self._shop(*row)
        for shop in self.world.shops:
            self._listings(shop)
        self._films("video", VIDEOS)
        self._films("livestream", LIVESTREAMS)
        add_book_market(self.world)
        return self.world

    # --- who --------------------------------------------------------------------------------------------

    def _organisation(
        self, slug: str, kind: str, name: str, name_en: str, country: str, city: str, person: str
    ) -> Organisation:
        n = len(self.world.organisations) + 1
        code = numbers.uscc(1000 + n) if country == "CN" else ""
        language = "zh-hans" if country == "CN" else "en"
        address = f"{city}市创新路 {n * 7 + 11} 号" if country == "CN" else f"{n * 3 + 2} Rue Imaginaire, {city}"
        people = [Person(f"{slug}@{DOMAIN}", person, "admin", language, f"+86 199 0000 {n:04d}")]
        licence = Picture(
            f"licence-{slug}.jpg", "licence",
            words=(("name", name), ("uscc", code or f"{country}-DEMO-{n:05d}"), ("legal_person", person), ("address", address),
                   ("founded", f"{2008 + n % 13}-0{1 + n % 9}-1{n % 9}"), ("scope", "商品销售；知识产权服务（演示）")),
        )  # fmt: skip
        organisation = Organisation(
            slug=slug, kind=kind, name=name, name_en=name_en, uscc=code, country=country, address=address,  # type: ignore[arg-type]
            people=tuple(people), licence=licence,
            registration_number="" if code else f"{country}-DEMO-{n:05d}",
        )  # fmt: skip
        self.world.organisations.append(organisation)
        return organisation

    # --- what they own ----------------------------------------------------------------------------------

    def _brand(self, brand: Brand) -> None:
        owner = self._organisation(
            brand.slug, "rights_holder", brand.owner, brand.owner_en, brand.country, brand.city, brand.person
        )
        logo = Picture(
            f"logo-{brand.slug}.jpg", "logo",
            words=(("name", brand.word), ("second", brand.chinese), ("sign", brand.sign), ("colour", brand.colour)),
        )  # fmt: skip
        n = len(self.world.rights)
        self._right(owner, brand.slug, f"{brand.slug}-tm", "trademark", f"{brand.word} {brand.chinese}", numbers.trademark(1207 + n * 391),
                    mark_type="combined", nice=brand.nice, years=10, pictures=(logo,), start=date(2019, 3, 14) + timedelta(days=n * 23),
                    description="商标及其图形，用于品牌全部商品。The mark and its device on all goods of the brand.")  # fmt: skip
        for model in brand.models:
            shot = self._studio(brand, model, 0)
            picture = Picture(
                f"right-{brand.slug}-{model.family}-{brand.models.index(model)}.jpg", "product", shot=shot
            )
            slug = f"{brand.slug}-{model.family}{brand.models.index(model) or ''}"
            self._right(owner, brand.slug, f"{slug}-photo", "copyright_work", f"{model.name} 产品摄影作品", f"国作登字-2024-G-0{9000000 + len(self.world.rights) * 17}",
                        years=50, pictures=(picture,), start=date(2024, 1, 8), description=f"{model.name_en}: product photographs made for the launch.")  # fmt: skip
            if model.family in ("sneaker", "bricks", "phone_case", "handbag", "backpack"):
                self._right(owner, brand.slug, f"{slug}-design", "patent_design", f"{model.name}（外观设计）", numbers.patent("patent_design", 2022, 11 + len(self.world.rights) * 7),
                            years=15, pictures=(replace(picture, name="design-" + picture.name),), start=date(2022, 5, 20), description=f"Design of the {model.name_en}.")  # fmt: skip
        if brand.slug == "sonquill":
            picture = Picture("right-sonquill-patent.jpg", "product", shot=self._studio(brand, brand.models[0], 1))
            self._right(owner, brand.slug, "sonquill-invention", "patent_invention", "一种自适应主动降噪方法及耳机", numbers.patent("patent_invention", 2020, 77),
                        years=20, pictures=(picture,), start=date(2020, 9, 1), description="Adaptive noise cancelling with two feedback microphones.")  # fmt: skip
            self._right(owner, brand.slug, "sonquill-software", "copyright_software", "松羽声 Studio 调音软件 V3.0", "2023SR9012345",
                        years=50, pictures=(replace(logo, name="software-sonquill.jpg"),), start=date(2023, 6, 6), description="Sonquill Studio, the equaliser for desktop and phone.")  # fmt: skip
        if brand.slug == "nuanpora":
            picture = Picture("right-nuanpora-utility.jpg", "product", shot=self._studio(brand, brand.models[0], 1))
            self._right(owner, brand.slug, "nuanpora-utility", "patent_utility", "一种单手开合的保温杯盖", numbers.patent("patent_utility", 2021, 203),
                        years=10, pictures=(picture,), start=date(2021, 4, 2), description="A flask lid that opens with one hand.")  # fmt: skip
        if brand.slug == "wuyaling":
            picture = Picture("right-wuyaling-gi.jpg", "product", shot=self._studio(brand, brand.models[0], 2))
            self._right(owner, brand.slug, "wuyaling-gi", "geographical_indication", "雾崖云尖（地理标志产品）", "AGI2018-99-0042",
                        years=None, pictures=(picture,), start=date(2018, 11, 12), description="Green tea grown above 600 m in Wuya county.")  # fmt: skip

    def _publisher(self, press: Publisher) -> None:
        owner = self._organisation(
            press.slug, "rights_holder", press.name, press.name_en, "CN", press.city, press.person
        )
        logo = Picture(
            f"logo-{press.slug}.jpg", "logo",
            words=(("name", press.name_en), ("second", press.name), ("sign", press.sign), ("colour", press.colour)),
        )  # fmt: skip
        self._right(owner, press.slug, f"{press.slug}-tm", "trademark", press.name, numbers.trademark(8801 + len(self.world.rights) * 57),
                    mark_type="word", nice=(9, 16, 41), years=10, pictures=(logo,), start=date(2020, 8, 8), description="出版社名称商标。The name of the press.")  # fmt: skip
        for i, item in enumerate(press.books):
            cover = Picture(f"cover-{press.slug}-{i}.jpg", "cover", shot=Shot("book", self._book_look(press, item)))
            self._right(owner, press.slug, f"{press.slug}-book{i}", "publishing", f"《{item.title}》", numbers.isbn(len(self.world.rights) * 3 + 11),
                        years=10, pictures=(cover,), start=date(2023, 2, 1) + timedelta(days=61 * i), description=f"{item.title_en}. {item.author}. Exclusive publishing right.")  # fmt: skip

    def _mark_of(self, agency: Organisation) -> None:
        """The agency's own name as a mark: all that the malicious complainant of the demo has in its hands."""
        logo = Picture(
            f"logo-{agency.slug}.jpg", "logo",
            words=(("name", "HARROW"), ("second", "Lindqvist"), ("sign", "knot"), ("colour", "#4a3b52")),
        )  # fmt: skip
        self._right(agency, agency.slug, f"{agency.slug}-tm", "trademark", "HARROW", numbers.trademark(8801 + len(self.world.rights) * 57),
                    mark_type="word", nice=(18, 25, 35), years=10, pictures=(logo,), start=date(2023, 10, 16), description="The name of the firm, on clothing and bags.")  # fmt: skip

    def _right(
        self, owner: Organisation, brand: str, slug: str, kind: str, title: str, number: str, *, years: int | None,
        pictures: tuple[Picture, ...], start: date, description: str, mark_type: str = "", nice: tuple[int, ...] = (),
    ) -> None:  # fmt: skip
        until = start.replace(year=start.year + years) - timedelta(days=1) if years else None
        certificate = Picture(
            f"certificate-{slug}.jpg", "certificate", shot=None, shots=(),
            words=(("right", kind), ("title", title), ("number", number), ("owner", owner.name), ("start", start.isoformat()),
                   ("until", until.isoformat() if until else "长期"), ("nice", "、".join(map(str, nice))), ("picture", pictures[0])),
        )  # fmt: skip
        self.world.rights.append(
            Right(
                slug=slug, organisation=owner.slug, brand=brand, kind=kind, title=title, number=number, owner=owner.name,
                valid_from=start, valid_until=until, description=description, certificate=certificate, pictures=pictures,
                mark_type=mark_type, nice=nice,
            )
        )  # fmt: skip

    # --- where it is sold -------------------------------------------------------------------------------

    def _shop(self, name: str, merchant: str, colour: str, sign: str, brands: tuple[str, ...], nature: str) -> None:
        n = len(self.world.shops)
        token = "".join(self.rng.choice("23456789ABCDEFGHJKMNPQRSTUVWXYZ") for _ in range(8))
        short = next(
            (b.chinese for b in BRANDS if b.slug == brands[0] and nature in ("flagship", "impostor")), name[:4]
        )
        words = {
            "flagship": "品牌官方店铺，正品保证，七天无理由退换。",
            "reseller": "多品牌集合店，支持专柜验货。",
            "accessory": "专做数码配件与替换件，适配多种机型，非原厂。",
            "copyist": "源头好货，厂家直供，支持一件代发。",
            "impostor": "品牌授权折扣店，官方渠道，假一赔十。",
        }[nature]
        self.world.shops.append(
            Shop(
                external_id=f"s{10001 + n}", name=name, token=f"SHOP-{token}", operator=self.world.organisation(merchant),
                avatar=Picture(f"shop-{10001 + n}.jpg", "avatar", seed=n, words=(("name", short), ("sign", sign), ("colour", colour))),
                nature=nature, brands=brands, description=words,
            )
        )  # fmt: skip

    def _listings(self, shop: Shop) -> None:
        for slug in shop.brands:
            count = max(1, round(PER_BRAND[shop.nature] * self.world.scale))
            if len(shop.brands) > 3 and shop.nature == "copyist":
                count = max(1, count // 2)
            brand = next((b for b in BRANDS if b.slug == slug), None)
            for i in range(count):
                if brand is not None:
                    self._goods(shop, brand, i)
                else:
                    self._book(shop, next(p for p in PUBLISHERS if p.slug == slug), i)

    def _nature(self, shop: Shop, i: int, kinds: tuple[Nature, ...]) -> Nature:
        match shop.nature:
            case "flagship":
                return "genuine"
            case "reseller":
                return "resale"
            case "accessory":
                return "compatible"
        return kinds[i % len(kinds)]

    def _goods(self, shop: Shop, brand: Brand, i: int) -> None:
        rng = self.rng
        model = brand.models[i % len(brand.models)]
        variant = i // len(brand.models)
        kinds: list[Nature] = ["counterfeit", "copied_image", "trademark_use", "counterfeit", "unrelated"]
        if model.family in ("sneaker", "bricks", "phone_case", "handbag", "backpack"):
            kinds.insert(1, "design_copy")
        if brand.slug == "sonquill":
            kinds[2:2] = ["pirated_software", "patent_product"]
        if brand.slug == "wuyaling":
            kinds[0:1] = ["gi_misuse", "gi_misuse"]
        nature = self._nature(shop, i, tuple(kinds))
        look = self._look(brand, model, variant)
        hue, seed = rng.choice(HUES), rng.randrange(10_000)
        who = rng.choice(AUDIENCE)
        own = f"{brand.word} {brand.chinese}"
        price = model.price
        edit = ""
        match nature:
            case "genuine":
                title = f"{own} {model.name} {rng.choice(GENUINE)} {who}"
                english = f"{brand.word} {model.name_en}, official"
            case "resale":
                price = int(price * rng.uniform(0.82, 0.96))
                title = f"【{rng.choice(RESALE)}】{own} {model.name} {who}"
                english = f"{brand.word} {model.name_en}, original goods, resold"
            case "compatible":
                price = rng.choice([19, 25, 29, 39, 49])
                part = {
                    "headphones": ("替换耳罩 一对装", "replacement ear pads"),
                    "phone_case": ("同型号钢化膜 两片装", "screen protector, two"),
                }[model.family]
                title, english = (
                    f"适用 {brand.word} {model.name} {part[0]} 非原厂",
                    f"For {brand.word}: {part[1]}, not by the maker",
                )
                look = replace(
                    look, word="", sign="knot", main="#3c4048", accent=rng.choice(("#8fd3e8", "#b8a27a", "#e4572e"))
                )
            case "unrelated":
                price = int(price * rng.uniform(0.2, 0.5))
                title, english = (
                    f"自有品牌 简约百搭 {model.name.split(' ')[-1]} {who}",
                    f"House brand, like no other: {model.family.replace('_', ' ')}",
                )
                look = replace(
                    look,
                    word="DAILY",
                    sign="drop",
                    second="日常",
                    main=rng.choice(("#b9b4a8", "#6d7f8c", "#c9a9a6")),
                    accent="#f2efe8",
                    seed=look.seed + 3,
                )
            case "counterfeit":
                price = int(price * rng.uniform(0.12, 0.35))
                title = f"【{rng.choice(COUNTERFEIT)}】{own} {model.name} {who} 超值"
                english = f"{brand.word} {model.name_en}, factory outlet"
            case "trademark_use":
                price = int(price * rng.uniform(0.2, 0.45))
                near = brand.word[:-1] + TYPO.get(brand.word[-1], "x")
                title, english = (
                    f"{near} {brand.chinese}{rng.choice(LOOKALIKE)} {model.name} {who}",
                    f"{near} {model.name_en}",
                )
                look = replace(look, word=near, mirrored=True)
            case "copied_image":
                price = int(price * rng.uniform(0.25, 0.6))
                title, english = (
                    f"{rng.choice(LOOKALIKE)} {model.name.split(' ')[-1]} {who} 实拍现货",
                    f"Look-alike {model.family.replace('_', ' ')}, in stock",
                )
                edit = EDITS[(i + variant + len(self.world.items)) % len(EDITS)]
            case "design_copy":
                price = int(price * rng.uniform(0.2, 0.5))
                title, english = f"网红同款 {model.name} 高颜值 {who}", f"Same design: {model.name_en}"
                look = replace(look, word="FASHION", sign="star", second="潮流")
            case "patent_product":
                price = int(price * rng.uniform(0.2, 0.5))
                title, english = (
                    f"双馈自适应降噪 头戴耳机 同方案 {who}",
                    "Two-microphone adaptive noise cancelling headphones",
                )
                look = replace(look, word="AIRMAX-S", sign="knot", main="#3c4048")
            case "pirated_software":
                price = rng.choice([9, 15, 19])
                title, english = (
                    "Sonquill Studio 松羽声调音软件 永久激活码 秒发",
                    "Sonquill Studio permanent activation key",
                )
            case "gi_misuse":
                price = int(price * rng.uniform(0.1, 0.3))
                title, english = (
                    f"雾崖云尖 明前绿茶 {rng.choice(('产地直发', '茶农自销', '散装 500g'))} {who}",
                    "Wuya Yunjian green tea, grown elsewhere",
                )
                look = replace(look, word="SHANYE", sign="sun")
            case _:
                raise AssertionError(nature)
        shabby = nature in ("counterfeit", "trademark_use", "design_copy", "patent_product", "gi_misuse")
        shot = Shot(
            model.family, look, rng.choice(SHABBY_GROUNDS if shabby else CLEAN_GROUNDS), hue, seed,
            price=str(price) if rng.random() < (0.6 if shabby else 0.25) else "",
            flag=rng.choice(("正品保证", "官方直营", "新品")) if nature == "genuine" and rng.random() < 0.4
            else rng.choice(("工厂价", "爆款", "包邮", "一件代发")) if shabby and rng.random() < 0.5 else "",
            ribbon=rng.choice(("618 大促 · 限时直降", "双11 返场 · 买一送一", "宠粉节 · 第二件半价")) if rng.random() < 0.1 else "",
            count=rng.choice((1, 1, 1, 1, 2, 3)) if model.family not in ("bricks", "watch") else 1,
        )  # fmt: skip
        if nature == "copied_image":
            # Stolen from the brand's own launch photographs.
            shot = self._studio(brand, model, variant % 4)
        self._listing(shop, nature, brand.slug, title, english, brand.category, price, shot, edit, model.name, seed)

    def _book(self, shop: Shop, press: Publisher, i: int) -> None:
        rng = self.rng
        book = press.books[i % len(press.books)]
        nature = self._nature(shop, i, ("pirated_book", "pirated_book", "pirated_book", "resale"))
        price, edit = book.price, ""
        match nature:
            case "genuine":
                title = f"《{book.title}》{book.author} {press.name} {rng.choice(('官方正版', '新书首发', '作者签名本', '出版社直发'))}"
            case "resale":
                price = int(price * rng.uniform(0.6, 0.85))
                title = f"《{book.title}》{book.author} {press.short} 正版{rng.choice(('新书', '图书 现货', '二手 九成新'))}"
            case _:
                price = max(5, int(price * rng.uniform(0.12, 0.3)))
                title = f"《{book.title}》{rng.choice(PIRATED_BOOK)} 包邮"
                edit = EDITS[(i + len(self.world.items)) % len(EDITS)] if rng.random() < 0.6 else ""
        english = f"{book.title_en}" + (
            ", official" if nature == "genuine" else ", copy" if nature == "pirated_book" else ""
        )
        look = self._book_look(press, book)
        seed = rng.randrange(10_000)
        ground = rng.choice(
            SHABBY_GROUNDS if nature == "pirated_book" else ("studio", "table", "window", "shelf", "duo", "podium")
        )
        shot = Shot("book", look, ground, rng.choice(HUES), seed, price=str(price) if rng.random() < 0.3 else "",
                    flag="正版图书" if nature == "genuine" and rng.random() < 0.5 else "", count=rng.choice((1, 1, 1, 2)))  # fmt: skip
        self._listing(shop, nature, press.slug, title, english, "图书", price, shot, edit, book.title, seed)

    def _listing(
        self, shop: Shop, nature: Nature, brand: str, title: str, english: str, category: str, price: int, shot: Shot,
        edit: str, subject: str, seed: int,
    ) -> None:  # fmt: skip
        self.serial += 1
        if edit:
            shot = replace(shot, price="", flag="", ribbon="")
        external = f"{730_000_000_000 + self.serial * 7919}"
        first = Picture(f"item-{external}-1.jpg", "pirated" if edit else "product", shot=shot, edit=edit, seed=seed)
        pictures = [first]
        if nature == "genuine" and self.serial % 5 == 0:
            second = replace(
                shot,
                ground=CLEAN_GROUNDS[self.serial % len(CLEAN_GROUNDS)],
                seed=seed + 1,
                price="",
                flag="",
                ribbon="",
                count=1,
                zoom=1.12,
            )
            pictures.append(Picture(f"item-{external}-2.jpg", "product", shot=second))
        scenes = {"超市": ("supermarket",)}.get(shop.name[-2:], ("product_page",))
        if shop.nature in ("flagship", "reseller") and self.serial % 4 == 0 and scenes == ("product_page",):
            scenes = ("mall",)
        elif shop.nature == "copyist" and self.serial % 5 in (0, 1):
            scenes = (("mall", "supermarket")[self.serial % 2],)
        self.world.items.append(
            Item(
                kind="listing", external_id=external, shop=shop, title=title, title_en=english, category=category, price=price,
                description=_description(nature, title, shop), pictures=tuple(pictures), scenes=(*scenes, "search"),
                nature=nature, brand=brand, subject=subject,
            )
        )  # fmt: skip

    def _films(self, kind: str, count: int) -> None:
        rng = self.rng
        shops = [s for s in self.world.shops if s.nature != "flagship"] + self.world.shops[:15:3]
        for i in range(max(1, round(count * self.world.scale))):
            shop = shops[i % len(shops)]
            mine = [x for x in self.world.items if x.kind == "listing" and x.shop is shop]
            shown = rng.sample(mine, min(3, len(mine)))
            lead = next((x for x in shown if x.infringes), shown[0])
            shots = tuple(
                x.pictures[0].shot for x in [lead, *[s for s in shown if s is not lead]] if x.pictures[0].shot
            )
            host = HOSTS[(i * 3 + len(shop.name)) % len(HOSTS)]
            seconds = rng.randrange(18, 240)
            film = FILM_TITLES[(i * 7 + rng.randrange(3)) % len(FILM_TITLES)]
            if kind == "video":
                external = f"v{64_000_000 + i * 1009}"
                title, english = (
                    f"{lead.subject}：{film} #{lead.category} @{host}",
                    f"{lead.title_en}: a short film by {host}",
                )
                picture = Picture(f"video-{external}.jpg", "video", shot=replace(shots[0], price="", flag="", ribbon="", seed=i),
                                  words=(("title", film), ("length", f"{seconds // 60:02d}:{seconds % 60:02d}")))  # fmt: skip
            else:
                external = f"r{5_200_000 + i * 613}"
                seconds = rng.randrange(1800, 14_400)
                title, english = (
                    f"{host}的直播间 · {lead.category}专场 · {lead.subject}",
                    f"{host} live: {lead.title_en}",
                )
                picture = Picture(f"live-{external}.jpg", "livestream", shots=shots,
                                  words=(("host", host), ("watching", f"{rng.randrange(3, 98) / 10:.1f}万"), ("colour", ("#d9587c", "#4d6fd0", "#2c7a7b", "#e08a2e", "#7a35c9")[i % 5])))  # fmt: skip
            self.world.items.append(
                Item(
                    kind=kind, external_id=external, shop=shop, title=title, title_en=english, category=lead.category, price=lead.price,  # type: ignore[arg-type]
                    description=f"讲解商品：{lead.title}", pictures=(picture,), scenes=(kind,), nature=lead.nature, brand=lead.brand,
                    subject=lead.subject, seconds=seconds, shows=tuple(x.external_id for x in shown),
                )
            )  # fmt: skip

    # --- looks ------------------------------------------------------------------------------------------

    @staticmethod
    def _look(brand: Brand, model: Model, variant: int) -> Look:
        main, accent = model.colours[variant % len(model.colours)]
        return Look(
            main,
            accent,
            brand.word,
            brand.sign,
            brand.chinese,
            seed=brand.models.index(model) + variant % len(model.colours),
        )

    def _studio(self, brand: Brand, model: Model, variant: int) -> Shot:
        """The brand's own photograph of a model: always the same, so that copies of it can be recognised."""
        hue = HUES[(len(brand.word) + variant) % len(HUES)]
        return Shot(model.family, self._look(brand, model, variant), GROUNDS[variant % 2], hue, seed=900 + variant)

    @staticmethod
    def _book_look(press: Publisher, book: Book) -> Look:
        return Look(book.main, book.accent, book.title, press.sign, f"{book.author}|{press.name}", seed=book.style)


def _description(nature: Nature, title: str, shop: Shop) -> str:
    words = {
        "genuine": "品牌官方出品，附防伪码与质保卡，支持七天无理由退换。",
        "resale": "经品牌渠道采购，附购买凭证，可专柜验货。",
        "compatible": "第三方配件，仅说明适用型号，与品牌方无关联。",
        "unrelated": "自有品牌，自主设计。",
        "counterfeit": "工厂尾单，无吊牌专柜同料，介意慎拍，不退不换。",
        "trademark_use": "大牌质感，平价享受，细节到位。",
        "copied_image": "图片为同款展示，收到实物为准。",
        "pirated_book": "纸质略有色差，内容完整，不影响阅读，不支持退换。",
        "design_copy": "同款造型，多色可选。",
        "patent_product": "采用双馈麦克风自适应降噪方案。",
        "pirated_software": "拍下自动发送激活码，一机一码，不支持升级。",
        "gi_misuse": "高山茶园，新茶现炒，发货地随仓。",
    }[nature]
    return f"{title}\n{words}\n店铺：{shop.name}"
