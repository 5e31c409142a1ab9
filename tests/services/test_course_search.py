"""The search index is never stale: what one process enters, another finds at once."""

import threading
from dataclasses import replace

from creditbank_plugin.services.actor import administrator
from creditbank_plugin.services.catalogue import course_pages, courses
from creditbank_plugin.services.catalogue.course_pages import Filter
from creditbank_plugin.services.runtime import Runtime
from tests.builders import House, Place, furnish, make_app
from tests.conftest import close
from tests.services.test_course_pages import WELD

ADMIN = administrator("test")


def titles(runtime: Runtime, words: str) -> list[str]:
    return [row.title_th for row in course_pages.page(runtime, Filter(), words).items]


def two_houses(place: Place) -> tuple[House, House]:
    """Two applications on one database, each with an engine and an index of its own, as two processes have."""
    one = furnish(make_app(place.folder, place.url))
    return one, make_app(place.folder, place.url)


def test_what_one_enters_the_other_finds_at_once(place: Place) -> None:
    one, other = two_houses(place)
    assert one.runtime.engine is not other.runtime.engine
    assert titles(one.runtime, "เชื่อม") == titles(other.runtime, "เชื่อม") == []
    courses.put_courses(one.runtime, [WELD], by=ADMIN)
    assert titles(other.runtime, "เชื่อม") == [WELD.title_th]
    courses.put_courses(other.runtime, [replace(WELD, title_th="งานเชื่อมขั้นสูง")], by=ADMIN)
    assert titles(one.runtime, "เชื่อม") == ["งานเชื่อมขั้นสูง"]
    assert titles(one.runtime, "เบื้องต้น") == []
    moved = replace(WELD, title_th="งานเชื่อมขั้นสูง", province="50")
    courses.put_courses(one.runtime, [moved], by=ADMIN)
    found = course_pages.page(other.runtime, Filter({"province": "50"}), "เชื่อม")
    assert [row.code for row in found.items] == [WELD.code]
    assert course_pages.page(other.runtime, Filter({"province": "51"}), "เชื่อม").items == []
    close(other)
    close(one)


def test_whoever_searches_while_others_enter_finds_what_they_entered(place: Place) -> None:
    one, other = two_houses(place)
    missed: list[str] = []

    def enter(house: House, reader: House, name: str) -> None:
        for number in range(8):
            title = f"{name}{number:04} เชื่อมโลหะ"
            row = replace(WELD, code=f"{name}-{number}", title_th=title, title_en=None)
            courses.put_courses(house.runtime, [row], by=ADMIN)
            if title not in titles(reader.runtime, title)[:1]:
                missed.append(title)

    pairs = ((one, other, "ก"), (other, one, "ข"), (one, one, "ค"))
    threads = [threading.Thread(target=enter, args=each) for each in pairs]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert missed == []
    close(other)
    close(one)
