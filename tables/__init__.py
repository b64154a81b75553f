"""One module per DynamoDB table: its declaration with its one owner, its rows, and the ways they are read and written.

Rows change by a pure function between a read and a write that is conditional on the row's version. Imports edges and
schemas.
"""
