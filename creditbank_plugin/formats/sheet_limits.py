"""How much a spreadsheet may be before it is refused."""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Limits:
    """Bytes of the file and of what it unpacks to, rows, columns, characters in a cell; what the reading process may take.

    A province gathers some thousands of courses: the limits are far above that, and low enough that a file can neither
    fill a machine's memory nor its time.  ``ratio`` is how many times its size a part may unpack to, where that is more
    than ``ratio_from_bytes``; an ordinary sheet of the same row over and over stays below 150.  ``directory_bytes`` is the
    list of a packed file's parts, which is read whole before anything else can be asked.
    """

    file_bytes: int = 32 << 20
    unpacked_bytes: int = 192 << 20
    ratio: int = 300
    ratio_from_bytes: int = 4 << 20
    rows: int = 50_001
    columns: int = 200
    cell_characters: int = 32_767
    characters: int = 100_000_000
    merged_areas: int = 100_000
    directory_bytes: int = 1 << 20
    memory_megabytes: int = 1024
    seconds: int = 60


LIMITS = Limits()
