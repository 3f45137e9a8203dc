"""The demo world as hand-written tables: brands, models, books, companies, shops, people, phrases.

Everything is fictional. Names were coined for this file; likeness to a real mark, firm, book or person is
chance. `build.py` makes listings, films and streams from these tables.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Model:
    """A product of a brand: family, names, price in yuan, colourways (main, accent)."""

    family: str
    name: str
    name_en: str
    price: int
    colours: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Brand:
    """A fictional brand with its owner and what it sells."""

    slug: str
    word: str
    chinese: str
    sign: str
    colour: str
    owner: str
    owner_en: str
    nice: tuple[int, ...]
    category: str
    models: tuple[Model, ...]
    country: str = "CN"
    city: str = ""
    person: str = ""


@dataclass(frozen=True)
class Book:
    title: str
    title_en: str
    author: str
    price: int
    main: str
    accent: str
    style: int


@dataclass(frozen=True)
class Publisher:
    slug: str
    name: str
    name_en: str
    short: str
    sign: str
    colour: str
    city: str
    person: str
    books: tuple[Book, ...]


BRANDS = (
    Brand("kivorro", "Kivorro", "奇沃锐", "swift", "#e4572e", "奇沃锐（鹭汀）体育用品有限公司",
          "Kivorro Sports (Luting) Co., Ltd.", (18, 25, 28), "运动户外", (
              Model("sneaker", "风翎缓震跑鞋", "Fengling cushioned running shoe", 469, (("#e8e4dc", "#e4572e"), ("#1f2430", "#49c6b7"), ("#f2c9d2", "#7a5cc9"), ("#2d6cdf", "#f6c324"))),
              Model("hoodie", "夜行加绒连帽卫衣", "Night Walk fleece hoodie", 329, (("#3b4a6b", "#f4d35e"), ("#5a5f5c", "#f0f0ea"), ("#a63d40", "#f7ede2"))),
          ), city="鹭汀", person="沈奕辰"),
    Brand("nordwisp", "Nordwisp", "诺维斯普", "crest", "#46523a", "诺维斯普户外装备（岚川）有限公司",
          "Nordwisp Outdoor (Lanchuan) Co., Ltd.", (18, 22, 25), "运动户外", (
              Model("backpack", "山脊 28L 双肩包", "Ridge 28L backpack", 399, (("#46523a", "#d98e04"), ("#22303f", "#e4572e"), ("#7b2d43", "#d9a8a0"), ("#2c7a7b", "#f0e6c8"))),
          ), city="岚川", person="罗启明"),
    Brand("oumelle", "Oumelle", "欧弥蕾", "petal", "#a8324f", "欧弥蕾（沪岸）化妆品有限公司",
          "Oumelle Cosmetics (Hu'an) Co., Ltd.", (3, 5, 44), "美妆", (
              Model("lipstick", "丝绒雾面口红", "Velvet matte lipstick", 219, (("#1b1b22", "#c2263f"), ("#7c1f35", "#b3543f"), ("#e9dcd0", "#d9587c"))),
              Model("perfume", "初雾女士香水 50ml", "First Mist eau de parfum 50 ml", 528, (("#f3b6c4", "#b5446e"), ("#cfe0d4", "#3d7a5f"), ("#f4d9a6", "#9c6a1f"))),
          ), city="沪岸", person="顾念慈"),
    Brand("qinglumei", "Qinglumei", "青鹭眉", "bird", "#2f7f6f", "青鹭眉生物科技（雁湖）有限公司",
          "Qinglumei Biotech (Yanhu) Co., Ltd.", (3, 5), "美妆", (
              Model("jar", "积雪修护面霜 50g", "Centella repair cream 50 g", 268, (("#eef4f0", "#2f7f6f"), ("#fbf1ea", "#c98d6b"), ("#e8ecf7", "#5a6fb0"))),
          ), city="雁湖", person="白书瑶"),
    Brand("blokkaru", "Blokkaru", "布洛卡鲁", "block", "#d63c2f", "布洛卡鲁玩具（澄澜）有限公司",
          "Blokkaru Toys (Chenglan) Co., Ltd.", (28, 41), "母婴玩具", (
              Model("bricks", "城堡奇遇积木 862 粒", "Castle Quest bricks, 862 pieces", 259, (("#ef5b4c", "#2f80ed"), ("#8e6fd1", "#f6c324"))),
              Model("bricks", "巡星机器人积木 540 粒", "Star Patrol robot bricks, 540 pieces", 189, (("#2f80ed", "#f6c324"), ("#35b56a", "#ef5b4c"), ("#f08a24", "#3b4a6b"))),
          ), city="澄澜", person="贺子墨"),
    Brand("sonquill", "Sonquill", "松羽声", "wave", "#20242e", "松羽声（云港）声学技术有限公司",
          "Sonquill Acoustics (Yungang) Co., Ltd.", (9, 42), "数码", (
              Model("headphones", "静界 Pro 主动降噪耳机", "Stillfield Pro noise-cancelling headphones", 899, (("#20242e", "#ff7a59"), ("#f0eee9", "#b8a27a"), ("#28435c", "#8fd3e8"), ("#6b2f4b", "#f2b6c6"))),
          ), city="云港", person="陆行之"),
    Brand("hullora", "Hullora", "壳萝拉", "shell", "#4d6fd0", "壳萝拉（云港）电子科技有限公司",
          "Hullora Electronics (Yungang) Co., Ltd.", (9, 16), "数码", (
              Model("phone_case", "花信风手机壳", "Blossom Wind phone case", 79, (("#cfe3f5", "#4d6fd0"), ("#f7dbe3", "#d9587c"), ("#23272f", "#e0b04c"))),
              Model("phone_case", "潮汐手机壳", "Tidal phone case", 89, (("#e6f2ef", "#2c7a7b"), ("#f3ead9", "#e4572e"), ("#2a2440", "#8e6fd1"))),
          ), city="云港", person="简星河"),
    Brand("belcourtine", "Belcourtine", "贝可汀", "knot", "#8a2f3c", "Belcourtine Maroquinerie SAS",
          "Belcourtine Maroquinerie SAS", (18, 25), "箱包", (
              Model("handbag", "弧光手提包", "Arc handbag", 2680, (("#8a2f3c", "#d9a441"), ("#23211f", "#c2263f"), ("#d8b58c", "#5b3a29"), ("#2e4a3f", "#e0b04c"))),
          ), country="FR", city="Lyon", person="Maëlle Corvisart"),
    Brand("vantelier", "Vantelier", "万特里尔", "hour", "#1f3b57", "Vantelier Horlogerie SA",
          "Vantelier Horlogerie SA", (14,), "钟表", (
              Model("watch", "子午线机械腕表", "Meridian mechanical watch", 3980, (("#5b3a29", "#1f3b57"), ("#23211f", "#f2f0ea"), ("#3d4a3a", "#2e4a3f"))),
          ), country="CH", city="Neuchâtel", person="Aurèle Zbinden"),
    Brand("nuanpora", "Nuanpora", "暖珀拉", "sun", "#2f5d62", "暖珀拉日用品（瓷川）有限公司",
          "Nuanpora Homeware (Cichuan) Co., Ltd.", (21,), "家居", (
              Model("thermos", "微光保温杯 480ml", "Glimmer vacuum flask 480 ml", 149, (("#2f5d62", "#e9c46a"), ("#f4f1ea", "#d98e7a"), ("#27324a", "#c7d3e8"), ("#c96a6a", "#f3dcc8"))),
          ), city="瓷川", person="温以宁"),
    Brand("wuyaling", "Wuyaling", "雾崖云尖", "leaf", "#2e5b3e", "雾崖县云尖茶行业协会",
          "Wuya County Yunjian Tea Association", (30,), "食品茶饮", (
              Model("tea_tin", "雾崖云尖 明前特级 100g", "Wuya Yunjian green tea, first picking, 100 g", 388, (("#2e5b3e", "#c9a227"), ("#6b3f2a", "#d9b36a"), ("#e9e4d4", "#2e5b3e"))),
          ), city="雾崖", person="茅松年"),
    Brand("yuquelan", "Yuquelan", "雨雀岚", "drop", "#7a4a2b", "雨雀岚茶业（雾崖）有限公司",
          "Yuquelan Tea (Wuya) Co., Ltd.", (30, 35), "食品茶饮", (
              Model("tea_tin", "雨雀岚 桂花红茶 80g", "Yuquelan osmanthus black tea 80 g", 128, (("#7a2f24", "#d9a441"), ("#28435c", "#d8c9a0"))),
          ), city="雾崖", person="叶知秋"),
)  # fmt: skip

PUBLISHERS = (
    Publisher("yanxi", "砚溪出版社", "Yanxi Press", "砚溪", "page", "#20405c", "汀州", "林怀瑾", (
        Book("星河里的渡船", "The Ferry in the Milky Way", "林溪舟 著", 59, "#20405c", "#e07a5f", 0),
        Book("雾桥旧事", "Old Tales of Mist Bridge", "唐疏影 著", 68, "#3a3f4a", "#c9a24a", 4),
        Book("长风与盐", "Long Wind and Salt", "周牧野 著", 56, "#7c3f2c", "#f0c987", 0),
        Book("她在北方种月亮", "She Plants the Moon up North", "江晚棠 著", 49, "#2b2d5b", "#e9b7ce", 3),
    )),
    Publisher("shibei", "拾贝童书馆", "Shibei Children's Books", "拾贝", "shell", "#e08a2e", "澄澜", "苏小满", (
        Book("小鲸鱼去上学", "Little Whale Goes to School", "苏小满 文 / 阿树 图", 42, "#4aa3c7", "#6bbf59", 2),
        Book("晚安小星球", "Good Night, Little Planet", "阿树 文·图", 45, "#6a5acd", "#f28482", 2),
        Book("一百个为什么睡不着", "A Hundred Sleepless Whys", "豆豆老师 著", 88, "#f2b134", "#3d8b6e", 2),
    )),
    Publisher("hengshi", "衡石教育出版社", "Hengshi Education Press", "衡石", "knot", "#1c5d99", "沪岸", "郑明远", (
        Book("初中数学解题通法", "Methods for Middle-School Mathematics", "衡石数学组 编", 48, "#1c5d99", "#f2a541", 1),
        Book("英语词汇树", "The Vocabulary Tree", "韩若溪 编著", 55, "#1f7a5c", "#f6d55c", 1),
        Book("程序设计第一课", "First Lessons in Programming", "秦越 著", 79, "#33305c", "#49c6b7", 4),
        Book("高考作文素材精编", "Selected Essay Material", "衡石语文组 编", 39, "#a23b3b", "#f3e1c0", 3),
    )),
)  # fmt: skip

#: agencies: slug, name, English name, country, city, person
AGENCIES = (
    ("zhiyan", "知砚知识产权代理（沪岸）有限公司", "Zhiyan IP Agency (Hu'an) Co., Ltd.", "CN", "沪岸", "方静姝"),
    ("harrow", "Harrow & Lindqvist IP LLP", "Harrow & Lindqvist IP LLP", "GB", "London", "Imogen Lindqvist"),
)

#: merchants: slug, company, city, person, what they are
MERCHANTS = (
    ("yunfan", "云帆电子商务（鹭汀）有限公司", "鹭汀", "邱子昂", "operator"),
    ("lanqiao", "岚桥品牌运营（沪岸）有限公司", "沪岸", "梁乐怡", "operator"),
    ("shuxiang", "书香里图书（汀州）有限公司", "汀州", "傅书衡", "operator"),
    ("duoduo", "多多旺百货（瓷川）有限公司", "瓷川", "钱满仓", "reseller"),
    ("jinghe", "景和优品贸易（雁湖）有限公司", "雁湖", "何景和", "reseller"),
    ("mochi", "墨池书店（澄澜）有限公司", "澄澜", "宋墨池", "reseller"),
    ("peijian", "配件侠数码（云港）有限公司", "云港", "万小磊", "accessory"),
    ("haoyun", "好运来服饰商行", "岚川", "牛大福", "copyist"),
    ("chaoliu", "潮流尾货批发（莲埠）商行", "莲埠", "朱阿强", "copyist"),
    ("meiyan", "美颜坊日化（莲埠）商行", "莲埠", "马艳红", "copyist"),
    ("kuaile", "快乐童年玩具批发部", "莲埠", "孙铁柱", "copyist"),
    ("huihai", "惠海数码通讯商行", "云港", "黄阿海", "copyist"),
    ("xuehai", "学海书摊经营部", "汀州", "吴二宝", "copyist"),
    ("mingbiao", "名表名包寄卖行", "沪岸", "范彩霞", "copyist"),
    ("shanye", "山野茶叶批发商行", "雾崖", "雷石头", "copyist"),
    ("tongcheng", "同城好物直播商行", "莲埠", "侯亮亮", "copyist"),
)

#: shops: name, merchant, colour, sign, what the shop deals in (brand slugs, or * for all), nature
SHOPS = (
    ("奇沃锐官方旗舰店", "yunfan", "#e4572e", "swift", ("kivorro",), "flagship"),
    ("诺维斯普户外旗舰店", "yunfan", "#46523a", "crest", ("nordwisp",), "flagship"),
    ("松羽声官方旗舰店", "yunfan", "#20242e", "wave", ("sonquill",), "flagship"),
    ("壳萝拉官方旗舰店", "yunfan", "#4d6fd0", "shell", ("hullora",), "flagship"),
    ("布洛卡鲁玩具旗舰店", "yunfan", "#d63c2f", "block", ("blokkaru",), "flagship"),
    ("欧弥蕾美妆旗舰店", "lanqiao", "#a8324f", "petal", ("oumelle",), "flagship"),
    ("青鹭眉官方旗舰店", "lanqiao", "#2f7f6f", "bird", ("qinglumei",), "flagship"),
    ("Belcourtine 贝可汀海外旗舰店", "lanqiao", "#8a2f3c", "knot", ("belcourtine",), "flagship"),
    ("Vantelier 万特里尔腕表旗舰店", "lanqiao", "#1f3b57", "hour", ("vantelier",), "flagship"),
    ("暖珀拉家居旗舰店", "lanqiao", "#2f5d62", "sun", ("nuanpora",), "flagship"),
    ("雾崖云尖茶业协会官方店", "lanqiao", "#2e5b3e", "leaf", ("wuyaling",), "flagship"),
    ("雨雀岚茶业旗舰店", "lanqiao", "#7a4a2b", "drop", ("yuquelan",), "flagship"),
    ("砚溪出版社官方书店", "shuxiang", "#20405c", "page", ("yanxi",), "flagship"),
    ("拾贝童书馆官方书店", "shuxiang", "#e08a2e", "shell", ("shibei",), "flagship"),
    ("衡石教育图书旗舰店", "shuxiang", "#1c5d99", "knot", ("hengshi",), "flagship"),
    ("多多旺超市", "duoduo", "#e3172e", "star", ("nuanpora", "wuyaling", "yuquelan", "blokkaru"), "reseller"),
    ("景和优品商城", "jinghe", "#7a35c9", "drop", ("kivorro", "oumelle", "qinglumei", "belcourtine", "sonquill"), "reseller"),
    ("墨池书店", "mochi", "#33302c", "page", ("yanxi", "shibei", "hengshi"), "reseller"),
    ("配件侠数码配件店", "peijian", "#0a7a55", "hour", ("sonquill", "hullora"), "accessory"),
    ("好运来鞋服工厂店", "haoyun", "#c23b22", "star", ("kivorro", "nordwisp"), "copyist"),
    ("奇沃锐品牌折扣仓", "haoyun", "#e4572e", "swift", ("kivorro",), "impostor"),
    ("潮流尾货小铺", "chaoliu", "#16151c", "knot", ("kivorro", "nordwisp", "belcourtine"), "copyist"),
    ("美颜坊平价美妆", "meiyan", "#d9587c", "petal", ("oumelle", "qinglumei"), "copyist"),
    ("欧弥蕾授权专柜代购", "meiyan", "#a8324f", "petal", ("oumelle",), "impostor"),
    ("快乐童年积木城", "kuaile", "#2f80ed", "block", ("blokkaru",), "copyist"),
    ("惠海数码", "huihai", "#1746c7", "wave", ("sonquill", "hullora"), "copyist"),
    ("学海特价书屋", "xuehai", "#8a6a2f", "page", ("yanxi", "shibei", "hengshi"), "copyist"),
    ("轻奢名包名表馆", "mingbiao", "#23211f", "hour", ("belcourtine", "vantelier"), "copyist"),
    ("山野茶农直供店", "shanye", "#4d7a3a", "leaf", ("wuyaling", "yuquelan", "nuanpora"), "copyist"),
    ("同城好物直播间", "tongcheng", "#ff5b1f", "sun", ("kivorro", "oumelle", "nuanpora", "sonquill", "blokkaru"), "copyist"),
)  # fmt: skip

GENUINE = ("官方正品", "新款上市", "旗舰店正品", "品牌直发")
RESALE = ("专柜正品", "支持验货", "现货速发", "全国联保")
COUNTERFEIT = ("原单尾货", "1:1 复刻", "工厂直销", "外贸尾单", "专柜品质")
LOOKALIKE = ("同款平替", "大牌平替", "网红同款", "高仿真")
PIRATED_BOOK = ("影印版", "特价清仓 纸张略薄", "电子版 PDF 秒发", "内页黑白 不影响阅读")
AUDIENCE = ("学生党", "送礼", "情侣款", "男女同款", "居家日用", "春夏", "秋冬", "2026 新款")
HOSTS = ("小鹿", "阿凯", "甜橙", "大白", "苗苗", "老周", "茶茶", "Momo", "豆包妈", "阿树")
FILM_TITLES = (
    "全网最低价测评来啦", "开箱！真的值吗", "这价格我惊了", "三分钟看懂真假", "挑战一百天不踩雷", "工厂实拍不骗人",
    "闺蜜都来要链接", "手把手教你选", "年中大促必入清单", "用了一个月说实话",
)  # fmt: skip
