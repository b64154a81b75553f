"""How a command speaks with the person before it: what it prints, its errors, how it waits and is stopped."""
