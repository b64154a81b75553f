"""`orderwire replay`: what the archive holds of some time, handed again to consumers that it cannot harm."""
