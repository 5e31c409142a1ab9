"""``creditbank client``: everything that a client can be is told in options, listed and shown, but no secret twice."""

import json
from pathlib import Path

import pytest
from joserfc.jwk import ECKey

from creditbank_plugin.services.access import client_list, clients
from tests.builders import OTHER_SCHOOL, PROVINCE, SCHOOL, House
from tests.cli.shell import Shell

CREATE = ("client", "create", "--name", "ระบบทดลอง", "--organisation", SCHOOL, "--scope", "credits:read")
ASKS = ("--grant", "authorization_code", "--redirect-uri", "https://agency.example/back")
PURPOSE = ("--purpose-th", "รับสมัคร", "--purpose-en", "Admissions")


@pytest.fixture
def shell(house: House) -> Shell:
    return Shell.of(house)


def test_a_client_is_made_with_everything_it_can_be(house: House, shell: Shell) -> None:
    more = (
        "--grant",
        "refresh_token",
        "--school",
        OTHER_SCHOOL,
        "--school",
        PROVINCE,
        "--per-minute",
        "60",
        "--no-pkce",
    )
    told = shell(*CREATE, *ASKS, *PURPOSE, *more, "--json").json
    made = client_list.get(house.runtime, told["client_id"])
    assert clients.authenticate(house.runtime, made.client_id, told["client_secret"]) is not None
    assert (told["kind"], told["proof"], told["grants"]) == (
        *("confidential", "secret"),
        ["authorization_code", "refresh_token"],
    )
    assert (made.pkce, made.per_minute, made.schools) == (False, 60, [OTHER_SCHOOL, PROVINCE])
    assert (made.purpose_th, made.purpose_en, made.redirect_uris) == (
        *("รับสมัคร", "Admissions"),
        ["https://agency.example/back"],
    )
    assert "WITHOUT PKCE" in shell("client", "list").out


def test_a_public_client_has_no_secret_to_print(shell: Shell) -> None:
    public = ("--kind", "public", "--redirect-uri", "http://127.0.0.1:8765/callback")
    ran = shell(*CREATE, *public)
    assert ran.code == 0
    assert "secret" not in ran.out
    told = shell(*CREATE, *public, "--json").json
    assert (told["client_secret"], told["grants"], told["proof"]) == (None, ["authorization_code"], "none")


def test_a_client_that_signs_brings_its_public_keys(shell: Shell, tmp_path: Path) -> None:
    key, file = ECKey.generate_key("P-256", {"kid": "k-1"}), tmp_path / "keys.json"
    signs = ("--proof", "private_key_jwt", "--jwks", str(file))
    assert shell(*CREATE, *signs).code == 1
    for wrong in ("not json", "[]", json.dumps({"keys": [key.as_dict(private=True)]})):
        file.write_text(wrong)
        ran = shell(*CREATE, *signs)
        assert (ran.code, ran.out, ran.err.count("\n")) == (1, "", 1), wrong
    file.write_text(json.dumps({"keys": [key.as_dict(private=False)]}))
    assert shell(*CREATE, *signs, "--json").json["key_ids"] == ["k-1"]


@pytest.mark.parametrize(
    ("more", "code"),
    [
        (ASKS[:2], 1),
        (("--redirect-uri", "http://agency.example/back", *ASKS[:2]), 1),
        (("--purpose-th", "รับสมัคร"), 1),
        (("--school", "nowhere"), 1),
        (("--kind", "public", "--no-pkce", *ASKS), 1),
        (("--grant", "password"), 2),
        (("--per-minute", "0"), 2),
    ],
)
def test_what_cannot_be_is_one_line(shell: Shell, more: tuple[str, ...], code: int) -> None:
    ran = shell(*CREATE, *more)
    assert (ran.code, ran.out, ran.err.count("\n")) == (code, "", 1)


def test_clients_are_listed_and_shown_without_their_secrets(house: House, shell: Shell) -> None:
    made = shell(*CREATE, "--json").json
    other = shell(*CREATE, "--json").json
    assert shell("client", "revoke", other["client_id"]).code == 0
    listed = shell("client", "list", "--json")
    assert {each["client_id"] for each in listed.json["items"]} >= {made["client_id"], other["client_id"]}
    assert [each["client_id"] for each in shell("client", "list", made["client_id"], "--json").json["items"]] == [
        made["client_id"]
    ]
    shown = shell("client", "show", made["client_id"], "--json")
    assert (shown.json["scopes"], shown.json["revoked_at"]) == (["credits:read"], None)
    assert "name: ระบบทดลอง" in shell("client", "show", made["client_id"]).out
    for ran in (listed, shown, shell("client", "show", made["client_id"]), shell("client", "list")):
        assert made["client_secret"] not in ran.out
    assert shell("client", "show", "cb_nobody").code == 1
