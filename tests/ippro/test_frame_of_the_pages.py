"""The frame that every page stands in: navigation by role, language, errors, no inline script or style."""

import re
from pathlib import Path
from types import SimpleNamespace

import pytest
from django import forms
from django.conf import settings
from django.template import engines
from django.test import RequestFactory
from django.test.utils import override_settings
from django.urls import path

from ippro import context
from ippro.icons import ICONS

PUBLIC_PAGES = [
    "/",
    "/how-it-works/",
    "/privacy/",
    "/terms/",
    "/account/login/",
    "/account/signup/",
    "/nowhere/",
]
TEMPLATES = Path(settings.BASE_DIR) / "ippro" / "templates"


def person(**kwargs):
    return SimpleNamespace(**{"is_authenticated": True, "is_staff": False, "organisation": None, **kwargs})


def draw(source, **context):
    return engines["django"].from_string("{% load ui %}" + source).render(context)


@pytest.mark.django_db
@pytest.mark.parametrize("address", PUBLIC_PAGES)
def test_a_public_page_has_landmarks_a_skip_link_and_no_inline_style_or_handler(client, address):
    page = client.get(address).content.decode()
    assert 'href="#main"' in page
    assert '<main id="main"' in page
    assert "<h1" in page
    assert not re.search(r'\s(style|on[a-z]+)="', page)
    assert not re.search(r"<script(?![^>]*\ssrc=)(?![^>]*application/json)", page)


@pytest.mark.django_db
def test_the_language_switch_changes_the_language_of_the_same_page(client):
    client.post("/language/setlang/", {"language": "zh-hans", "next": "/privacy/"})
    assert '<html lang="zh-Hans">' in client.get("/privacy/").content.decode()


@pytest.mark.parametrize(
    ("kind", "sees", "does_not_see"),
    [
        ("rights_holder", "complaints:list", "complaints:notices"),
        ("agency", "filings:list", "admin:index"),
        ("merchant", "complaints:list", "filings:list"),
    ],
)
def test_navigation_offers_each_kind_of_organisation_its_own_places(kind, sees, does_not_see):
    roles = context.audiences(person(organisation=SimpleNamespace(kind=kind)))
    offered = {item.url_name for item in context.MAIN if item.roles & roles}
    assert sees in offered
    assert does_not_see not in offered


def test_staff_are_offered_their_workplace_and_nobody_is_offered_anything():
    assert context.audiences(person(is_staff=True)) == {"staff"}
    assert context.audiences(None) == context.audiences(person(is_authenticated=False)) == frozenset()


def test_a_room_that_is_not_installed_drops_out_of_the_navigation():
    items = [
        context.NavItem("Home", "home", "desk", frozenset({"x"})),
        context.NavItem("?", "no:where", "desk", frozenset({"x"})),
    ]
    assert [link.label for link in context.links(items, roles=frozenset({"x"}), path="/")] == ["Home"]


@pytest.mark.django_db
@override_settings(DEMO=False, DEBUG=False)
def test_the_style_guide_is_absent_where_the_public_is_served(client):
    assert client.get("/styleguide/").status_code == 404


@pytest.mark.django_db
@override_settings(DEMO=True)
def test_the_style_guide_draws_every_component(client):
    page = client.get("/styleguide/")
    assert page.status_code == 200
    for template in (TEMPLATES / "components").glob("*.html"):
        if template.stem in {"badge", "card", "next", "timeline", "stat"}:
            assert f'class="{template.stem}' in page.content.decode(), template.stem


def _break(request):
    raise RuntimeError


urlpatterns = [path("broken/", _break)]


@pytest.mark.urls("tests.ippro.test_frame_of_the_pages")
def test_the_page_of_a_broken_server_needs_no_database_and_no_session(client):
    client.raise_request_exception = False
    page = client.get("/broken/")
    assert page.status_code == 500
    assert b"<h1>" in page.content


def test_a_field_says_its_error_and_its_help_beside_itself_and_names_them_to_screen_readers():
    class Form(forms.Form):
        number = forms.CharField(help_text="as printed")

    drawn = str(Form({"number": ""}))
    assert 'aria-describedby="id_number_helptext id_number_error"' in drawn
    assert 'id="id_number_error"' in drawn
    assert 'id="id_number_helptext"' in drawn
    assert '<label class="field__label" for="id_number">' in drawn


def test_what_people_typed_is_escaped_in_every_component():
    bad = "<script>x</script>"
    components = [
        "{% badge bad %}",
        "{% copyable bad %}",
        "{% page_header title=bad %}{% endpage_header %}",
        "{% card title=bad %}{{ bad }}{% endcard %}",
        "{% fact bad %}{{ bad }}{% endfact %}",
        "{% stat bad bad %}",
        "{% breadcrumbs bad bad bad %}",
        "{% alert title=bad %}{{ bad }}{% endalert %}",
        "{% empty title=bad %}{{ bad }}{% endempty %}",
        "{% next_step whose=bad next=bad otherwise=bad %}",
    ]
    drawn = draw("".join(components), bad=bad)
    assert "<script" not in drawn
    assert "&lt;script" in drawn


def test_every_icon_a_template_names_exists():
    for template in TEMPLATES.rglob("*.html"):
        for name in re.findall(r'{% icon "([a-z-]+)"', template.read_text()):
            assert name in ICONS, f"{template.name}: {name}"


def test_the_frame_survives_a_request_that_no_middleware_has_touched():
    assert context.shell(RequestFactory().get("/"))["shell"]["nav"] == []
