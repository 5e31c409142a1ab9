"""Every module that has a kind of long work: importing this one makes them known to `services.jobs`.

A test finds the ones that are missing here.
"""

from creditbank_plugin.services import framework_jobs, import_work, jobs

#: Every kind of long work by name.
KINDS = jobs.KINDS

__all__ = ["KINDS", "framework_jobs", "import_work"]
