"""The API's own pages of problems in a real browser: no WCAG 2.2 AA fault that axe can find, and nothing too wide."""

import pytest

from creditbank_plugin.api.problem_types import types
from tests.builders import make_app
from tests.conftest import databases
from tests.web.browser import FORMS, Look
from tests.web.world import serving

pytestmark = pytest.mark.browser


@FORMS
def test_problem_pages_are_for_everybody(chromium, axe, lang, width, request, tmp_path):
    with databases(request, tmp_path) as make, serving(make_app(tmp_path, make("sqlite"))) as address:
        look = Look(chromium, axe, address, lang, width)
        longest = max(types().values(), key=lambda each: len(each.do_th)).code
        pages = ("http_error", "insufficient_scope", longest)
        look.at("/creditbank/api/problems", *(f"/creditbank/api/problems/{code}" for code in pages))
        look.close()
