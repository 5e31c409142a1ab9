"""What columns mean is remembered for a province where its own say so, and where nobody else does."""

from creditbank_plugin.services import organisations
from creditbank_plugin.services.actor import Actor
from tests.builders import Place, furnish, make_app
from tests.services.test_course_imports import OFFICER, Desk, course


def test_what_others_say_of_columns_is_not_remembered_for_a_province(place: Place) -> None:
    desk = Desk(furnish(make_app(place.folder, place.url, CREDITBANK_SETTLE="manual")))
    strange, rows = ["ก", "ข", "ค", "ง", "จ"], [course(1)[:5]]
    columns = {"code": 0, "version": 1, "title_th": 2, "level_group": 3, "sector": 4}
    elsewhere = Actor("user:x", "x", "P50")
    organisations.add_organisation(desk.runtime, code="P50", kind="province", name_th="ศูนย์จังหวัดเชียงใหม่", province="50")
    desk.check(desk.upload(rows, elsewhere, strange, "51"), elsewhere, **columns)
    assert desk.get(desk.upload(rows, OFFICER, strange)).mapping["columns"] == {}
    desk.check(desk.upload(rows, elsewhere, strange, "50"), elsewhere, **columns)
    assert desk.get(desk.upload(rows, elsewhere, strange, "50")).mapping["columns"] == columns
