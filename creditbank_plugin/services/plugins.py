"""How we speak to other plugins: questions to each alone, news to each alone."""

import logging
from collections.abc import Iterator
from typing import Any

from pluggy import HookImpl, PluginManager, PluginValidationError

from creditbank_hooks import news, questions
from creditbank_hooks.markers import GROUP, PROJECT

log = logging.getLogger(__name__)


class PluginUnavailable(Exception):  # noqa: N818 - an answer that makes a completion wait
    """A plugin that must be asked raised; the completion waits, it is not refused."""


def make_manager(load_installed: bool = True) -> PluginManager:
    """Return a manager of the side door that knows the contract and, usually, every installed plugin."""
    manager = PluginManager(PROJECT)
    manager.add_hookspecs(questions)
    manager.add_hookspecs(news)
    if load_installed:
        manager.load_setuptools_entrypoints(GROUP)
    manager.check_pending()
    return manager


def register(manager: PluginManager, plugin: object, name: str | None = None) -> None:
    """Register a plugin and check that it was understood: one marked for another project is ignored in silence."""
    manager.register(plugin, name)
    if not manager.get_hookcallers(plugin):
        manager.unregister(plugin)
        raise ValueError(f"{plugin!r} implements no hook of the project {PROJECT!r}: look at its markers")
    try:
        manager.check_pending()
    except PluginValidationError:
        manager.unregister(plugin)
        raise


def first_answer(manager: PluginManager, hook: str, **facts: Any) -> Any:
    """Return the first answer that is not None; an implementation that raises makes the question unanswerable."""
    for implementation in _implementations(manager, hook):
        answer = _ask(implementation, hook, facts)
        if answer is not None:
            return answer
    return None


def every_answer(manager: PluginManager, hook: str, **facts: Any) -> list[Any]:
    """Return every answer that is not None; one implementation that raises makes the question unanswerable."""
    answers = [_ask(implementation, hook, facts) for implementation in _implementations(manager, hook)]
    return [answer for answer in answers if answer is not None]


def announce(manager: PluginManager, hook: str, **facts: Any) -> None:
    """Tell every listener, each on its own: what one raises is logged (by its type alone) and the rest still hear."""
    for listener in _implementations(manager, hook):
        try:
            listener.function(*[facts[name] for name in listener.argnames])
        except Exception as error:
            log.error("plugin %s failed in %s: %s", listener.plugin_name, hook, type(error).__name__)


def _implementations(manager: PluginManager, hook: str) -> Iterator[HookImpl]:
    yield from reversed(getattr(manager.hook, hook).get_hookimpls())


def _ask(implementation: HookImpl, hook: str, facts: dict[str, Any]) -> Any:
    try:
        return implementation.function(*[facts[name] for name in implementation.argnames])
    except Exception as error:
        # The error's own text may repeat what the plugin was told; only its type goes into the log.
        log.error("plugin %s failed in %s: %s", implementation.plugin_name, hook, type(error).__name__)
        raise PluginUnavailable(implementation.plugin_name) from None
