"""Run with `python -I -S`: one Lambda function with nothing to import but the standard library and what was packed.

Standard input: {"path": [folders, as Lambda has them], "handler": "module.attribute", "environment", "events"}.
Standard output, last line: {"answers": what the function answered or raised, "modules": name -> file of all imported}.
"""

import importlib
import json
import os
import sys


class Context:
    """What our functions use of Lambda's context."""

    function_name, memory_limit_in_mb, aws_request_id = "packed", 512, "11111111-1111-1111-1111-111111111111"
    invoked_function_arn = "arn:aws:lambda:eu-central-1:000000000000:function:packed"

    def get_remaining_time_in_millis(self):
        return 30_000


def main():
    task = json.load(sys.stdin)
    os.environ.clear()
    os.environ.update(task["environment"])
    sys.path[:0] = task["path"]
    module, _, attribute = task["handler"].rpartition(".")
    handler = getattr(importlib.import_module(module), attribute)
    modules = {name: getattr(each, "__file__", None) for name, each in sys.modules.items()}
    answers = [handler(event, Context()) for event in task["events"]]
    sys.stdout.write("\n" + json.dumps({"answers": answers, "modules": modules}) + "\n")


main()
