"""Every sentence exists in both languages, is used, and stands nowhere but in web/texts."""

import ast
import re
from html.parser import HTMLParser
from pathlib import Path

import pytest
from jinja2 import Environment, nodes

from creditbank_hooks.tidings import ASSESSMENT_ASSURANCE, IDENTITY_ASSURANCE
from creditbank_plugin.formats.tiding_json import KINDS
from creditbank_plugin.reference.frameworks import frameworks
from creditbank_plugin.resources import PACKAGE, resource_dir
from creditbank_plugin.rules import agreement, client, proposal
from creditbank_plugin.rules.fold import AMOUNT_STATES
from creditbank_plugin.rules.hours import SCHEMES
from creditbank_plugin.rules.reasons import STATES
from creditbank_plugin.rules.scopes import LEARNERS_GRANT
from creditbank_plugin.rules.terms import HOURS, LEVEL_BASES
from creditbank_plugin.web.words import texts

THAI = re.compile("[\u0e01-\u0e5b]")
LETTERS = re.compile("[A-Za-z\u0e01-\u0e5b]{2,}")
TEMPLATES = sorted(
    path for path in (resource_dir("templates") / "creditbank").rglob("*.html") if not path.name.startswith("api_")
)
SOURCES = sorted(path for room in ("web", "login") for path in (PACKAGE / room).glob("*.py"))
MOVEMENTS = (
    *("deposit", "adjust", "hold", "release", "redeem", "review", "clear"),
    *("revoke", "expire", "duplicate", "link", "unlink"),
)


def called(template: Path) -> tuple[set[str], set[str]]:
    """The keys that a template asks for, and the beginnings of keys that it puts together."""
    keys, beginnings = set(), set()
    tree = Environment(autoescape=True).parse(template.read_text(encoding="utf-8"))
    for call in tree.find_all(nodes.Call):
        name = call.node.name if isinstance(call.node, nodes.Name) else getattr(call.node, "attr", "")
        if name in ("t", "known") and call.args:
            asked = call.args[0]
            if isinstance(asked, nodes.Const):
                keys.add(asked.value)
            elif isinstance(asked, nodes.Concat):
                beginnings.add(asked.nodes[0].value)
        elif name in ("word", "words") and isinstance(call.args[0], nodes.Const):
            beginnings.add(call.args[0].value + ".")
    return keys, beginnings


