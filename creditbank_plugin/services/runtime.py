"""What every service needs, handed over as one value."""

from collections.abc import Callable
from dataclasses import dataclass, field, fields
from datetime import UTC, date, datetime
from functools import cached_property
from typing import TYPE_CHECKING, Any

from pluggy import PluginManager
from sqlalchemy import Engine

from creditbank_plugin.rules import thai
from creditbank_plugin.services.gathering import Gathering
from creditbank_plugin.services.keys import Keyring
from creditbank_plugin.services.remembering import Memory, Uses
from creditbank_plugin.services.telling.postman import Postman
from creditbank_plugin.settings import Settings
from creditbank_plugin.storage.session import Limits

if TYPE_CHECKING:
    from creditbank_plugin.services.rates import Rates


def utc_now() -> datetime:
    """Return the present moment."""
    return datetime.now(UTC)


def limits_of(settings: Settings) -> Limits:
    """Return the limits of an engine as the settings name them."""
    return Limits(**{each.name: getattr(settings, each.name) for each in fields(Limits)})


@dataclass
class Runtime:
    """The database, the settings, the keys, the plugins we ask, the clock, who sends, tokens and their use, and our postman.

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
    postman: Postman = field(default_factory=Postman)

    @cached_property
    def rates(self) -> "Rates":
        """Return the counters of calls: of this process, or those that processes share (setting ``rate_storage``)."""
        from creditbank_plugin.services.rates import Rates  # what it needs loads slowly: only who answers calls waits

        return Rates(self.settings.rate_storage)

    def today(self) -> date:
        """Return the present day in Bangkok."""
        return thai.bangkok_day(self.clock())
