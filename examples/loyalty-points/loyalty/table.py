"""The DynamoDB table: an item per order, its key `order_id`, with an index `by-customer` on `customer_id`."""

from typing import Any

from .facts import Facts

BY_CUSTOMER = "by-customer"


class Table:
    """`table` is a boto3 resource of the table."""

    def __init__(self, table: Any) -> None:
        self._table = table

    def add(self, order_id: str, facts: Facts) -> None:
        """One write that may be repeated."""
        names = {f"#{name}": name for name in facts}
        values = {f":{name}": value for name, value in facts.items()}
        self._table.update_item(
            Key={"order_id": order_id},
            UpdateExpression="SET " + ", ".join(f"#{name} = :{name}" for name in facts),
            ExpressionAttributeNames=names,
            ExpressionAttributeValues=values,
        )

    def of_customer(self, customer_id: str) -> list[Facts]:
        """The rows of a customer's orders."""
        query: dict[str, Any] = {
            "IndexName": BY_CUSTOMER,
            "KeyConditionExpression": "customer_id = :customer",
            "ExpressionAttributeValues": {":customer": customer_id},
        }
        rows: list[Facts] = []
        while True:
            page = self._table.query(**query)
            rows += page["Items"]
            if "LastEvaluatedKey" not in page:
                return rows
            query["ExclusiveStartKey"] = page["LastEvaluatedKey"]
