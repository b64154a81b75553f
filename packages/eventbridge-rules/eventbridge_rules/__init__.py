"""EventBridge's pattern language: reading it, matching with it, and deciding what a rule can hear before it is there.

    grammar ── Pattern ──> match      one event: does the rule hear it, and if not, what stands in the way
                     └───> decide     every event there can be: always, sometimes, never, with witnesses and reasons

The semantics are those of Event Ruler, the library inside EventBridge (https://github.com/aws/event-ruler, read at
commits 9c483bd and 68bdcd4), and of the EventBridge user guide, "Comparison operators for use in event patterns".
"""
