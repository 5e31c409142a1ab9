"""What every service needs, handed over as one value."""

from collections.abc import Callable
from dataclasses import dataclass, field, fields
from datetime import UTC, date, datetime
from typing import Any

from pluggy import PluginManager
from sqlalchemy import Engine

from creditbank_plugin.rules import thai
from creditbank_plugin.services.gathering import Gathering
from creditbank_plugin.services.keys import Keyring
from creditbank_plugin.services.remembering import Memory, Uses
from creditbank_plugin.settings import Settings
from creditbank_plugin.storage.session import Limits


def utc_now() -> datetime:
    """Return the present moment."""
    return datetime.now(UTC)


def limits_of(settings: Settings) -> Limits:
    """Return the limits of an engine as the settings name them."""
    return Limits(**{each.name: getattr(settings, each.name) for each in fields(Limits)})


@dataclass
class Runtime:
    """The database, the settings, the keys, the plugins we ask, the clock, the row of those who send, tokens and their use.

    ``was_ready``: its tables were once seen to be of this version (see `services.health`).
    """

    engine: Engine
    settings: Settings
    keyring: Keyring
    plugins: PluginManager
    clock: Callable[[], datetime] = field(default=utc_now)
    was_ready: bool = False
    intake: Gathering[Any, Any] = field(default_factory=Gathering)
    memory: Memory = field(default_factory=Memory)
    uses: Uses = field(default_factory=Uses)

    def today(self) -> date:
        """Return the present day in Bangkok."""
        return thai.bangkok_day(self.clock())
