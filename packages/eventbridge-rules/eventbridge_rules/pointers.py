"""JSON pointers, by which refusals and verdicts name a place."""


def json_pointer(location: tuple[int | str, ...]) -> str:
    """RFC 6901: `("items", 0, "sku")` is `/items/0/sku`."""
    return "".join("/" + str(part).replace("~", "~0").replace("/", "~1") for part in location)
