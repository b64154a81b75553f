"""Every table of a stage."""

from tables import catalog, mails, metrics, order_log, orders, payments, reservations, sandbox_ledger, stock
from tables.declaration import Table

TABLES: tuple[Table, ...] = (
    orders.TABLE,
    catalog.TABLE,
    stock.TABLE,
    reservations.TABLE,
    payments.TABLE,
    sandbox_ledger.TABLE,
    mails.TABLE,
    metrics.TABLE,
    order_log.TABLE,
)
