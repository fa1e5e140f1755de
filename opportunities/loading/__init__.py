"""A city's data pack: a folder of readable files, checked as a whole, then loaded in one transaction.

Loading again is safe: entries that staff have edited since are reported and kept, unless told to
overwrite. The files and their columns: docs/data-pack.md.
"""

from .loader import Loader, LoadReport, described, load_pack
from .pack import Pack, PackPart, read_pack
from .reader import PackError, PackInvalid, Reader, Row

__all__ = [
    "LoadReport",
    "Loader",
    "Pack",
    "PackError",
    "PackInvalid",
    "PackPart",
    "Reader",
    "Row",
    "described",
    "load_pack",
    "read_pack",
]
