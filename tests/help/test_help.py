"""The help: its files, its search, its links, and what each role reads."""

from __future__ import annotations

import html
import re
from urllib.parse import urldefrag

import pytest

from portal.help import topics
from portal.help.rendering import Facts, html_of, topic_html
from portal.help.search import find
from portal.tenancy.models import Role

PAGES = topics.pages()
GUIDES_QUESTIONS = {
    "new-apis": "/catalog/changelog/",
    "requirements": "/help/introduction/#requirements",
    "capabilities": "/help/introduction/#difference",
    "create-app": "/help/apps/#create",
    "edit-app": "/help/apps/#edit",
    "credentials": "/help/apps/#credentials",
    "catalog": "/help/catalog/#explore",
    "usage": "/help/usage/#read",
    "hris": "/help/integrations/#connect",
}


def addresses(page):
    return set(re.findall(r'(?:href|src|action)="([^"]+)"', page))


def test_no_link_of_the_help_is_broken(client, ada, workforce):
    """Every address on every page of the help, for somebody with an account and without; anchors too."""
    ids: dict[str, set[str]] = {}
    broken, followed = set(), 0

    def look(address):
        if address not in ids:
            answer = client.get(address)
            while answer.status_code == 302:
                answer = client.get(answer.url)
            text = "" if answer.streaming else answer.content.decode()
            ids[address] = set(re.findall(r' id="([^"]+)"', text)) if answer.status_code == 200 else set()
            if answer.status_code != 200:
                broken.add((address, answer.status_code))
        return ids[address]

    for signed_in in (True, False):
        if signed_in:
            client.force_login(ada)
        else:
            client.logout()
        ids.clear()
        for page in ["/help/", *(f"/help/{one.name}/" for one in PAGES)]:
            for found in addresses(client.get(page).content.decode()):
                address, anchor = urldefrag(found.replace("&amp;", "&"))
                if address.startswith(("/static/", "mailto:")) or address == "/signout/":
                    continue
                followed += 1
                there = look(address or page)
                if anchor and not anchor.startswith(":~:") and there and anchor not in there:
                    broken.add((page, found))

    assert followed > 200
    assert broken == set()


@pytest.mark.parametrize("name", [page.name for page in PAGES])
def test_each_topic_opens_has_a_link_and_leads_back_up(client, db, name):
    text = client.get(f"/help/{name}/").content.decode()
    page = topics.page(name)

    assert page.topics
    assert text.count("<details") == len(page.topics)
    assert text.count("Back to top") == len(page.topics)
    for topic in page.topics:
        assert f'<h2 id="{topic.id}">' in text
        assert f'<a class="topic-link" href="#{topic.id}">' in text


def test_the_help_has_its_pages():
    assert [page.title for page in PAGES] == [
        "Introduction",
        "Getting started",
        "Apps and credentials",
        "API catalog and Test Request",
        "Integrations: HRIS Data Connect",
        "Usage",
        "User management",
        "Data protection",
        "Troubleshooting",
        "Questions and answers",
    ]


@pytest.mark.parametrize(("question", "answer"), GUIDES_QUESTIONS.items())
def test_the_faq_answers_the_guides_questions(question, answer):
    topic = next(one for one in topics.page("faq").topics if one.id == question)

    assert f"]({answer})" in topic.text


def test_a_reader_without_the_role_is_told_who_can(client, ada, vic):
    said = {}
    for person in (ada, vic):
        client.force_login(person)
        said[person.role] = (
            "This takes the role developer. You are viewer" in client.get("/help/apps/").content.decode()
        )

    assert said == {"admin": False, "viewer": True}


def test_each_role_is_led_to_its_own_beginnings(client, ada, dev, vic):
    from portal.help.views import START

    for person in (ada, dev, vic):
        client.force_login(person)
        page = client.get("/help/").content.decode()
        for address, words in START[Role(person.role)][1]:
            assert f'href="/help/{address}"' in page
            assert words in html.unescape(page)


def test_texts_name_the_readers_account(client, ada):
    assert "<code>your-company</code>" in client.get("/help/getting-started/").content.decode()
    client.force_login(ada)
    assert "<code>northwind</code>" in client.get("/help/getting-started/").content.decode()


@pytest.mark.parametrize(
    ("question", "page", "first"),
    [
        ("create app", "/help/apps/#create", "Create an app"),
        ("regenerate secret", "/help/apps/#credentials", "Make new credentials"),
        ("429", "/help/apps/#limits", "Rate limits"),
        ("invitation expired", "/help/getting-started/#invitation", "Accept your invitation"),
        ("bamboohr", "/help/integrations/#connect", "1. Connect"),
        ("GDPR", "/help/data-protection/#kinds", "Two kinds of people"),
        ("time off types", "/help/integrations/#map-types", "2. Map time-off types"),
    ],
)
def test_search_finds_the_topic_near_the_top(question, page, first):
    assert (page, first) in [(one.url, one.title) for one in find(question)[:4]]


@pytest.mark.parametrize("question", ["", "   ", "zzzz", "the", "\0", "<script>", "ß" * 100])
def test_search_bears_any_question(client, db, question):
    assert client.get("/help/", {"q": question}).status_code == 200


def test_the_catalogs_search_finds_topics_too(client, vic, workforce):
    client.force_login(vic)
    page = client.get("/catalog/search/?q=regenerate").content.decode()

    assert 'href="/help/apps/#credentials"' in page


def test_the_support_form_offers_topics_before_a_ticket_is_sent(client, vic):
    client.force_login(vic)

    assert b"/help/apps/#limits" in client.get("/help/suggest/?subject=rate+limit").content
    assert client.get("/help/suggest/?subject=").content.strip() == b""


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("no title", "the first line must be"),
        ("# T\n## No address\n", "needs an address"),
        ("# T\n## A {#a}\n## B {#a}\n", "share an address"),
        ("# T\n## A {#a role=king}\n", "no role “king”"),
    ],
)
def test_a_file_that_cannot_be_read_says_why(text, said):
    with pytest.raises(topics.Malformed, match=said):
        topics.read_page("x", text)


def test_a_text_can_do_no_harm():
    text = html_of(
        "<script>x</script> [a](javascript:alert(1)) ![x](https://evil.example/a.png) ![y](picture:../../x)"
    )

    assert "<script" not in text
    assert "href" not in text
    assert "<img" not in text


def test_facts_are_escaped():
    topic = topics.read_page("x", "# T\n## A {#a}\n{account} {unknown}").topics[0]

    assert topic_html(topic, Facts("<b>")) == "<p>&lt;b&gt; {unknown}</p>\n"
