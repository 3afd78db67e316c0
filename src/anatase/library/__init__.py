"""The reference structures: the embedded library, the user's additions, folders of structure files."""

from anatase.library.entry import Entry
from anatase.library.library import Library
from anatase.library.opening import open_library

__all__ = ["Entry", "Library", "open_library"]
