"""Two types of events of nobody's."""

from eventbridge_rules import EventType, House, Mark, shape_of
from eventbridge_rules.house import REPLAYED

SCHEMA = {
    "type": "object",
    "required": ["id", "carrier", "weight", "lines"],
    "properties": {
        "id": {"type": "string", "minLength": 1, "maxLength": 40},
        "carrier": {"enum": ["dhl", "ups"]},
        "weight": {"type": "number", "minimum": 0, "maximum": 10000000000, "multipleOf": 0.5},
        "host": {"type": "string", "maxLength": 60},
        "note": {"type": "string", "pattern": r"^\w+$"},
        "drill": {"const": True},
        "lines": {"type": "array", "minItems": 1, "items": {"$ref": "#/$defs/Line"}},
    },
    "$defs": {
        "Line": {
            "type": "object",
            "required": ["sku", "count"],
            "properties": {
                "sku": {"type": "string", "pattern": "^[A-Z]{3}[0-9]{1,4}$"},
                "count": {"type": "integer", "minimum": 1, "maximum": 99},
            },
        }
    },
}
EXAMPLE = {"id": "p-1", "carrier": "dhl", "weight": 2.5, "lines": [{"sku": "ABC1", "count": 2}]}
PARCEL = EventType("parcel.sent", "acme.parcels", SCHEMA, EXAMPLE)
RETURNED = EventType(
    "parcel.returned", "acme.parcels", {"type": "object", "required": ["id"], "properties": {"id": {"type": "string"}}},
    {"id": "p-1"},
)  # fmt: skip
HOUSE = House((REPLAYED, Mark("detail.drill", "hears drills too; to leave them out")), "replays or drills")
SHAPES = [shape_of(PARCEL, HOUSE), shape_of(RETURNED, HOUSE)]
