"""The register of orders, as it is read: pages, one, and what there is to adopt from.  Orders are public acts."""

from collections.abc import Sequence

from creditbank_plugin.errors import not_found
from creditbank_plugin.rules import thai
from creditbank_plugin.services.runtime import Runtime
from creditbank_plugin.services.views import Page, page_of
from creditbank_plugin.storage.base import Stored, is_uuid
from creditbank_plugin.storage.queries import adoptions as rows
from creditbank_plugin.storage.session import reading


def page(
    runtime: Runtime,
    *,
    bank: str | None = None,
    comparison: str | None = None,
    body: str | None = None,
    state: str | None = None,
    after: str | None = None,
    limit: int = 50,
) -> Page[Stored]:
    """Return orders, newest entry first: of a bank, on a comparison, on a body, in one of ``rules.orders.STATES`` today.

    What cannot be the id of a comparison finds nothing, as an unknown bank or body does.
    """
    if not all(is_uuid(each) for each in (comparison, after) if each is not None):
        return Page([], None)
    wanted = {"bank": bank, "comparison": comparison, "body": body, "state": state, "after": after}
    with reading(runtime.engine) as connection:
        found = rows.page(connection, **wanted, day=runtime.today(), limit=limit + 1)
    return page_of(found, limit)


def adoptions(runtime: Runtime, bank: str | None = None, limit: int = 200) -> Sequence[Stored]:
    """Return the newest orders, of a bank or of all."""
    return page(runtime, bank=bank, limit=limit).items


def by_ids(runtime: Runtime, ids: Sequence[str]) -> Sequence[Stored]:
    """Return orders by their ids, in the order of entry."""
    with reading(runtime.engine) as connection:
        return rows.by_ids(connection, ids)


def get(runtime: Runtime, adoption_id: str) -> Stored:
    """Return one order; ``Refused`` (404) when it is unknown."""
    found = by_ids(runtime, [adoption_id]) if is_uuid(adoption_id) else []
    if not found:
        raise not_found()
    return found[0]


def find(runtime: Runtime, words: str, limit: int) -> Sequence[Stored]:
    """Return comparisons in force today whose course has ``words`` in its code or title, by course code."""
    with reading(runtime.engine) as connection:
        return rows.find(connection, thai.normalise(words), runtime.today(), limit)


def named(runtime: Runtime, comparison_ids: Sequence[str]) -> Sequence[Stored]:
    """Return those of the comparisons that exist, by course code."""
    with reading(runtime.engine) as connection:
        return rows.named(connection, comparison_ids)


def bodies(runtime: Runtime) -> Sequence[Stored]:
    """Return the organisations that have made a comparison."""
    with reading(runtime.engine) as connection:
        return rows.bodies(connection)


def groups(runtime: Runtime) -> tuple[list[str], list[str]]:
    """Return the level groups and the occupational groups of compared courses, each once."""
    with reading(runtime.engine) as connection:
        found = rows.groups(connection)
    levels, occupations = {row.level_group for row in found}, {row.occupational_group for row in found}
    return sorted(each for each in levels if each), sorted(each for each in occupations if each)
