"""How work says to a person where it is."""

from collections.abc import Callable

Tell = Callable[[str], None]
"""Takes one line for the person who waits; where it goes is for whoever started the work."""
