"""The vocabulary of the templates."""

from __future__ import annotations

from datetime import UTC, datetime
from types import SimpleNamespace
from zoneinfo import ZoneInfo

import pytest
from django import forms
from django.template import Context, Template
from django.test import RequestFactory

from portal.web.icons import SHAPES


def render(text, address="/", **context):
    request = RequestFactory().get(address)
    return Template(text).render(Context({"request": request, **context}))


@pytest.mark.parametrize("name", sorted(SHAPES))
def test_an_icon_is_hidden_from_screen_readers(name):
    drawn = render(f'{{% icon "{name}" %}}')

    assert drawn.startswith(f'<svg class="icon icon-{name}" viewBox="0 0 20 20" aria-hidden="true"')


@pytest.mark.parametrize(
    ("address", "order", "link"),
    [
        ("/?sort=name&q=a%26b&page=3", ' aria-sort="ascending"', "?sort=-name&amp;q=a%26b"),
        ("/?sort=-name", ' aria-sort="descending"', "?sort=name"),
        ("/?sort=other", "", "?sort=name"),
    ],
)
def test_a_column_turns_its_order_round_and_keeps_the_rest(address, order, link):
    header = render('{% sort_header "name" "Name" %}', address)

    assert header.startswith(f'<th scope="col"{order}><a class="sort-link" href="{link}">Name<svg')


def test_a_get_form_keeps_the_rest_of_the_address():
    kept = render('{% keep_parameters "q" %}', "/?q=old&page=2&sort=name&tag=%22a&tag=b")

    assert kept == (
        '<input type="hidden" name="sort" value="name">'
        '<input type="hidden" name="tag" value="&quot;a"><input type="hidden" name="tag" value="b">'
    )


@pytest.mark.parametrize(
    ("name", "broken"),
    [
        ("searchEmployees", "search<wbr>Employees"),
        ("GET /a/{id}", "GET /<wbr>a/<wbr>{id}"),
        ("get_v2_HTTPStatus", "get_<wbr>v2_<wbr>HTTPStatus"),
        ("plain", "plain"),
        ("", ""),
        ("a<b>Bold", "a&lt;b&gt;Bold"),
    ],
)
def test_a_name_may_go_on_where_a_word_begins(name, broken):
    assert render("{{ name|breakable }}", name=name) == broken


def test_a_time_is_the_tenants_with_the_zone_on_hover():
    tenant = SimpleNamespace(zone=ZoneInfo("Asia/Kolkata"), time_zone="Asia/Kolkata")
    shown = render("{% local_time value %}", value=datetime(2026, 3, 1, 20, 5, tzinfo=UTC), tenant=tenant)

    assert shown == (
        '<time datetime="2026-03-01T20:05:00+00:00" '
        'title="Monday, 2 March 2026, 01:35:00 IST (Asia/Kolkata)">2 Mar 2026, 01:35</time>'
    )
    assert render('{% local_time value "Never" %}', value=None) == '<span class="muted">Never</span>'


class NameForm(forms.Form):
    name = forms.CharField(help_text="As <b>printed</b>.")
    note = forms.CharField(required=False)


def test_a_field_names_its_hint_and_its_error():
    html = str(NameForm({"name": ""}))

    assert 'aria-describedby="id_name_helptext id_name_error"' in html
    assert 'aria-invalid="true"' in html
    assert '<p class="hint" id="id_name_helptext">As &lt;b&gt;printed&lt;/b&gt;.</p>' in html
    assert 'id="id_name_error"' in html
    assert 'Note <span class="optional">optional</span>' in html
