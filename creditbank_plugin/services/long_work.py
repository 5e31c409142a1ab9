"""Every module that has a kind of long work: importing this one makes them known to `services.jobs`.

A test finds the ones that are missing here.
"""

from creditbank_plugin.services import forecast, jobs, reviews

__all__ = ["KINDS", "forecast", "reviews"]

#: Every kind of long work by name.
KINDS = jobs.KINDS
