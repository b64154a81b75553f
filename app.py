"""Chalice's entry: registers the routes and the consumers, nothing else."""

import os

from chalice.app import Chalice

from consumers import registry
from edges.connect import connect

edges = connect(os.environ)
app = Chalice(app_name="orderwire")
registry.register(app, edges.settings)
