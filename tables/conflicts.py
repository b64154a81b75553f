"""What keeps a row from being written: somebody else writes it too."""


class Conflict(Exception):
    """A condition did not hold: somebody else changed the row between the read and the write."""


class Contended(Exception):
    """A row stayed in conflict through every attempt; the same change may succeed later."""
