"""Tell listeners what a transaction has done, after it has committed."""

from collections.abc import Sequence

from pluggy import PluginManager

from creditbank_plugin.services.plugins import announce


def announce_all(plugins: PluginManager, news: Sequence[tuple[str, object]]) -> None:
    """Announce pairs of hook name and news value, in order."""
    for hook, value in news:
        announce(plugins, hook, news=value)
