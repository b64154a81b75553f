"""`python -m orderwire`."""

from orderwire.cli import main

main()
