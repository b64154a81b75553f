"""What every Lambda function is handed: settings, AWS clients, clock, ids, the bus, the log. Imports schemas only.

`edges.connect` is the one place where they are built; everything else receives them, so that tests can pass their own.
"""
