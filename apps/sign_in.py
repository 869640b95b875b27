"""Client programs that sign in the way an API of their own does: with an app's client id and secret."""

from __future__ import annotations

from apps import tokens
from apps.api_sessions import open_session
from apps.errors import WrongCredentials
from apps.oauth import clients
from apps.oauth.clients import Client
from apps.oauth.slowdown import seconds_to_wait
from apps.secrets import make


def authenticate(*, client_id: str, secret: str) -> Client:
    """Raises WrongCredentials; a guesser is slowed down exactly as at the token endpoint."""
    client = clients.authenticate(client_id, secret)
    if client is None:
        raise WrongCredentials(seconds_to_wait(client_id))
    return client


def issue_token(*, client: Client, scope: str, seconds: int) -> str:
    """An access token like any other. Raises WrongCredentials when the credentials were just replaced."""
    token = make("token")
    if not tokens.keep(token, app_id=client.app_id, epoch=client.epoch, scope=scope, seconds=seconds):
        raise WrongCredentials
    return token


def issue_session(*, client: Client, api: str, scope: str, idle: int) -> str:
    """A session for one API, which ends after `idle` seconds without a call."""
    return open_session(client=client, api=api, scope=scope, idle=idle)
