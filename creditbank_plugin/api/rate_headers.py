"""Rate limits as callers see them: RateLimit-Policy, RateLimit (draft-ietf-httpapi-ratelimit-headers) and 429."""

from flask import Response, g, request

from creditbank_plugin.api import problem
from creditbank_plugin.api.guard import caller
from creditbank_plugin.api.here import runtime
from creditbank_plugin.rules.rate import WINDOW, Stand, too_often

#: The name of the quota of one client, and of the token endpoint.
CLIENT, TOKENS = "client", "tokens"
#: From one address several clients may come: so many times what one may ask for.
ADDRESS_FACTOR = 10


def count_client() -> Response | None:
    """Count a call of the client that is let in; return the 429 that it gets above its quota, else None.

    The quota is the client's own (``per_minute``), or the setting ``rate_per_minute``.
    """
    access, now = caller(), runtime()
    quota = access.per_minute if access.per_minute is not None else now.settings.rate_per_minute
    return _told(CLIENT, now.rates.count(quota, CLIENT, access.client_id))


def count_token_request(client_id: str | None) -> Response | None:
    """Count a call of a token endpoint, by its address and by client and address; return the 429 above either quota.

    The id alone proves nothing before it is checked: counted by itself, anybody could use up another's quota.
    """
    now, address = runtime(), request.remote_addr or ""
    quota = now.settings.token_rate_per_minute
    refusal = _told(TOKENS, now.rates.count(quota * ADDRESS_FACTOR, TOKENS, address))
    if refusal is None and client_id is not None:
        refusal = _told(TOKENS, now.rates.count(quota, TOKENS, address, client_id[:48]))
    return refusal


def dress(answer: Response) -> Response:
    """Give an answer the headers of the quota that its request was counted by."""
    counted = g.get("creditbank_rate")
    if counted is not None:
        name, stand = counted
        answer.headers["RateLimit-Policy"] = f'"{name}";q={stand.quota};w={WINDOW}'
        answer.headers["RateLimit"] = f'"{name}";r={stand.left};t={stand.seconds}'
    return answer


def _told(name: str, stand: Stand | None) -> Response | None:
    if stand is None:
        return None
    g.creditbank_rate = (name, stand)
    if stand.allowed:
        return None
    made = problem.refused(too_often())
    made.headers["Retry-After"] = str(stand.seconds)
    return made
