"""Lambda that runs a stage's functions in this process: moto would want Docker for it."""

import io
import json
from contextlib import suppress
from typing import Any

from checkout_api.redrive import Redrive
from edges.connect import Edges


class Functions:
    """Lambda with the function `redrive`. One that raises, as this does with `fail_with`, is answered as Lambda does:
    with 200 and a FunctionError."""

    fail_with: Exception | None = None

    def __init__(self, real: Any, edges: Edges, redrive: Redrive) -> None:
        self._real, self._names = real, {f"orderwire-{edges.settings.stage}-{redrive.__name__}": redrive}

    def invoke(self, **call: Any) -> Any:
        with suppress(self._real.exceptions.ResourceNotFoundException):  # botocore checks the request
            self._real.invoke(**call)
        try:
            if self.fail_with:
                raise self.fail_with
            answer = self._names[call["FunctionName"]](json.loads(call["Payload"]))
        except Exception as error:
            told = {"errorMessage": str(error), "errorType": type(error).__name__}
            return {"StatusCode": 200, "FunctionError": "Unhandled", "Payload": body(told)}
        return {"StatusCode": 200, "Payload": body(answer)}


def body(answer: Any) -> io.BytesIO:
    return io.BytesIO(json.dumps(answer).encode())
