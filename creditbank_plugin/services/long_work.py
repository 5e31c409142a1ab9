"""Every module that has a kind of long work: importing this one makes them known to `services.jobs`.

A test finds the ones that are missing here.
"""

from creditbank_plugin.services import forecast, framework_jobs, import_work, jobs, reviews

__all__ = ["KINDS", "forecast", "framework_jobs", "import_work", "reviews"]

#: Every kind of long work by name.
KINDS = jobs.KINDS
