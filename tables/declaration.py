"""How a table is declared. The stack's template and the functions' policies are rendered from these."""

from dataclasses import dataclass

from edges.grants import Grant


@dataclass(frozen=True)
class Index:
    """A global secondary index; `includes` are the attributes projected besides the keys."""

    name: str
    partition: str
    sort: str
    includes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Table:
    """A table with one string key. `owner` is the function that creates its rows; the functions in `also` change them
    too.

    `expires` names the TTL attribute; rows that guard an effect have none, because they must outlive the archive.
    """

    name: str
    owner: str
    key: str
    also: tuple[str, ...] = ()
    indexes: tuple[Index, ...] = ()
    expires: str | None = None

    def allow(self, *actions: str) -> Grant:
        """May do `actions` (DynamoDB's own names) on the rows of this table."""
        return Grant("dynamodb", actions, f"table/orderwire-{{stage}}-{self.name}")

    def allow_index(self, index: str, *actions: str) -> Grant:
        """May do `actions` on one index of this table."""
        return Grant("dynamodb", actions, f"table/orderwire-{{stage}}-{self.name}/index/{index}")
