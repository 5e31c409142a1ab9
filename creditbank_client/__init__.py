"""A client of the credit bank's API: OAuth, reading, sending completions, following changes, verifying webhooks.

It knows the API alone, and nothing of the program that serves it.
"""

from creditbank_client.api import Api
from creditbank_client.bank import CreditBank
from creditbank_client.discovery import Server, discover
from creditbank_client.errors import (
    ClientError,
    FieldError,
    LoginMismatch,
    LoginNeeded,
    OAuthError,
    Problem,
    Unexpected,
    Unreachable,
    WebhookRefused,
)
from creditbank_client.http import Http
from creditbank_client.memory import Memory
from creditbank_client.proofs import PrivateKey, Public, Secret
from creditbank_client.retries import Patience
from creditbank_client.sources import LearnerTokens, MachineTokens, MemoryStore, Store, TokenSource
from creditbank_client.token_endpoint import TokenEndpoint, Tokens

__all__ = [
    "Api",
    "ClientError",
    "CreditBank",
    "FieldError",
    "Http",
    "LearnerTokens",
    "LoginMismatch",
    "LoginNeeded",
    "MachineTokens",
    "Memory",
    "MemoryStore",
    "OAuthError",
    "Patience",
    "PrivateKey",
    "Problem",
    "Public",
    "Secret",
    "Server",
    "Store",
    "TokenEndpoint",
    "TokenSource",
    "Tokens",
    "Unexpected",
    "Unreachable",
    "WebhookRefused",
    "discover",
]
