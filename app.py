"""Chalice's entry: registers the routes and the consumers, nothing else."""

import os

from chalice.app import Chalice

from checkout_api import registry as api
from consumers import registry as consumers
from edges.connect import connect

in_lambda = "AWS_LAMBDA_FUNCTION_NAME" in os.environ
edges = connect(os.environ)
app = Chalice(app_name=edges.settings.name("api"))  # what API Gateway calls the API, in its metrics too
api.register(app, edges, consumers=consumers.names(), in_lambda=in_lambda)
if not in_lambda:  # deploying needs the consumers, the API's own cold start does not
    consumers.register(app, edges.settings)
