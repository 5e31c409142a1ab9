"""The whole OpenAPI document: what flask-smorest makes of the API's routes, and the doors beside them, written by hand."""

from typing import Any

from flask import Flask

from creditbank_plugin.api import (
    case_document,
    checkpoint_document,
    links,
    path_parameters,
    security_document,
    token_document,
    xapi_document,
)
from creditbank_plugin.api.blueprint import blp
from creditbank_plugin.api.spec import make_spec


def alone(prefix: str) -> dict[str, Any]:
    """Return the document without an application: one is made that has the routes and nothing behind them."""
    app = Flask(__name__)
    app.register_blueprint(blp, url_prefix=f"{prefix}/api/v1")
    return of(app, "", prefix)


def of(app: Flask, root: str, prefix: str) -> dict[str, Any]:
    """Return the document of an application that is mounted at ``root``, with the bank below ``prefix``."""
    document = {**make_spec(app, prefix).spec.to_dict(), "servers": [{"url": root or "/"}]}
    document["paths"] = {
        **token_document.paths(prefix),
        **document["paths"],
        **xapi_document.paths(prefix),
        **checkpoint_document.paths(prefix),
        **case_document.paths(prefix),
    }
    path_parameters.describe(document["paths"])
    links.add_to(document["paths"])
    # What flask-smorest adds of itself: the shape of its own pages.
    document["components"]["schemas"].pop("PaginationMetadata", None)
    security_document.mounted(document, root)
    return document
