"""The embedded AWS: ministack as a child process on loopback, with the stack of `infrastructure/` in it."""
