"""The admin of a stage on this machine."""

import json
from contextlib import suppress

from checkout_api.authorizer import ADMINS
from edges.connect import Edges
from orderwire.workplace.home import Home, Login

ADMIN = "admin"


def create_admin(edges: Edges, home: Home) -> None:
    """Makes sure that the login in `home` is an admin's; the password is drawn once and stays."""
    login = home.admin() or new_login(edges, home)
    pool = json.loads(edges.parameter("cognito"))["pool_id"]
    cognito = edges.clients.cognito
    with suppress(cognito.exceptions.UsernameExistsException):  # an earlier start may have been cut off here
        cognito.admin_create_user(UserPoolId=pool, Username=login.username, MessageAction="SUPPRESS")
    cognito.admin_set_user_password(UserPoolId=pool, Username=login.username, Password=login.password, Permanent=True)
    cognito.admin_add_user_to_group(UserPoolId=pool, Username=login.username, GroupName=ADMINS)


def new_login(edges: Edges, home: Home) -> Login:
    """Random, with one character of each kind that the pool's policy asks for."""
    login = Login(ADMIN, f"Aa1-{edges.chance.token()}")
    home.keep_admin(login)
    return login
