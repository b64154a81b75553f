"""The admin that a smoke order is placed by: in Cognito for a block, whatever happens in it."""

import json
from contextlib import suppress

import pytest
from botocore.exceptions import ClientError

from edges.clients import PATIENT, Clients
from edges.connect import Edges
from edges.settings import Settings
from orderwire.console.problem import Problem
from orderwire.release.smoke.temporary_admin import temporary_admin


@pytest.fixture
def edges(engine):
    return Edges(Settings(stage="temporary"), Clients(engine, PATIENT))


@pytest.fixture
def pool(edges):
    cognito = edges.clients.cognito
    made = cognito.create_user_pool(PoolName="people")["UserPool"]["Id"]
    cognito.create_group(UserPoolId=made, GroupName="admins")
    value = json.dumps({"pool_id": made, "client_id": "c", "issuer": "i"})
    edges.clients.ssm.put_parameter(Name=edges.settings.path("cognito"), Value=value, Type="String", Overwrite=True)
    return made


def users(edges, pool):
    return [each["Username"] for each in edges.clients.cognito.list_users(UserPoolId=pool)["Users"]]


def test_an_admin_is_there_for_a_block_and_gone_after_it(edges, pool):
    with temporary_admin(edges) as login:
        assert users(edges, pool) == [login.username]
        groups = edges.clients.cognito.admin_list_groups_for_user(UserPoolId=pool, Username=login.username)["Groups"]
        assert [each["GroupName"] for each in groups] == ["admins"]
    assert users(edges, pool) == []


@pytest.mark.parametrize("ended", [Problem("stuck"), KeyboardInterrupt()])
def test_an_admin_is_gone_however_the_block_ends(edges, pool, ended):
    with suppress(Problem, KeyboardInterrupt), temporary_admin(edges):
        raise ended
    assert users(edges, pool) == []


def test_an_admin_that_could_not_be_made_whole_is_gone_too(edges, pool):
    edges.clients.cognito.delete_group(UserPoolId=pool, GroupName="admins")
    with pytest.raises(ClientError, match="ResourceNotFound"), temporary_admin(edges):
        raise AssertionError("nobody can be an admin")
    assert users(edges, pool) == []