def said_by_code(source: Path) -> tuple[set[str], set[str], set[str]]:
    """The keys that calls of code name, the beginnings they put together, and every other text that is a key."""
    keys, beginnings, mentioned = set(), set(), set()
    for node in ast.walk(ast.parse(source.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            mentioned.add(node.value)
        if not isinstance(node, ast.Call) or not node.args:
            continue
        name = getattr(node.func, "id", getattr(node.func, "attr", ""))
        place = 1 if name == "wrong" else 0
        if name in ("t", "notify", "wrong", "known") and len(node.args) > place:
            for part in ast.walk(node.args[place]):
                if isinstance(part, ast.JoinedStr):
                    beginnings.add(part.values[0].value)
                elif isinstance(part, ast.Constant) and isinstance(part.value, str) and part.value.count(".") == 1:
                    (beginnings if part.value.endswith(("_", ".")) else keys).add(part.value)
        elif name in ("word", "words") and isinstance(node.args[0], ast.Constant):
            beginnings.add(f"{node.args[0].value}.")
    return keys, beginnings, mentioned


def task_kinds() -> set[str]:
    """Every kind of task that the code opens; a kind that is not a plain text in the call cannot be checked."""
    kinds = set()
    for source in PACKAGE.rglob("*.py"):
        for node in ast.walk(ast.parse(source.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and getattr(node.func, "attr", "") == "task":
                kind = node.args[0]
                assert isinstance(kind, ast.Constant), f"{source.name}:{node.lineno}"
                kinds.add(str(kind.value))
    return kinds


def test_every_sentence_has_both_languages() -> None:
    for key, said in texts().items():
        assert {"th", "en"} <= said.keys() <= {"th", "en", "en_one"}, key
        assert all(text.strip() == text != "" for text in said.values()), key
        fields = {lang: set(re.findall(r"{(\w+)}", text)) for lang, text in said.items()}
        assert fields["th"] == fields["en"], key
        assert not THAI.search(said["en"]) or key == "site.in_thai", key


def test_every_key_asked_for_exists_and_none_is_unused() -> None:
    asked, beginnings, mentioned = set(), set(), set()
    for template in TEMPLATES:
        keys, begun = called(template)
        asked |= keys
        beginnings |= begun
    for source in SOURCES:
        keys, begun, more = said_by_code(source)
        asked |= keys
        beginnings |= begun
        mentioned |= more
    assert len(asked) > 150
    assert asked - texts().keys() == set()
    unused = texts().keys() - asked - mentioned
    assert {key for key in unused if not key.startswith(tuple(beginnings))} == set()


@pytest.mark.parametrize(
    ("room", "codes"),
    [
        ("state", {*STATES, *AMOUNT_STATES}),
        ("scheme", set(SCHEMES)),
        ("scheme_hint", set(SCHEMES)),
        ("level_basis", set(LEVEL_BASES)),
        ("movement", set(MOVEMENTS)),
        ("kind", set(KINDS)),
        ("ending", {"withdrawn", "superseded"}),
        ("door", {"hooks", "events", "xapi"}),
        ("framework", {each.code for each in frameworks()}),
        ("task", task_kinds()),
        ("proposal_state", set(proposal.STATES)),
        ("act", {*proposal.ACTS, "create", "supersede", "enter_paper"}),
        ("member_role", {*proposal.ROLES, "paper"}),
        ("procedure", set(proposal.PROCEDURES)),
        ("aspect", {*agreement.ASPECTS, "level", "advice"}),
        ("aspect_hint", set(agreement.ASPECTS)),
        ("rating_mark", set(agreement.MARKS)),
        ("advice", set(agreement.ADVICE)),
        ("hours_of", set(HOURS)),
        ("client_kind", {client.CONFIDENTIAL, client.PUBLIC}),
        ("client_proof", {client.SECRET, client.PRIVATE_KEY_JWT, client.NO_PROOF}),
        ("client_grant", set(client.GRANTS)),
        ("learner_scope", set(LEARNERS_GRANT)),
    ],
)
def test_codes_of_the_contract_have_words_and_nothing_else_has(room: str, codes: set[str]) -> None:
    assert {key.partition(".")[2] for key in texts() if key.startswith(f"{room}.")} == codes


def test_levels_of_assurance_have_words() -> None:
    for level in (*IDENTITY_ASSURANCE, *ASSESSMENT_ASSURANCE):
        assert f"value.{level}" in texts()


class Sentences(HTMLParser):
    """Collects what a reader would see or hear of a template that does not come from ``t``."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_data(self, data: str) -> None:
        self.found += LETTERS.findall(data)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        for name, value in attrs:
            if name in ("alt", "title", "aria-label", "placeholder"):
                self.found += LETTERS.findall(value or "")


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda path: path.name)
def test_templates_hold_no_sentences_of_their_own(template: Path) -> None:
    source = template.read_text(encoding="utf-8")
    assert not THAI.search(source)
    reader = Sentences()
    reader.feed(re.sub(r"{{.*?}}|{%.*?%}|{#.*?#}", "", source, flags=re.DOTALL))
    assert reader.found == []


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda path: path.name)
def test_templates_carry_no_style_or_script_of_their_own(template: Path) -> None:
    source = template.read_text(encoding="utf-8")
    assert re.search(r"<script|<style|\sstyle=|\son[a-z]+=|javascript:|\|\s*safe\b", source) is None


def test_pages_and_refusals_call_a_state_by_the_same_words() -> None:
    for state, (th, en) in proposal.STATE_WORDS.items():
        assert texts()[f"proposal_state.{state}"] == {"th": th, "en": en.capitalize()}
