"""What the commands do, as functions of plain data and edges; `orderwire.cli` reads arguments and prints answers."""
