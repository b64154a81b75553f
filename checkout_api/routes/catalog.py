"""The catalog: shown to anyone, changed by admins."""

from checkout_api.http.description import Description
from checkout_api.http.fields import SkuAsked
from checkout_api.http.requests import ProductAsked, Restocking, parse_body
from checkout_api.http.routing import Answer, Call, Route
from checkout_api.http.shapes import OwnProduct, Product, StockLevels
from checkout_api.orders.products import catalog, put_product, restock
from edges.connect import Edges

SHOW = Description("Every product, by name", list[Product])
PUT = Description(
    "Create or replace a product",
    OwnProduct,
    body=ProductAsked,
    params={"sku": SkuAsked},
)
RESTOCK = Description(
    "Add copies of a product, or take some away",
    StockLevels,
    body=Restocking,
    params={"sku": SkuAsked},
    problems={404: "There is no such product.", 409: "There are fewer copies, or more than can be counted."},
)


class CatalogRoutes:
    def __init__(self, edges: Edges) -> None:
        self._edges = edges

    def routes(self) -> list[Route]:
        return [
            Route("GET", "/catalog", self.show, about=SHOW),
            Route("PUT", "/catalog/{sku}", self.put, admin=True, about=PUT),
            Route("POST", "/catalog/{sku}/stock", self.restock, admin=True, about=RESTOCK),
        ]

    def show(self, call: Call) -> Answer:  # noqa: ARG002
        return Answer(200, catalog(self._edges))

    def put(self, call: Call) -> Answer:
        """200 and the product as it is now, whether it was there before or not."""
        return Answer(200, put_product(self._edges, call.params["sku"], parse_body(ProductAsked, call.body)))

    def restock(self, call: Call) -> Answer:
        """200 and the product's stock. Not idempotent: a delta sent twice counts twice."""
        return Answer(200, restock(self._edges, call.params["sku"], parse_body(Restocking, call.body).delta))
