"""News that must not be lost: written with what made them true, told from there, in order, at least once."""

import threading
from typing import Any

import pytest
from sqlalchemy import text

from creditbank_hooks import hookimpl
from creditbank_plugin.services import outbox
from creditbank_plugin.services.settling.settle import settle
from creditbank_plugin.storage.queries import outbox as rows
from creditbank_plugin.storage.queries.outbox import Place
from creditbank_plugin.storage.session import open_engine, reading, writing
from tests.builders import House, completed, furnish, make_app, moment, revoked


class Listener:
    """Writes down what it hears; ``dies`` makes it end its process's work as a power cut would."""

    def __init__(self) -> None:
        self.heard: list[Any] = []
        self.dies = False

    def _hear(self, news: Any) -> None:
        if self.dies:
            raise KeyboardInterrupt
        self.heard.append(news)

    @hookimpl
    def credit_posted(self, news: Any) -> None:
        self._hear(news)

    @hookimpl
    def credit_reversed(self, news: Any) -> None:
        self._hear(news)


@pytest.fixture
def listener(house: House) -> Listener:
    made = Listener()
    house.bank.register(made)
    return made


def written(house: House) -> list[Any]:
    with reading(house.runtime.engine) as connection:
        return list(rows.after(connection, Place(0, 0), 1000))


def test_news_stand_in_the_outbox_also_where_nobody_listens(house: House) -> None:
    house.bank.hear(completed())
    (row,) = written(house)
    assert (row.hook, row.value["credits"], row.value["scheme"]) == ("credit_posted", 150, "basic")
    assert outbox.tell(house.runtime) == 0


def test_the_first_listener_hears_what_comes_and_not_what_was(house: House) -> None:
    house.bank.hear(completed(1))
    listener = Listener()
    house.bank.register(listener)
    house.bank.hear(completed(2))
    assert len(listener.heard) == 1
    house.bank.register(second := Listener())
    house.bank.hear(completed(3))
    assert (len(listener.heard), len(second.heard)) == (2, 1)


def test_a_process_that_dies_while_it_tells_loses_no_news(house: House, listener: Listener) -> None:
    house.bank.hear(completed(1))
    listener.dies = True
    with pytest.raises(KeyboardInterrupt):
        house.bank.hear(completed(2))
    listener.dies = False
    house.bank.hear(completed(3))
    events = [news.event_id for news in listener.heard]
    assert len(set(events)) == 3
    assert [news.id for news in listener.heard] == [row.id for row in written(house)]


def test_what_is_told_again_has_the_same_id(house: House, listener: Listener) -> None:
    house.bank.hear(completed())
    with writing(house.runtime.engine) as connection:
        rows.move(connection, outbox.READER, Place(0, 0), moment())
    assert outbox.tell(house.runtime) == 1
    first, again = listener.heard
    assert first == again
    assert first.id


def test_a_listener_that_sends_completions_hears_of_them_too(house: House) -> None:
    class Echo(Listener):
        @hookimpl
        def credit_posted(self, news: Any) -> None:
            self._hear(news)
            if len(self.heard) < 3:
                house.bank.hear(completed(len(self.heard) + 1))

    echo = Echo()
    house.bank.register(echo)
    house.bank.hear(completed(1))
    assert len(echo.heard) == 3


def test_the_news_of_an_account_come_in_their_order(house: House, listener: Listener) -> None:
    house.bank.hear(completed(1))
    house.bank.hear(revoked(1, revoked_at=moment(20)))
    house.bank.hear(completed(1, completed_at=moment(21), event_id="again"))
    assert [type(news).__name__ for news in listener.heard] == ["CreditPosted", "CreditReversed", "CreditPosted"]


def test_many_threads_tell_every_piece_once(house: House, listener: Listener) -> None:
    def send(first: int) -> None:
        for number in range(first, first + 5):
            house.bank.hear(completed(number))

    threads = [threading.Thread(target=send, args=(1 + 5 * place,)) for place in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    settle(house.runtime)
    outbox.tell(house.runtime)
    assert len(listener.heard) == 20
    assert len({news.id for news in listener.heard}) == 20


@pytest.fixture
def postgres_house(make_url: Any, tmp_path: Any) -> House:
    return furnish(make_app(tmp_path, make_url("postgresql")))


def test_an_unfinished_transaction_holds_news_back_so_that_none_is_passed_over(postgres_house: House) -> None:
    house, listener = postgres_house, Listener()
    house.bank.register(listener)
    other = open_engine(house.runtime.engine.url)
    with other.connect() as open_still:
        open_still.execute(text("select txid_current()"))
        house.bank.hear(completed(1))
        assert listener.heard == []
        open_still.rollback()
    assert outbox.tell(house.runtime) == 1
    other.dispose()
