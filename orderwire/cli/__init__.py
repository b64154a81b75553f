"""The commands: arguments in, answers out. Each calls one function of one room; `orderwire.__main__` has them all."""
