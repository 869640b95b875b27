"""What a document can declare, and what comes of it."""

from __future__ import annotations

import pytest

from catalog.errors import CatalogError

LIST = {"action": "list", "collection": "books", "into": "books", "fields": ["id"]}


def ids(answer):
    return [row["id"] for row in answer.json["books"]]


@pytest.mark.parametrize(
    ("sort", "order"),
    [
        (["id"], ["10", "2", "9"]),
        (["id:number"], ["2", "9", "10"]),
        (["-id:number"], ["10", "9", "2"]),
        (["title"], ["2", "9", "10"]),
        (["-year"], ["10", "9", "2"]),
        (["year"], ["9", "10", "2"]),
        (["authorId", "-id:number"], ["10", "9", "2"]),
    ],
)
def test_rows_are_sorted_as_declared(library, sort, order):
    assert ids(library({**LIST, "sort": sort})) == order


@pytest.mark.parametrize(
    ("one", "query", "listed"),
    [
        ({"from": "query.title", "field": "title", "op": "same"}, {"title": "EDEN"}, ["2"]),
        ({"from": "query.not", "field": "authorId", "op": "ne"}, {"not": "a2"}, ["10"]),
        ({"from": "query.all", "field": "lent", "op": "or"}, {"all": False}, ["2"]),
        ({"from": "query.all", "field": "lent", "op": "or"}, {"all": True}, ["9", "10", "2"]),
        ({"value": "a1", "field": "authorId"}, {}, ["10"]),
        ({"value": "10", "field": "id"}, {}, ["10"]),
    ],
)
def test_rows_are_filtered_as_declared(library, one, query, listed):
    assert ids(library({**LIST, "filters": [one]}, query=query)) == listed


def test_a_list_may_be_the_answer_itself(library):
    declared = {name: value for name, value in LIST.items() if name != "into"}

    assert library({**declared, "sort": ["id"]}).json == [{"id": "10"}, {"id": "2"}, {"id": "9"}]


def test_an_answer_has_what_stands_beside_its_rows(library):
    page = {"start": "query.start", "size": "query.size", "most": 2, "total": "count", "last": "last"}
    declared = {**LIST, "answer": {"kind": "books"}, "page": page, "each": {"kind": "book"}, "sort": ["id"]}

    assert library(declared, query={"start": 0, "size": 9}).json == {
        "kind": "books",
        "books": [{"kind": "book", "id": "10"}, {"kind": "book", "id": "2"}],
        "last": 2,
        "count": 3,
    }
    assert library(declared, query={"start": 3}).json["last"] == 0


@pytest.mark.parametrize(
    ("hops", "shelf", "listed"),
    [
        ([{"collection": "shelves", "key": "path.id", "ids": "books.items.id"}], "s1", ["10", "9"]),
        ([{"collection": "shelves", "key": "path.id", "ids": "books.items.id"}], "s2", []),
        (
            [
                {"collection": "books", "key": "path.id", "ids": "authorId"},
                {"collection": "authors", "ids": "id"},
            ],
            "9",
            [],
        ),
    ],
)
def test_rows_of_another_row_keep_its_order(library, hops, shelf, listed):
    assert ids(library({**LIST, "of": hops}, path={"id": shelf})) == listed


def test_rows_of_another_row_can_be_left_out_or_told_of(library):
    hop = {"collection": "shelves", "key": "path.id", "ids": "books.items.id"}

    assert ids(library({**LIST, "but": [hop]}, path={"id": "s1"})) == ["2"]
    assert library({**LIST, "of": [hop]}, path={"id": "s9"}).status == 404
    told = library({**LIST, "of": [hop], "answer": {"kind": "k"}, "copy": ["name"]}, path={"id": "s1"})
    assert (told.json["kind"], told.json["name"]) == ("k", "Tall")


def test_one_row_is_shown_without_what_stays_inside(library):
    declared = {"action": "get", "collection": "books", "key": "path.id", "omit": ["version"]}

    assert library(declared, path={"id": "9"}).json == {
        "id": "9",
        "title": "Solaris",
        "authorId": "a2",
        "year": 1961,
    }
    assert library({**declared, "where": {"year": 1974}}, path={"id": "9"}).status == 404


def test_a_status_that_is_not_documented_becomes_400(library):
    declared = {"action": "get", "collection": "books", "key": "path.id"}

    assert library(declared, path={"id": "x"}, statuses="200 400").status == 400
    assert library(declared, path={"id": "x"}, statuses="200").status == 404


def test_a_status_can_have_a_shape_of_its_own_and_nothing_stays(library):
    declared = {"action": "create", "collection": "books", "errors": {"409": {"said": "$code"}, "404": None}}
    answer = library(declared, body={"title": "SOLARIS"})

    assert (answer.status, answer.json) == (409, {"said": "alreadyExists"})
    assert len(library.state.all("books")) == 3
    empty = library({**declared, "requires": [{"collection": "authors", "key": "path.id"}]}, path={"id": "x"})
    assert (empty.status, empty.json) == (404, None)


