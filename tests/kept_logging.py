"""What commands and a host's Alembic do to the logging of the whole process is undone when a test is over."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def kept_logging() -> Iterator[None]:
    """Put back the root's handlers, and what each logger hears, at the end of the block."""
    root = logging.getLogger()
    handlers, before = root.handlers[:], {logger: (logger.level, logger.disabled) for logger in _loggers()}
    try:
        yield
    finally:
        root.handlers[:] = handlers
        for logger in _loggers():
            level, logger.disabled = before.get(logger, (logging.NOTSET, False))
            logger.setLevel(level)


def _loggers() -> list[logging.Logger]:
    made = [each for each in logging.root.manager.loggerDict.values() if isinstance(each, logging.Logger)]
    return [logging.getLogger(), *made]
