"""The stage's secrets. The template names them and generates what nobody has to know; it never holds a value."""

from troposphere import AWSObject
from troposphere.secretsmanager import GenerateSecretString, Secret

from infrastructure.names import path


def secrets() -> list[AWSObject]:
    return [order_id_key(), stripe_key()]


def order_id_key() -> Secret:
    """The key under which order ids are derived. Generated once: changing `GenerateSecretString` would generate it
    again, and a customer's retry across the change would be a second order."""
    return Secret(
        "OrderIdKey",
        Name=path("order-id-key"),
        Description="HMAC key of order ids",
        GenerateSecretString=GenerateSecretString(PasswordLength=64, ExcludePunctuation=True),
        DeletionPolicy="Delete",
        UpdateReplacePolicy="Retain",
    )


def stripe_key() -> Secret:
    """Created empty. Whoever runs a stage with `payment_provider` stripe puts the key in; until then reading it fails,
    and because the template has no value for it, no update of the stack overwrites it."""
    return Secret(
        "StripeKey",
        Name=path("stripe-key"),
        Description="Stripe's secret API key; set it with put-secret-value",
        DeletionPolicy="Delete",
        UpdateReplacePolicy="Retain",
    )
