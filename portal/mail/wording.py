"""Which mails there are, and how words and facts become one.

A template is plain text with {names}; its first line is the subject. templates/mail/<name>.txt is the
portal's own wording, a MailWording row the operator's. The HTML part is made of the text, so both say
the same.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings
from django.template import loader

_name = re.compile(r"\{([a-z_]+)\}")


@dataclass(frozen=True, slots=True)
class Template:
    title: str  # for the operator
    names: frozenset[str]  # what its words may mention
    button: str = ""  # the words on the link

    def shown_names(self) -> str:
        return ", ".join(f"{{{name}}}" for name in sorted(self.names))


def _template(title: str, names: str, button: str = "") -> Template:
    return Template(title, frozenset(["portal", *names.split()]), button)


TEMPLATES = {
    "invitation": _template(
        "Invitation", "account short_name inviter role days link", "Accept your invitation"
    ),
    "available": _template("Access to a federated account", "account short_name inviter link", "Sign in"),
    "verify": _template("Proof of a new person's address", "account name hours link", "Verify my address"),
    "reset": _template("New password", "account short_name name hours link", "Choose a new password"),
    "reset_federated": _template(
        "New password asked for by a federated person", "account short_name name link", "Sign in"
    ),
    "password_changed": _template("The password was changed", "account name moment"),
    "email_confirm": _template("Proof of a changed address", "account name hours link", "Use this address"),
    "email_asked": _template("Told to the old address: a change was asked for", "account name"),
    "alarm": _template("A usage alert went off", "account name rule value moment link", "Look at the alerts"),
    "ticket_opened": _template(
        "Told to the operator: a support ticket",
        "account name reference subject area request excerpt link",
        "Open the ticket",
    ),
    "ticket_continued": _template(
        "Told to the operator: more on a support ticket",
        "account name reference subject area request excerpt link",
        "Open the ticket",
    ),
    "ticket_answered": _template(
        "Support has answered", "name reference subject excerpt link", "Read the answer"
    ),
    "email_changed": _template("Told to the old address: it was changed", "account name"),
}


def choices() -> list[tuple[str, str]]:
    return [(name, template.title) for name, template in TEMPLATES.items()]


def names_in(text: str) -> set[str]:
    return set(_name.findall(text))


def own_words(name: str) -> tuple[str, str]:
    """Subject and text as shipped."""
    folder = Path(settings.TEMPLATES[0]["DIRS"][0]) / "mail"
    subject, _, text = (folder / f"{name}.txt").read_text(encoding="utf-8").partition("\n")
    return subject.removeprefix("Subject: "), text.strip("\n")


def one_line(value: object) -> str:
    """No value can start a line, a header or a paragraph of its own."""
    return " ".join("".join(letter if letter.isprintable() else " " for letter in str(value)).split())


def fill(text: str, facts: dict[str, str]) -> str:
    return _name.sub(lambda found: facts.get(found[1], found[0]), text)


def html(name: str, subject: str, text: str, facts: dict[str, str]) -> str:
    """The text's paragraphs; a line that holds only the link becomes the button's words."""
    paragraphs = [
        {"is_link": block.strip() == "{link}", "lines": fill(block, facts).splitlines()}
        for block in re.split(r"\n\s*\n", text)
        if block.strip()
    ]
    context = {
        "subject": subject,
        "paragraphs": paragraphs,
        "link": facts.get("link", ""),
        "button": TEMPLATES[name].button,
        "portal_name": facts["portal"],
    }
    return loader.render_to_string("mail/frame.html", context)
