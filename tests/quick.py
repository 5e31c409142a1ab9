"""Applications that begin quicker: hundreds of houses are built here, of the same routes and the same templates."""

from collections.abc import Callable
from types import CodeType
from typing import Any

from flask import Flask
from jinja2 import BytecodeCache
from jinja2.bccache import Bucket
from werkzeug.routing import Rule

_builders: dict[tuple[Any, ...], Callable[..., tuple[str, str]]] = {}
_templates: dict[tuple[str, str], CodeType] = {}


class KnownRule(Rule):
    """A route that builds addresses with the function that was compiled for the same route of an earlier application.

    That function is of the route's text alone; compiling it was two thirds of the time of attaching.
    """

    def _compile_builder(self, append_unknown: bool = True) -> Callable[..., tuple[str, str]]:
        if self.defaults:
            return super()._compile_builder(append_unknown)
        key = (self.rule, tuple(self._trace), append_unknown)
        if key not in _builders:
            _builders[key] = super()._compile_builder(append_unknown)
        return _builders[key]


class KnownTemplates(BytecodeCache):
    """Templates that an earlier application compiled; the sum of its source says whether it is the same."""

    def load_bytecode(self, bucket: Bucket) -> None:
        bucket.code = _templates.get((bucket.key, bucket.checksum))

    def dump_bytecode(self, bucket: Bucket) -> None:
        assert bucket.code is not None
        _templates[bucket.key, bucket.checksum] = bucket.code


class QuickFlask(Flask):
    """Flask, but for what it would compile anew for each application."""

    url_rule_class = KnownRule
    jinja_options = {"bytecode_cache": KnownTemplates()}  # noqa: RUF012 - Flask's own word
