"""`orderwire rehearse`: a whole release, and orders through what it deployed, in an account on this machine."""
