"""`orderwire demo`: the sample orders from POST to their ends, and whether everything balances then."""
