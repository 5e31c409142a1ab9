"""Documents are found by parts of words, with typing errors, quickly or (without SQLite's trigrams) slowly."""

import sqlite3
import threading
from collections.abc import Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from creditbank_plugin.rules.matching import index as indexing
from creditbank_plugin.rules.matching.index import Document, Field, Index, trigrams_missing

FIELDS = [Field("code", 1.0, begins=True), Field("title", 1.0, begins=True), Field("text", 0.4)]
TITLES = {
    "1": ("ท21101", "ภาษาไทย"),
    "2": ("ค21101", "คณิตศาสตร์"),
    "3": ("ค21201", "คณิตศาสตร์เพิ่มเติม"),
    "4": ("20104-2002", "วงจรไฟฟ้ากระแสตรง"),
    "5": ("20104-2003", "วงจรไฟฟ้ากระแสสลับ"),
    "6": ("อ21101", "ภาษาอังกฤษ (English)"),
    "7": ("พ21101", "น้ำกับชีวิต"),
    "8": ("ง21101", "งานไม้"),
}


@pytest.fixture(params=["quick", "slow"])
def index(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[Index]:
    if request.param == "slow":
        monkeypatch.setattr(indexing, "trigrams_missing", lambda: "3.31.1")
    made = Index(FIELDS, ["province", "level"])
    assert made.quick is (request.param == "quick")
    made.put(
        Document(name, {"code": code, "title": title, "text": None}, {"province": "51", "level": int(name) % 2})
        for name, (code, title) in TITLES.items()
    )
    yield made
    made.close()


@pytest.mark.parametrize(
    ("asked", "first"),
    [
        ("คณิตศาสตร์", "2"),
        ("คณิตสาสตร", "2"),
        ("๒๐๑๐๔-๒๐๐๓", "5"),
        ("กระแสสลับ", "5"),
        ("วงจรไฟฟากระแสตง", "4"),
        ("ENGLISH", "6"),
        ("นํ้า", "7"),
        ("ไม", "8"),
        ("น้", "7"),
        ("ท", "1"),
    ],
)
def test_what_is_asked_comes_first(index: Index, asked: str, first: str) -> None:
    assert index.search(asked)[0].id == first


def test_nothing_is_found_where_nothing_fits(index: Index) -> None:
    assert index.search("ดาราศาสตร์ฟิสิกส์ขั้นสูง", least=0.5) == []
    assert index.search("xyzxyz") == index.search("") == index.search(" .๚ ") == index.search("ฮ") == []
    assert Index(FIELDS).search("คณิตศาสตร์") == []


def test_signs_of_the_query_language_are_only_signs(index: Index) -> None:
    for asked in ('"', "a OR b*", "NEAR(x y)", "'; drop table d --", "\x00\ud800", "title : คณิต"):
        index.search(asked)
    assert len(index) == len(TITLES)


def test_filters_limit_the_answers(index: Index) -> None:
    assert {hit.id for hit in index.search("วงจรไฟฟ้า", where={"level": 0})} == {"4"}
    assert {hit.id for hit in index.search("วงจรไฟฟ้า", where={"level": {0, 1}, "province": "51"})} >= {"4", "5"}
    assert index.search("วงจรไฟฟ้า", where={"province": None}) == []
    assert index.search("วงจรไฟฟ้า", where={"province": []}) == []


def test_filters_limit_the_answers_where_many_are_left(index: Index, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(indexing, "FEW", 1)
    test_filters_limit_the_answers(index)
    assert index.search("ไม", where={"level": 0})[0].id == "8"


def test_only_frequent_trigrams_still_find(index: Index, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(indexing, "BUDGET", 0)
    monkeypatch.setattr(indexing, "LONGEST_PHRASE", 0)
    assert index.search("จรไฟฟ้ากระแสตรง")[0].id == "4"
    assert index.search("จรไฟฟ้ากระแสใด")[0].id in {"4", "5"}


def test_a_document_is_replaced_and_forgotten(index: Index) -> None:
    index.put([Document("4", {"code": "x", "title": "เก่า"}), Document("4", {"code": "x", "title": "งานเชื่อมโลหะ"})])
    assert index.search("งานเชื่อมโลหะ")[0].id == "4"
    assert {hit.id for hit in index.search("วงจรไฟฟ้ากระแสตรง")} == {"5"}
    index.remove(["4", "unknown"])
    assert "4" not in {hit.id for hit in index.search("งานเชื่อมโลหะ")}
    assert len(index) == len(TITLES) - 1


def test_what_fails_leaves_nothing_behind(index: Index) -> None:
    def broken() -> Iterator[Document]:
        yield Document("9", {"title": "ดนตรีสากล"})
        raise OSError("the disk is gone")

    with pytest.raises(OSError, match="gone"):
        index.put(broken())
    assert index.search("ดนตรีสากล") == []
    index.put([Document("9", {"title": "ดนตรีสากล"})])
    assert index.search("ดนตรีสากล")[0].id == "9"


def test_threads_share_an_index(index: Index) -> None:
    wrong: list[str] = []

    def ask() -> None:
        for _ in range(20):
            if index.search("คณิตศาสตร์")[0].id != "2":
                wrong.append("other")

    def change() -> None:
        for number in range(20):
            index.put([Document(f"n{number}", {"title": f"การอ่านเล่ม {number}"})])

    threads = [threading.Thread(target=work) for work in (ask, ask, change)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []


TITLE = st.text(st.sampled_from("กขคงานวิทย์ไฟฟ้า abc12"), min_size=1, max_size=12).filter(lambda text: text.strip())


@settings(max_examples=60, deadline=None)
@given(st.lists(TITLE, min_size=1, max_size=12))
def test_an_exact_title_ranks_first(titles: list[str]) -> None:
    index = Index([Field("title", begins=True)])
    index.put(Document(str(place), {"title": title}) for place, title in enumerate(titles))
    for title in titles:
        found = index.search(title, least=0)
        same = indexing.joined(title)
        assert not same or indexing.joined(titles[int(found[0].id)]) == same
    index.close()


def test_an_sqlite_without_trigrams_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    assert trigrams_missing() is None

    class Old(sqlite3.Connection):
        def execute(self, *_: object) -> sqlite3.Cursor:  # type: ignore[override]
            raise sqlite3.OperationalError("no such tokenizer: trigram")

    connect = sqlite3.connect
    monkeypatch.setattr(sqlite3, "connect", lambda name: connect(name, factory=Old))
    assert trigrams_missing() == sqlite3.sqlite_version
