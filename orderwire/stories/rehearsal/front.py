"""What API Gateway itself does with a request: its routes, its authorizer, its answers to other origins."""

from orderwire.stories.check import Check, check
from orderwire.workplace.api_client import ApiAnswer, ApiClient

SOMEBODY = "eyJhbGciOiJub25lIn0.e30."
"""A token that nobody has signed."""


def front_door(shop: ApiClient) -> Check:
    """Who has no right is refused before a function runs, and the book store is not there unless the stage opens it.
    What API Gateway refuses by itself looks as the API's own answers do."""
    wanted = {
        ("GET", "/health", ""): 200,
        ("GET", "/nowhere", ""): 404,
        ("PATCH", "/orders", ""): 404,
        ("GET", "/orders", ""): 401,
        ("GET", "/orders", SOMEBODY): 403,
        ("POST", "/books/order", ""): 404,
    }
    wrong = []
    for (method, path, token), status in wanted.items():
        answer = shop.request(method, path, headers={"Authorization": f"Bearer {token}"} if token else None)
        if answer.status != status or (status >= 400 and not is_problem(answer)):
            wrong.append(f"{method} {path} was answered {answer.status}, not {status} as a problem: {answer.body}")
    return check("API Gateway routes, and refuses", f"{len(wanted)} requests", wrong)


def is_problem(answer: ApiAnswer) -> bool:
    return isinstance(answer.body, dict) and str(answer.body.get("type", "")).startswith("urn:orderwire:problem:")
