"""What a handler raises when it cannot finish. Any other exception counts as one that may pass."""


class Hopeless(Exception):
    """This record can never succeed: it goes to the dead-letter queue at once, with this text as its reason."""


class TryLater(Exception):
    """What is missing may come, or what failed may pass: the record is received again after a growing delay."""