def test_create_gives_id_version_and_times(library):
    answer = library({"action": "create", "collection": "books"}, body={"title": "Fiasco"})

    assert answer.status == 201
    moment = "2026-11-03T15:20:30.000Z"
    assert answer.json == {
        "kind": "book",
        "lent": False,
        "id": "11",
        "title": "Fiasco",
        "created": moment,
        "modified": moment,
        "version": 1,
    }
    assert library.state.get("books", "11") == answer.json


@pytest.mark.parametrize(
    ("extra", "body", "status"),
    [
        ({}, {"title": "EDEN"}, 409),
        ({"references": [{"field": "authorId", "collection": "authors"}]}, {"authorId": "a9"}, 400),
        ({"references": [{"field": "authorId", "collection": "authors"}]}, {"authorId": ""}, 201),
        ({"checks": [{"field": "title", "pattern": "[A-Z].*", "message": "No."}]}, {"title": "solo"}, 422),
    ],
)
def test_create_insists_on_what_is_declared(library, extra, body, status):
    assert library({"action": "create", "collection": "books", **extra}, body=body).status == status


def test_replace_keeps_what_is_the_servers_and_patch_keeps_the_rest(library):
    change = {"collection": "books", "key": "path.id"}
    patched = library({"action": "patch", **change}, path={"id": "9"}, body={"version": 4, "year": 1962})
    replaced = library({"action": "replace", **change}, path={"id": "9"}, body={"version": 5, "title": "S"})

    assert (patched.json["year"], patched.json["title"], patched.json["version"]) == (1962, "Solaris", 5)
    assert replaced.json == {
        "kind": "book",
        "lent": False,
        "id": "9",
        "title": "S",
        "version": 6,
        "modified": "2026-11-03T15:20:30.000Z",
    }
    assert library.state.get("books", "9")["_price"] == 12
    assert library({"action": "patch", **change}, path={"id": "9"}, body={"version": 5}).status == 409


def test_delete_is_refused_while_in_use_and_leaves_the_sets(library):
    users = [{"collection": "books", "field": "authorId"}]
    delete = {"action": "delete", "key": "path.id"}
    cascade = {**delete, "collection": "books", "cascade": [{"collection": "shelves", "set": "books"}]}

    assert library({**delete, "collection": "authors", "unused_in": users}, path={"id": "a1"}).status == 409
    assert library(cascade, path={"id": "10"}).status == 204
    assert library.state.get("shelves", "s1")["books"]["items"] == [{"id": "9", "_fixed": True}]
    assert library({**delete, "collection": "authors", "unused_in": users}, path={"id": "a1"}).status == 204
    assert library({**delete, "collection": "authors"}, path={"id": "a1"}).status == 404


SET = {
    "collection": "shelves",
    "key": "path.id",
    "set": "books",
    "members": "books",
    "into": "books",
    "fields": ["title"],
}


def test_a_set_is_shown_with_what_its_members_are(library):
    assert library({"action": "set", **SET}, path={"id": "s1"}).json == {
        "version": 1,
        "books": [{"title": "The Dispossessed", "id": "10"}, {"title": "Solaris", "id": "9"}],
    }


def test_a_set_takes_and_gives_single_members(library):
    associate = {"action": "associate", "member": "path.book", **SET}
    dissociate = {"action": "dissociate", "member": "path.book", "stays": "_fixed", **SET}

    assert ids(library(associate, path={"id": "s1", "book": "2"})) == ["10", "9", "2"]
    assert library(associate, path={"id": "s1", "book": "2"}).status == 409
    assert library(associate, path={"id": "s1", "book": "7"}).status == 404
    assert library(dissociate, path={"id": "s1", "book": "10"}).status == 204
    assert library(dissociate, path={"id": "s1", "book": "10"}).status == 404
    assert library(dissociate, path={"id": "s1", "book": "9"}).status == 409
    assert library.state.get("shelves", "s1")["books"]["version"] == 3


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"books": [{"id": "2"}, {"id": "9"}], "version": 1}, 200),
        ({"books": [{"id": "9"}]}, 200),
        ({"books": [{"id": "9"}], "version": 2}, 409),
        ({"books": [{"id": "2"}]}, 409),
        ({"books": [{"id": "9"}, {"id": "9"}]}, 400),
        ({"books": [{"id": "9"}, {"id": "7"}]}, 400),
        ({"books": [{"id": "9"}, {}]}, 400),
    ],
)
def test_a_set_is_replaced_as_a_whole(library, body, status):
    declared = {"action": "replaceSet", "from": "body.books", "stays": "_fixed", **SET}
    before = library.state.get("shelves", "s1")
    answer = library(declared, path={"id": "s1"}, body=body)

    assert answer.status == status
    if status == 200:
        assert ids(answer) == [item["id"] for item in body["books"]]
    else:
        assert library.state.get("shelves", "s1") == before


@pytest.mark.parametrize(
    "declared",
    [
        {"action": "conjure", "collection": "books"},
        {"action": "list", "collection": "films", "into": "films"},
        {"handler": "nobody"},
        {
            "action": "list",
            "collection": "books",
            "into": "books",
            "filters": [{"from": "query.a", "field": "b", "op": "x"}],
        },
        {**SET, "action": "set", "members": "films"},
    ],
)
def test_a_wrong_declaration_is_named(library, declared):
    with pytest.raises(CatalogError, match="operation: "):
        library(declared)
