"""Every code that the API answers with has a page in Thai and English, and every problem names its page."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from creditbank_plugin.api import problem_types
from creditbank_plugin.api.problem_types import page_of, types
from tests.api.builders import API, bearer, completion, get, make_house, send
from tests.builders import House, Place
from tests.house.tree import ROOT

_THAI = re.compile("[\u0e00-\u0e7f]")
_CODE = re.compile(r"[a-z][a-z0-9_]*")
#: Functions that take the code of a refusal first (`problem` second), and classes that carry one.
_TELL = ("Refused", "Denied", "_no", "_not_now", "_conflict")
_EVENTS = ("NotACloudEvent", "WrongMediaType", "TooMany")
#: The codes that stand in a (code, Thai, English) of their own in these modules.
_TUPLES = ("creditbank_plugin.api.problem", "creditbank_plugin.services.access.tokens")


def _modules() -> dict[str, Path]:
    found = {}
    for path in ROOT.glob("creditbank_plugin/**/*.py"):
        found[".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")] = path
    return found


def _reached() -> dict[str, ast.Module]:
    """The modules of the API and all that they import, however far."""
    modules = _modules()
    found: dict[str, ast.Module] = {}
    ahead = [name for name in modules if name.startswith("creditbank_plugin.api")]
    while ahead:
        name = ahead.pop()
        if name in found:
            continue
        found[name] = ast.parse(modules[name].read_text(encoding="utf-8"))
        for node in ast.walk(found[name]):
            if isinstance(node, ast.ImportFrom) and node.module in modules:
                ahead.append(node.module)
                ahead += [full for each in node.names if (full := f"{node.module}.{each.name}") in modules]
    return found


def _text(node: ast.expr) -> str:
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else ""


def _told(name: str, tree: ast.Module) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            called = getattr(node.func, "id", getattr(node.func, "attr", ""))
            place = 1 if called == "problem" else 0
            if called in (*_TELL, *_EVENTS, "problem") and len(node.args) > place:
                yield _text(node.args[place])
        elif (
            isinstance(node, ast.Tuple)
            and name in _TUPLES
            and len(node.elts) == 3
            and _THAI.search(_text(node.elts[1]))
        ):
            yield _text(node.elts[0])


def test_every_code_that_the_api_can_answer_has_a_page():
    reached = _reached()
    assert len(reached) > 150
    codes = {code for name, tree in reached.items() for code in _told(name, tree) if _CODE.fullmatch(code)}
    assert {"wrong_state", "own_proposal", "invalid_token", "order_differs", "not_json", "rate_limited"} <= codes
    assert {code for code in codes if page_of(code) is None} == set()


def test_every_helper_that_makes_a_refusal_of_a_code_is_known_here():
    """A function that hands its own argument to a refusal is one whose callers name the codes."""
    helpers = set()
    for tree in _reached().values():
        for node in ast.walk(tree):
            if isinstance(node, ast.FunctionDef) and node.args.args and node.args.args[0].arg == "code":
                for call in ast.walk(node):
                    if isinstance(call, ast.Call) and getattr(call.func, "id", "") == "Refused" and call.args:
                        helpers |= {node.name} if getattr(call.args[0], "id", "") == "code" else set()
    assert helpers <= set(_TELL)


def test_every_type_is_told_in_both_languages():
    for code, each in types().items():
        assert _CODE.fullmatch(code)
        assert each.status
        assert all(400 <= status < 600 for status in each.status), code
        for text in (each.th, each.do_th):
            assert _THAI.search(text), code
        for text in (each.en, each.do_en):
            assert text, code
            assert not _THAI.search(text), code


def test_a_code_stands_in_one_file(tmp_path, monkeypatch):
    (tmp_path / "texts").mkdir()
    told = '[same]\nstatus = [400]\nth = "ก"\nen = "a"\ndo_th = "ก"\ndo_en = "a"\n'
    for name in ("problems_a.toml", "problems_b.toml"):
        (tmp_path / "texts" / name).write_text(told, encoding="utf-8")
    monkeypatch.setattr(problem_types, "__file__", str(tmp_path / "problem_types.py"))
    with pytest.raises(LookupError):
        types.__wrapped__()


@pytest.fixture(scope="module")
def house(shared_place: Place) -> House:
    return make_house(shared_place)


def test_each_problem_names_its_page_and_the_page_says_what_to_do(house):
    headers, client = bearer(house), house.app.test_client()
    answers = (
        get(house, "events"),
        get(house, "nothing"),
        get(house, "events", headers, limit="x"),
        send(house, headers, completion(score=101)),
        send(house, headers, b"{", "application/cloudevents+json"),
        client.delete(f"{API}/events"),
    )
    for answer in answers:
        told = answer.get_json()
        assert told["type"] == f"/creditbank/api/problems/{told['code']}"
        page = client.get(told["type"])
        assert page.status_code == 200
        each = types()[told["code"]]
        assert answer.status_code in each.status
        for text in (each.th, each.do_th, each.en):
            assert text.split("`")[0].split("'")[0] in page.text
    mounted = client.get(f"{API}/events", environ_overrides={"SCRIPT_NAME": "/lms"}).get_json()
    assert mounted["type"] == "/lms/creditbank/api/problems/unauthenticated"


def test_the_pages_are_public_strict_and_complete(house):
    client = house.app.test_client()
    listed = client.get("/creditbank/api/problems")
    assert set(re.findall(r"/creditbank/api/problems/(\w+)", listed.text)) == set(types())
    for path in ("/creditbank/api/problems", "/creditbank/api/problems/rate_limited"):
        page = client.get(path)
        assert "unsafe" not in page.headers["Content-Security-Policy"]
        assert "<script" not in page.text
        assert "style=" not in page.text
        assert page.headers["Cache-Control"] == "public, max-age=3600"
        for address in re.findall(r'(?:src|href)="(/[^"]+)"', page.text):
            assert client.get(address).status_code == 200, address
    unknown = client.get("/creditbank/api/problems/nothing")
    assert (unknown.status_code, unknown.get_json()["code"]) == (404, "not_found")


def test_an_error_of_http_without_a_code_of_its_own_shares_a_page():
    assert page_of("http_418") == "http_error"
    assert page_of("http_9999") is None
    assert page_of("nothing_of_ours") is None
