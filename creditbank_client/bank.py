"""What can be read and done, by name.  Whatever is not here is a path away: ``bank.api.get("/frameworks")``."""

import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import cast

from creditbank_client.addresses import path_of
from creditbank_client.api import Api, Value
from creditbank_client.comparison_shapes import Comparison, ComparisonSummary
from creditbank_client.course_shapes import Course, CourseView
from creditbank_client.discovery import discover
from creditbank_client.events import USUAL, CloudEvent, send
from creditbank_client.http import Http
from creditbank_client.memory import Memory
from creditbank_client.proofs import Proof
from creditbank_client.shapes import (
    Balance,
    ChangePage,
    Event,
    Learner,
    Me,
    NewSubscription,
    Record,
    Subscription,
    Told,
)
from creditbank_client.sources import MachineTokens
from creditbank_client.token_endpoint import TokenEndpoint

Names = Iterable[str] | None


class CreditBank:
    """The API of a credit bank, for one client or one learner who agreed.

    Lists are iterators that read page by page.  ``fields`` leaves only these of each answer, ``include`` adds parts that are
    left out otherwise.  A refusal is a `Problem`.
    """

    def __init__(self, api: Api) -> None:
        self.api = api

    @classmethod
    def of_machine(
        cls,
        address: str,
        proof: Proof,
        scope: Iterable[str] = (),
        *,
        http: Http | None = None,
        language: str = "th",
        memory: Memory | None = None,
    ) -> "CreditBank":
        """Find a credit bank by the address of its API, and speak to it as the client itself (client credentials)."""
        http = http or Http()
        server = discover(address, http=http)
        source = MachineTokens(TokenEndpoint(server, proof, http=http), scope)
        return cls(Api(server, source, http=http, language=language, memory=memory))

    def me(self) -> Me:
        """Return who let the client in, to do what, until when (a learner's token)."""
        return cast(Me, self.api.get("/me"))

    def my_balances(self) -> list[Balance]:
        """Return what the learner who agreed holds, by scheme: schemes are different currencies, never added."""
        return cast(list[Balance], self.api.get("/me/credits", limit=1)["balances"])

    def my_records(self, *, fields: Names = None, include: Names = None) -> Iterator[Record]:
        """Return the records of the learner who agreed, newest first."""
        return self.api.items("/me/credits", fields=fields, include=include)

    def learner(self, issuer: str, id: str) -> Learner | None:
        """Return a learner by the id in the system of an ``issuer``; None for one who is not known, or not yours."""
        found = cast(list[Learner], self.api.get("/learners", issuer=issuer, id=id)["items"])
        return found[0] if found else None

    def balances(self, learner_id: str) -> list[Balance]:
        """Return what a learner holds, by scheme."""
        return cast(list[Balance], self.api.get(path_of("learners", learner_id, "credits"), limit=1)["balances"])

    def records(self, learner_id: str, *, fields: Names = None, include: Names = None) -> Iterator[Record]:
        """Return a learner's records, newest first."""
        return self.api.items(path_of("learners", learner_id, "credits"), fields=fields, include=include)

    def record(self, record_id: str, *, fields: Names = None, include: Names = None) -> Record:
        """Return one record."""
        return cast(Record, self.api.get(path_of("records", record_id), fields=fields, include=include))

    def courses(self, words: str | None = None, *, fields: Names = None, **filters: Value) -> Iterator[Course]:
        """Return courses of the catalogue that words find, best first, or all; ``filters`` as the API names them."""
        return self.api.items("/courses", q=words, fields=fields, **filters)

    def course(self, owner: str, code: str, version: str, *, fields: Names = None) -> CourseView:
        """Return a course version, what it counts for, and what it was before."""
        return cast(CourseView, self.api.get(path_of("courses", owner, code, version), fields=fields))

    def comparisons(self, *, fields: Names = None, **filters: Value) -> Iterator[ComparisonSummary]:
        """Return comparisons, newest first; ``filters``: ``state``, ``course``, ``group``, ``body``."""
        return self.api.items("/comparisons", fields=fields, **filters)

    def comparison(self, comparison_id: str, *, fields: Names = None) -> Comparison:
        """Return one comparison in full, as far as the client may see it."""
        return cast(Comparison, self.api.get(path_of("comparisons", comparison_id), fields=fields))

    def events(self, *, state: str | None = None, fields: Names = None) -> Iterator[Event]:
        """Return the messages of the client's organisation with their decisions, newest first."""
        return self.api.items("/events", state=state, fields=fields)

    def event(self, event_id: str) -> Event:
        """Return one message and the decision about it."""
        return cast(Event, self.api.get(path_of("events", event_id)))

    def send(self, told: Iterable[CloudEvent], *, at_once: int = USUAL) -> Iterator[Told]:
        """Send completions in batches; yield what became of each (see ``creditbank_client.events``)."""
        return send(self.api, told, at_once=at_once)

    def changes(
        self,
        after: str | None = None,
        *,
        limit: int = 200,
        every: float = 60.0,
        sleep: Callable[[float], None] = time.sleep,
    ) -> Iterator[ChangePage]:
        """Return pages of changes, for ever: at once while there are more, else one ``every`` so many seconds.

        Handle the items of a page, then keep its ``next``, in one transaction; begin there again with ``after`` the next
        time.  ``after=None`` begins with the very first change, ``"now"`` with what comes from now on.
        """
        while True:
            page = cast(ChangePage, self.api.get("/changes", after=after, limit=limit))
            after = page["next"]
            yield page
            if not page["more"]:
                sleep(every)

    def subscriptions(self) -> list[Subscription]:
        """Return the client's webhooks."""
        return cast(list[Subscription], self.api.get("/webhooks")["items"])

    def subscribe(self, url: str, types: Sequence[str], *, organisation: str | None = None) -> NewSubscription:
        """Have an address told of changes; the ``secret`` in the answer is shown this once."""
        said: dict[str, object] = {"url": url, "types": list(types)}
        if organisation is not None:
            said["organisation"] = organisation
        return cast(NewSubscription, self.api.send("POST", "/webhooks", said))

    def rotate_secret(self, webhook_id: str) -> NewSubscription:
        """Give a webhook a new secret; until ``old_secret_until`` messages are signed with both."""
        return cast(NewSubscription, self.api.send("POST", path_of("webhooks", webhook_id, "rotate-secret")))

    def unsubscribe(self, webhook_id: str) -> Subscription:
        """End a webhook."""
        return cast(Subscription, self.api.send("DELETE", path_of("webhooks", webhook_id)))
