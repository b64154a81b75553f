"""Chalice's entry: registers the routes and the consumers, nothing else."""

import os

from chalice.app import Chalice

from checkout_api import registry as api
from consumers import registry as consumers
from edges.connect import connect

edges = connect(os.environ)
app = Chalice(app_name="orderwire")
api.register(app, edges, consumers=[subscription.name for subscription in consumers.subscriptions()])
consumers.register(app, edges.settings)
