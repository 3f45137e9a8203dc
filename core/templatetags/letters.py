"""`translate` and `blocktranslate` for letters: the same sentences, which staff can word anew (`core/letter_texts.py`).

A template of a letter loads this library instead of `i18n`. What stands inside `{% law "…" %}` the law asks for: staff
see it, with its source, and cannot change it.
"""

from collections.abc import Iterator
from typing import Any

from django import template
from django.template.base import Node, NodeList, Parser, Token, render_value_in_context
from django.template.context import Context
from django.templatetags.i18n import BlockTranslateNode, TranslateNode, do_block_translate, do_translate
from django.utils import translation

register = template.Library()


class Sentence(Node):
    """One sentence of a letter. Staff's words for it take its place; without any, or with faulty ones, the house's."""

    def __init__(self, house: TranslateNode | BlockTranslateNode) -> None:
        self.house = house
        #: the sentence in English, by which its words are kept; empty for what is no sentence of the template's own
        self.key = ""
        self.plural = ""
        #: what can be filled in
        self.places: tuple[str, ...] = ()
        if isinstance(house, BlockTranslateNode):
            self.key, places = house.render_token_list(house.singular)
            if house.plural:
                self.plural, more = house.render_token_list(house.plural)
                places = [*places, *more]
            self.places = tuple(dict.fromkeys(places))
        elif isinstance(getattr(house.filter_expression.var, "literal", None), str):
            # As messages are kept: a percent sign is doubled.
            self.key = str(house.filter_expression.var.literal).replace("%", "%%")

    def render(self, context: Context) -> str:
        edited = context.get("edited_sentences")
        if edited is not None and self.key in edited.texts:
            try:
                return edited.filled(self, context)  # type: ignore[no-any-return]
            except Exception as failure:
                # A letter is owed whatever became of its words.
                edited.failed(self, failure)
        return self.house.render(context)

    def values(self, context: Context) -> tuple[dict[str, str], int | None]:
        """What stands in each place in this letter, and by which number the plural goes."""
        house = self.house
        if not isinstance(house, BlockTranslateNode):
            return {}, None
        count = None
        context.update({name: value.resolve(context) for name, value in house.extra_context.items()})
        try:
            if house.countervar and house.counter:
                count = house.counter.resolve(context)
                context[house.countervar] = count
            return {name: render_value_in_context(context.get(name, ""), context) for name in self.places}, count
        finally:
            context.pop()

    def in_house(self) -> list[str]:
        """The house's own words in the language that is active, places as `{name}`; for a plural one for each form."""
        marks = {name: f"{{{name}}}" for name in self.places}
        if not self.plural:
            return [_unescaped(translation.gettext(self.key), marks)]
        forms = [translation.ngettext(self.key, self.plural, n) for n in (1, 2)]
        return [_unescaped(form, marks) for form in (forms if forms[0] != forms[1] else forms[:1])]


def _unescaped(message: str, marks: dict[str, str]) -> str:
    return message % marks if marks else message.replace("%%", "%")


class Law(Node):
    """What the law asks for in a letter, and which law does."""

    child_nodelists = ("nodelist",)

    def __init__(self, nodelist: NodeList, source: str) -> None:
        self.nodelist, self.source = nodelist, source

    def render(self, context: Context) -> str:
        return self.nodelist.render(context)


@register.tag
def law(parser: Parser, token: Token) -> Law:
    _tag, source = token.split_contents()
    nodelist = parser.parse(("endlaw",))
    parser.delete_first_token()
    return Law(nodelist, source.strip("\"'"))


@register.tag("translate")
def translate(parser: Parser, token: Token) -> Any:
    return Sentence(do_translate(parser, token))


@register.tag("blocktranslate")
def blocktranslate(parser: Parser, token: Token) -> Any:
    return Sentence(do_block_translate(parser, token))


def walk(nodes: Any, source: str = "") -> Iterator[tuple[Node, str]]:
    """Every node of a letter in its order, with the law that asks for it."""
    for node in nodes:
        yield node, source
        inside = node.source if isinstance(node, Law) else source
        for name in node.child_nodelists:
            yield from walk(getattr(node, name, None) or (), inside)
