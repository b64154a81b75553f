"""Every table of a stage: the `TABLE` of each module of this folder that has one."""

from importlib import import_module
from pkgutil import iter_modules

import tables
from tables.declaration import Table


def _declared() -> tuple[Table, ...]:
    """In the order of the modules' names."""
    names = sorted(module.name for module in iter_modules(tables.__path__) if module.name != "registry")
    found = [getattr(import_module(f"tables.{name}"), "TABLE", None) for name in names]
    return tuple(dict.fromkeys(table for table in found if isinstance(table, Table)))


TABLES = _declared()
