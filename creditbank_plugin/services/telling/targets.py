"""Whether an address may be told in this installation."""

from creditbank_plugin.rules import webhook
from creditbank_plugin.rules.webhook import Target
from creditbank_plugin.settings import Settings


def target(settings: Settings, url: str) -> Target:
    """Understand an address by the settings of this installation; ``Refused`` (422, field ``url``)."""
    ports = {int(port) for port in settings.webhook_ports.split(",")}
    return webhook.target_of(url, ports=ports, private=settings.webhook_private)
