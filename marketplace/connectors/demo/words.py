"""The storefront's own words in its two languages. It is another company's site: ippro's catalogues do not reach here."""

_WORDS = {
    "name": ("演示商城", "Demo Mall"),
    "home": ("首页", "Home"),
    "mall": ("品牌馆", "Mall"),
    "supermarket": ("超市", "Supermarket"),
    "videos": ("短视频", "Videos"),
    "lives": ("直播", "Live"),
    "shops": ("店铺", "Shops"),
    "search": ("搜索", "Search"),
    "search_for": ("搜索商品", "Search for goods"),
    "skip": ("跳到内容", "Skip to content"),
    "other_language": ("English", "中文"),
    "slogan": ("好物天天逛", "Good things, every day"),
    "slogan_more": (
        "这是一家虚构的商城，用来演示知识产权保护平台：被下架的商品会从这里消失。",
        "A fictional mall that shows what an IP protection platform does: what it takes down disappears from here.",
    ),
    "more": ("查看全部", "See all"),
    "for_you": ("为你推荐", "Picked for you"),
    "all": ("全部", "All"),
    "results": ("件商品", "items"),
    "found_for": ("的搜索结果", " · search results"),
    "nothing": ("没有找到相关商品，换个词试试。", "Nothing was found. Try another word."),
    "empty": ("这里暂时没有内容。", "There is nothing here at the moment."),
    "previous": ("上一页", "Previous"),
    "next": ("下一页", "Next"),
    "page": ("页", "page"),
    "seller": ("店铺", "Sold by"),
    "visit_shop": ("进店逛逛", "Visit the shop"),
    "description": ("商品详情", "About this item"),
    "category": ("类目", "Category"),
    "number": ("编号", "Number"),
    "link": ("本页链接", "Link to this page"),
    "share": ("分享口令", "Share text"),
    "share_text": ("复制本段，打开演示商城即可进店", "copy this and open Demo Mall to enter the shop"),
    "operator": ("经营者", "Operator"),
    "goods_of_shop": ("全部商品", "All goods"),
    "films_of_shop": ("短视频与直播", "Videos and streams"),
    "goods_shown": ("视频同款", "Shown in this film"),
    "goods_live": ("直播间商品", "Shown in this stream"),
    "watching_at": ("当前位置", "Now at"),
    "jump_to": ("跳转到", "Jump to"),
    "also": ("猜你喜欢", "You may also like"),
    "gone_title": ("该内容已下架", "No longer available"),
    "gone_text": (
        "该内容因违反平台规则或被投诉侵权，已被平台下架。",
        "The platform has removed this page after a complaint or for breaking its rules.",
    ),
    "missing_title": ("页面不存在", "Page not found"),
    "missing_text": ("请检查链接是否完整，或回到首页看看。", "Check that the link is complete, or start again from the home page."),
    "sell": ("我要开卖", "Sell something"),
    "sell_more": (
        "在演示商城里扮演卖家：选一家店铺，传一张图片，马上上架。盗用别人的图片会发生什么？试试看。",
        "Play a seller of Demo Mall: choose a shop, send a picture, and it is on sale. What happens to a stolen picture? Try it.",
    ),
    "sell_shop": ("店铺", "Shop"),
    "sell_title": ("商品标题", "Title"),
    "sell_price": ("价格（元）", "Price (CNY)"),
    "sell_picture": ("商品图片（JPEG 或 PNG，不超过 5 MB）", "Picture (JPEG or PNG, at most 5 MB)"),
    "sell_ask": ("上架前先经 ippro 检查", "Have ippro check it before it is published"),
    "wrong_blocked": ("ippro 拦截了这件商品，未上架：", "ippro stopped this listing before it was published:"),
    "sell_now": ("立即上架", "Put it on sale"),
    "wrong_title": ("请填写标题，最多 200 个字。", "Give it a title of at most 200 characters."),
    "wrong_price": ("请填写价格，例如 19.90。", "Give a price, such as 19.90."),
    "wrong_picture": ("请选择一张 JPEG 或 PNG 图片，不超过 5 MB。", "Choose a JPEG or PNG picture of at most 5 MB."),
    "wrong_shop": ("这家店铺现在不能上新，请换一家。", "This shop cannot sell anything new now. Choose another one."),
    "back_home": ("回到首页", "Back to the home page"),
    "report": ("侵权投诉", "Report an infringement"),
    "footer": ("演示商城 · 所有品牌、店铺与商品均为虚构", "Demo Mall · every brand, shop and item here is fictional"),
}  # fmt: skip

_CATEGORIES = {
    "运动户外": "Sports", "图书": "Books", "数码": "Electronics", "美妆": "Beauty", "食品茶饮": "Food and tea",
    "箱包": "Bags", "家居": "Home", "母婴玩具": "Toys", "钟表": "Watches",
}  # fmt: skip
LANGUAGES = ("zh", "en")


def words(language: str) -> dict[str, str]:
    """Every word of the pages in one language."""
    return {name: both[LANGUAGES.index(language)] for name, both in _WORDS.items()}


def category_name(category: str, language: str) -> str:
    return category if language == "zh" else _CATEGORIES.get(category, category)
