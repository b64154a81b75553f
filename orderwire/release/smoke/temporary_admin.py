"""An admin for the length of a block: nobody has to keep a password for a release, or leave one behind."""

from collections.abc import Iterator
from contextlib import contextmanager

from checkout_api.authorizer import ADMINS
from checkout_api.pool import Pool
from edges.connect import Edges
from orderwire.workplace.home import Login


@contextmanager
def temporary_admin(edges: Edges) -> Iterator[Login]:
    """Created with the credentials of whoever runs this, gone after the block, whatever happened in it."""
    cognito, pool = edges.clients.cognito, Pool.of(edges).pool_id
    login = Login(f"smoke-{edges.chance.token()}", f"Aa1-{edges.chance.token()}")
    cognito.admin_create_user(UserPoolId=pool, Username=login.username, MessageAction="SUPPRESS")
    try:
        cognito.admin_set_user_password(
            UserPoolId=pool, Username=login.username, Password=login.password, Permanent=True
        )
        cognito.admin_add_user_to_group(UserPoolId=pool, Username=login.username, GroupName=ADMINS)
        yield login
    finally:
        cognito.admin_delete_user(UserPoolId=pool, Username=login.username)
