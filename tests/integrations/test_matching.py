"""Who is who: never wrong by itself, and seldom too shy."""

from __future__ import annotations

import unicodedata

from integrations.connectors.base import Person
from integrations.matching import fold, match

NAMES = """Maria Schneider|José Núñez|Łukasz Żak|Chloé Lefèvre|Øyvind Dahl|Siobhán O'Brien|Jürgen Groß
Zoë Van der Linde|Đorđe Petrović|Nguyễn Trần|Ángel Muñoz|Håkon Nygård|Renée D'Amboise|Björn Ångström
Zdeňka Příhoda|Anaïs Côté|Min-jun Park|Ji-woo Choi|Sigríður Þórsson|Emre Yıldız|Ayşe Çelik|Mária Kováč
Iñigo Ibáñez|Agnès Hébert|Tomáš Dvořák|Wei Zhang|Linh Huang|Omar El-Sayed|Shira Ben-David
Folasade Adeyemi""".replace("\n", "|").split("|")


def person(key: str, name: str, email: str, *, preferred: str = "", left: bool = False) -> Person:
    first, _, last = name.partition(" ")
    return Person(key, first, last, preferred, email, left)


def swapped(text: str) -> str:
    return text.translate(str.maketrans({"'": "’", "-": "‐", " ": "\u00a0"}))


# Ways in which two systems write one and the same person.
SAME = {
    "plain": lambda name, mail: (name, mail),
    "upper case": lambda name, mail: (name.upper(), mail.upper()),
    "decomposed": lambda name, mail: (unicodedata.normalize("NFD", name), mail),
    "signs and blanks": lambda name, mail: (swapped(name).replace("\u00a0", " ", 1), f" {mail} "),
    "zero width": lambda name, mail: (name.replace("a", "a\u200b"), mail + "\u200d"),
    "full width mail": lambda name, mail: (name, mail.replace("@", "＠").replace("1", "１")),
}
# Ways in which two people look like one.
OTHER = {
    "cyrillic mail": lambda name, mail: (name, mail.replace("a", "а").replace("e", "е").replace("p", "р")),
    "other mail": lambda name, mail: (name, f"x{mail}"),
    "other last name": lambda name, mail: (f"{name}ova", mail),
    "without accents": lambda name, mail: ("Xx " + name.split(" ", 1)[1], mail),
}


def corpus() -> tuple[list[Person], list[Person], set[tuple[str, str]]]:
    """300 people on each side: 180 who are the same, and 120 who are not."""
    ours, theirs, right = [], [], set()
    for kind, (ways, is_right) in enumerate(((SAME, True), (OTHER, False))):
        for way, change in ways.items():
            for number, name in enumerate(NAMES):
                key, mail = f"{kind} {way} {number}", f"person.{kind}{len(ours)}@example.com"
                ours.append(person(key, name, mail))
                theirs.append(person(key, *change(name, mail)))
                if is_right:
                    right.add((key, key))
    return ours, theirs, right


def test_300_pairs():
    ours, theirs, right = corpus()
    found = set(match(ours, theirs).pairs)

    assert len(ours) == len(theirs) == 300
    assert found - right == set()  # no wrong one
    assert len(found) >= 0.99 * len(right)


def test_shared_addresses_are_nobody_s():
    ours = [person("1", "Graham Whitlock", "desk@x.org"), person("2", "Paulette Whitlock", "Desk@x.org")]
    theirs = [person("a", "Graham Whitlock", "desk@x.org"), person("b", "Paulette Whitlock", "desk@x.org")]

    assert match(ours, theirs).pairs == []
    assert match(ours, theirs).shared_sources == {"1", "2"}
    assert match(ours[:1], theirs).pairs == []
    assert match(ours, theirs[:1]).pairs == []


def test_leavers_and_people_without_a_mail_are_not_matched():
    left = [person("1", "Ana Ruiz", "ana@x.org", left=True), person("2", "Kim Holt", "")]
    theirs = [person("a", "Ana Ruiz", "ana@x.org"), person("b", "Kim Holt", "")]

    assert match(left, theirs).pairs == []


def test_a_preferred_name_counts_as_a_first_name():
    ours = [person("1", "Robert Kimball", "bobby@x.org", preferred="Bobby")]

    assert match(ours, [person("a", "Bobby Kimball", "bobby@x.org")]).pairs == [("1", "a")]


def test_dotted_and_dotless_i_stay_apart():
    assert fold("Yıldız") != fold("Yildiz")
    assert fold("STRASSE") == fold("Straße")
    assert fold("  Ana   \u200bRuiz ") == "ana ruiz"
