"""What tests of consents, codes and tokens do over and over."""

import threading
from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import func, select

from creditbank_plugin.errors import Refused
from creditbank_plugin.services.access import codes, families, refreshing, tokens
from creditbank_plugin.services.access.codes import Brought
from creditbank_plugin.services.access.issuing import Issued
from creditbank_plugin.storage.session import reading
from creditbank_plugin.storage.tables import Family
from tests.oauth_world import BACK, VERIFIER, Standing

HERE = "https://bank.example/creditbank"


def exchange(at: Standing, code: str, **more: Any) -> Issued:
    return codes.exchange(
        at.house.runtime, at.row, Brought(code, **{"redirect_uri": BACK, "verifier": VERIFIER, **more}), HERE
    )


def refresh(at: Standing, token: str | None, *scopes: str) -> Issued:
    return refreshing.refresh(at.house.runtime, at.row, token or "", frozenset(scopes), HERE)


def refused(call: Callable[..., Any], *args: Any, **more: Any) -> str:
    with pytest.raises(Refused) as caught:
        call(*args, **more)
    return caught.value.code


def is_good(at: Standing, issued: Issued) -> bool:
    return tokens.by_token(at.house.runtime, issued.access_token) is not None


def why(at: Standing) -> list[str | None]:
    return [each.ended_why for each in families.list_for_client(at.house.runtime, at.client.client_id)]


def count(at: Standing, model: Any) -> int:
    """How many rows of a table belong to this client."""
    asked = select(func.count()).select_from(model)
    if hasattr(model, "family_id"):
        asked = asked.join(Family, Family.id == model.family_id).where(Family.client_id == at.client.client_id)
    else:
        asked = asked.where(model.client_id == at.client.client_id)
    with reading(at.house.runtime.engine) as connection:
        return connection.scalar(asked) or 0


def at_once(calls: list[Callable[[], Any]]) -> list[Any]:
    """What each call answers, or refuses, when all begin in the same moment."""
    together, answers = threading.Barrier(len(calls)), [None] * len(calls)

    def run(place: int, call: Callable[[], Any]) -> None:
        together.wait()
        try:
            answers[place] = call()
        except Exception as error:
            answers[place] = error

    threads = [threading.Thread(target=run, args=(place, call)) for place, call in enumerate(calls)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return answers
