"""The headers of our answers, and only of ours."""

from flask import Blueprint, Response, g, request

POLICY = "; ".join(
    (
        "default-src 'none'",
        "style-src 'self'",
        "img-src 'self'",
        "script-src 'self'",
        "form-action 'self'",
        "frame-ancestors 'none'",
        "base-uri 'none'",
    )
)
ALWAYS = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    # The origin alone may be told to ourselves: a host's own guard against forged forms may ask for it.
    "Referrer-Policy": "same-origin",
    "X-Frame-Options": "DENY",
    "Cross-Origin-Opener-Policy": "same-origin",
}


def let_forms_lead_to(sources: str) -> None:
    """Let forms of the page that is being answered lead to these sources of CSP too, also by a redirect."""
    g.creditbank_form_sources = sources


def prepare(blueprint: Blueprint) -> None:
    """Set the headers on every answer of the blueprint: pages are personal and never cached, files that are there may be."""

    def set_headers(response: Response) -> Response:
        for name, value in ALWAYS.items():
            response.headers[name] = value
        if further := g.get("creditbank_form_sources"):
            response.headers["Content-Security-Policy"] = POLICY.replace(
                "form-action 'self'", f"form-action 'self' {further}"
            )
        if request.endpoint == f"{blueprint.name}.static" and response.status_code in (200, 304):
            response.headers["Cache-Control"] = "public, max-age=3600"
        else:
            response.headers["Cache-Control"] = "private, no-store"
            response.vary.add("Cookie")
        return response

    blueprint.after_request(set_headers)
