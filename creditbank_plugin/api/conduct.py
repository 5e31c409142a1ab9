"""What every route of the API does beside its own work: counts its caller, answers a repeated call, tags what is read."""

from collections.abc import Callable, Sequence
from functools import wraps
from typing import Any, TypeVar, cast

from flask import Response, current_app, request
from marshmallow import Schema

from creditbank_plugin.api import ending, entity_tags, fields, idempotency, rate_headers
from creditbank_plugin.api.ending import Ending

View = TypeVar("View", bound=Callable[..., Any])


def conducted(
    view: View,
    schema: type[Schema],
    *,
    include: Sequence[str] = (),
    repeatable: bool = False,
    ends: Ending | None = None,
) -> View:
    """Return the view of a route with all this around it; the guard has let its caller in before."""

    @wraps(view)
    def conduct(*args: Any, **values: Any) -> Response:
        ending.announce(ends)
        refusal = rate_headers.count_client()
        if refusal is not None:
            return refusal
        if request.method in idempotency.UNSAFE:
            return idempotency.once(lambda: view(*args, **values), repeatable=repeatable)
        fields.read(schema, include)
        return entity_tags.tagged(current_app.make_response(view(*args, **values)))

    return cast(View, conduct)
