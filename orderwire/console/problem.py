"""What a person can put right: shown as one line, without a traceback, with exit code 2."""


class Problem(Exception):
    """The text says what is wrong and what to do about it."""
