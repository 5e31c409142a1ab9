"""A page for each type of problem, open to everybody: what it means and what to do, in Thai and in English."""

from flask import Blueprint, Response, abort, make_response, render_template

from creditbank_plugin.api.guard import public
from creditbank_plugin.api.problem_types import types

SECONDS = 3600  # that anybody may keep a page


def add_pages(blueprint: Blueprint) -> None:
    """Mount the list of problems and the page of each on the blueprint of the documentation."""

    @blueprint.get("/problems")
    @public
    def problems() -> Response:
        return _page("creditbank/api_problems.html", problems=sorted(types().values(), key=lambda each: each.code))

    @blueprint.get("/problems/<code>")
    @public
    def problem_page(code: str) -> Response:
        found = types().get(code)
        if found is None:
            abort(404)
        return _page("creditbank/api_problem.html", problem=found)


def _page(template: str, **values: object) -> Response:
    made = make_response(render_template(template, **values))
    made.headers["Cache-Control"] = f"public, max-age={SECONDS}"
    return made
