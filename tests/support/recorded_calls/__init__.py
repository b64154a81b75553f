"""Which AWS calls each Lambda function makes while tests run, and whether its policy lets it make these and no others.

`recorder` hears of every call in every process of a test run and asks `caller` whose it is; `needs` says what IAM asks
for the call; `verdict` checks that against the policies; `plugin` does so at the end of a run of pytest.
"""
