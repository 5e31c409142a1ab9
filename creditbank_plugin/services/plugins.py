"""How we speak to other plugins: questions to each alone, news to each alone."""

import logging
from collections.abc import Iterable, Iterator
from importlib import metadata
from typing import Any

from pluggy import HookImpl, PluginManager, PluginValidationError

from creditbank_hooks import news, questions
from creditbank_hooks.markers import GROUP, PROJECT
from creditbank_plugin.services import journal
from creditbank_plugin.services.settling.core_policy import CorePolicy

log = logging.getLogger(__name__)

#: The name under which our own rules are registered.
CORE = "core"
QUESTIONS = ("resolve_learner", "map_outcomes", "check_evidence", "weigh_credit")


class BrokenPluginError(ValueError):
    """An installed plugin that cannot be used: which one and why, in a sentence of English and one of Thai."""

    def __init__(self, en: str, th: str) -> None:
        super().__init__(f"{en} / {th}")
        self.en, self.th = en, th


class PluginUnavailable(Exception):  # noqa: N818 - an answer that makes a completion wait
    """A plugin that must be asked raised; the completion waits, it is not refused."""


def make_manager(load_installed: bool = True) -> PluginManager:
    """Return a manager of the side door that knows the contract and, usually, every installed plugin.

    ``BrokenPluginError`` names one that cannot be imported or is not understood: without it a check of evidence would be
    missing and nobody would know.
    """
    manager = PluginManager(PROJECT)
    manager.add_hookspecs(questions)
    manager.add_hookspecs(news)
    if load_installed:
        for entry in metadata.entry_points(group=GROUP):
            if manager.get_plugin(entry.name) is None:
                _load(manager, entry)
    return manager


def house_manager() -> PluginManager:
    """Return the manager of an installation: every installed plugin, and the bank's own rules."""
    manager = make_manager()
    register(manager, CorePolicy(), CORE)
    return manager


def _load(manager: PluginManager, entry: metadata.EntryPoint) -> None:
    named = f"{entry.name!r} ({entry.value})"
    try:
        plugin = entry.load()
    except Exception as error:
        why = f"{type(error).__name__}: {error}"
        raise BrokenPluginError(
            f"the plugin {named} of the group {GROUP} cannot be imported ({why}): repair or uninstall it",
            f"โหลดปลั๊กอิน {named} ไม่ได้ ให้แก้ไขหรือถอนการติดตั้ง",
        ) from error
    try:
        register(manager, plugin, entry.name)
    except (ValueError, PluginValidationError) as error:
        raise BrokenPluginError(
            f"the plugin {named} of the group {GROUP} is not understood: {error}",
            f"ปลั๊กอิน {named} ไม่ตรงกับข้อตกลงของธนาคารหน่วยกิต",
        ) from error


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


def asks_others(manager: PluginManager) -> bool:
    """Tell whether anybody but the bank's own rules answers our questions."""
    return any(each.plugin_name != CORE for hook in QUESTIONS for each in getattr(manager.hook, hook).get_hookimpls())


def has_listeners(manager: PluginManager, hooks: Iterable[str]) -> bool:
    """Tell whether anybody implements one of ``hooks``."""
    return any(getattr(manager.hook, hook).get_hookimpls() for hook in hooks)


def announce(manager: PluginManager, hook: str, **facts: Any) -> None:
    """Tell every listener, each on its own: what one raises is logged (by its type alone) and the rest still hear."""
    for listener in _implementations(manager, hook):
        try:
            listener.function(*[facts[name] for name in listener.argnames])
        except Exception as error:
            log.error("plugin %s failed in %s: %s", listener.plugin_name, hook, type(error).__name__)
            journal.plugin_failed(hook)


def _implementations(manager: PluginManager, hook: str) -> Iterator[HookImpl]:
    yield from reversed(getattr(manager.hook, hook).get_hookimpls())


def _ask(implementation: HookImpl, hook: str, facts: dict[str, Any]) -> Any:
    try:
        return implementation.function(*[facts[name] for name in implementation.argnames])
    except Exception as error:
        # The error's own text may repeat what the plugin was told; only its type goes into the log.
        log.error("plugin %s failed in %s: %s", implementation.plugin_name, hook, type(error).__name__)
        journal.plugin_failed(hook)
        raise PluginUnavailable(implementation.plugin_name) from None
