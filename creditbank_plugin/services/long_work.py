"""Every module that has a kind of long work: importing this one makes them known to `services.jobs`.

A test finds the ones that are missing here.
"""

from creditbank_plugin.services import jobs
from creditbank_plugin.services.catalogue import framework_jobs
from creditbank_plugin.services.comparing import reviews
from creditbank_plugin.services.forecasting import forecast
from creditbank_plugin.services.importing import import_work

__all__ = ["KINDS", "forecast", "framework_jobs", "import_work", "reviews"]

#: Every kind of long work by name.
KINDS = jobs.KINDS
