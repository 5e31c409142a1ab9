"""The pluggy markers of the two doors.

The *front door* is the host's own manager: project ``lms``, entry-point group ``lms.plugins``.
The *side door* is ours: project ``creditbank``, group ``creditbank.plugins``.
"""

from pluggy import HookimplMarker, HookspecMarker

HOST_PROJECT = "lms"
HOST_GROUP = "lms.plugins"
PROJECT = "creditbank"
GROUP = "creditbank.plugins"

hookspec = HookspecMarker(PROJECT)
hookimpl = HookimplMarker(PROJECT)
host_hookspec = HookspecMarker(HOST_PROJECT)
host_hookimpl = HookimplMarker(HOST_PROJECT)
