"""The API's documentation, offline: its OpenAPI document, and Swagger UI from an installed package."""

import json
from pathlib import Path
from threading import Lock

from flask import Blueprint, Response, abort, render_template, request, send_from_directory
from swagger_ui_bundle import swagger_ui_path

from creditbank_plugin.api import document, problem, problem_pages
from creditbank_plugin.api.guard import public
from creditbank_plugin.api.here import app, language
from creditbank_plugin.machines import seal
from creditbank_plugin.observed import observe
from creditbank_plugin.resources import resource_dir
from creditbank_plugin.rules.scopes import LEARNERS_GRANT, SCOPES

NAME = "creditbank_api_docs"
ASSETS = ("swagger-ui.css", "swagger-ui-bundle.js", "favicon-32x32.png")
#: For how many places of the application the document is kept: a proxy may let callers say where it is mounted.
MOST_ROOTS = 4
POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' data:",  # Swagger UI's own style sheet holds its icons
        "connect-src 'self'",
        "form-action 'self'",
        "frame-ancestors 'none'",
        "base-uri 'none'",
    )
)
_BOOT = """\
"use strict";
window.addEventListener("load", function () {
  var place = document.getElementById("api-docs");
  window.SwaggerUIBundle({
    url: place.dataset.spec,
    domNode: place,
    deepLinking: true,
    validatorUrl: null,
    presets: [window.SwaggerUIBundle.presets.apis],
    layout: "BaseLayout",
  });
});
"""


def make_blueprint(prefix: str) -> Blueprint:
    """Return the blueprint of openapi.json and the documentation page, open to everybody."""
    blueprint = Blueprint(NAME, __name__, template_folder=str(resource_dir("templates")))
    observe(blueprint)
    problem.answer_errors(blueprint)
    made: dict[str, str] = {}
    making = Lock()

    @blueprint.get("/openapi.json")
    @public
    def openapi_json() -> Response:
        root = request.script_root
        with making:
            if root not in made:
                if len(made) >= MOST_ROOTS:
                    made.clear()
                made[root] = json.dumps(document.of(app(), root, prefix), ensure_ascii=False)
        return seal(Response(made[root], content_type="application/json"))

    @blueprint.get("/docs")
    @public
    def docs() -> str:
        return render_template("creditbank/api_docs.html", language=language(), docs=NAME)

    @blueprint.get("/scopes")
    @public
    def scopes() -> str:
        return render_template(
            "creditbank/api_scopes.html", language=language(), scopes=SCOPES.values(), granted=LEARNERS_GRANT
        )

    @blueprint.get("/docs/boot.js")
    @public
    def boot() -> Response:
        return Response(_BOOT, content_type="text/javascript; charset=utf-8")

    @blueprint.get("/docs/assets/<name>")
    @public
    def asset(name: str) -> Response:
        if name not in ASSETS:
            abort(404)
        return send_from_directory(Path(str(swagger_ui_path)), name, max_age=86_400)

    problem_pages.add_pages(blueprint)

    @blueprint.after_request
    def harden(answer: Response) -> Response:
        answer.headers["Content-Security-Policy"] = POLICY
        answer.headers["X-Content-Type-Options"] = "nosniff"
        answer.headers["Referrer-Policy"] = "no-referrer"
        return answer

    return blueprint
