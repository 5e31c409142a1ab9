"""An account that its own learner opens, by agreeing to share what will come into it."""

from contextlib import suppress

from sqlalchemy.exc import IntegrityError

from creditbank_hooks import LearnerIdentity
from creditbank_plugin.rules import waits
from creditbank_plugin.services import accounts
from creditbank_plugin.services.runtime import Runtime
from creditbank_plugin.services.settling.settle import settle_at_once
from creditbank_plugin.storage.base import new_id
from creditbank_plugin.storage.queries import people, waking
from creditbank_plugin.storage.queries.writes import insert_all
from creditbank_plugin.storage.session import writing
from creditbank_plugin.storage.tables import Account, Identifier, Person


def may_open(runtime: Runtime) -> bool:
    """Tell whether the host's learners may have accounts opened here."""
    return runtime.settings.host_opens_accounts


def open_for(runtime: Runtime, identity: LearnerIdentity) -> str | None:
    """Return the person behind a logged-in learner, with an account of their own, active, where they had none.

    None where the host's learners may not have accounts opened.  Completions that waited for the learner are settled.
    """
    found = accounts.person_of(runtime, identity)
    if found is not None:
        return found.id
    if not may_open(runtime):
        return None
    with suppress(IntegrityError):  # a completion opened it in the same moment
        _open(runtime, identity)
    settle_at_once(runtime)
    found = accounts.person_of(runtime, identity)
    return found.id if found is not None else None


def _open(runtime: Runtime, identity: LearnerIdentity) -> None:
    now, person, account = runtime.clock(), new_id(), new_id()
    with writing(runtime.engine) as connection:
        if people.accounts_of(connection, [(identity.issuer, identity.id)]):
            return
        insert_all(connection, Person, [{"id": person, "opened_at": now}])
        insert_all(connection, Account, [{"id": account, "person_id": person, "opened_at": now, "accepted_at": now}])
        named = {"issuer": identity.issuer, "value": identity.id, "since": now, "until": None}
        insert_all(connection, Identifier, [{"id": new_id(), "account_id": account, **named}])
        waking.wake_now(connection, [waits.learner(identity.issuer, identity.id)])
