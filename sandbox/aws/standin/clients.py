"""The boto3 clients of one configuration, made when first used.

Loading boto3 takes longer than a whole preview does without it, and a preview or an update without changes calls AWS
not once. So nothing here is imported or made before the first call.
"""

import os
import threading

from standin.config import Config
from standin.values import Secret

# Seconds; the emulator answers in milliseconds, so a longer wait means that it hangs.
CONNECT_TIMEOUT = 3
READ_TIMEOUT = 30

# botocore's settings of a session, as (name in the file, variable, default, conversion): no profile, and empty files,
# so that nothing a user has in ~/.aws is read.
NO_FILES = {
    "profile": (None, None, None, None),
    "config_file": (None, None, os.devnull, None),
    "credentials_file": (None, None, os.devnull, None),
}


class Clients:
    """boto3 clients by service name: `clients("ecr")`. Safe to use from several threads."""

    def __init__(self, config: Config):
        self.config = config
        self._session = None
        self._options = None
        self._clients: dict[str, object] = {}
        self._lock = threading.Lock()  # Making clients of one session is not safe from several threads; using them is.

    def __call__(self, service: str):
        with self._lock:
            if service not in self._clients:
                self._clients[service] = self._make(service)
            return self._clients[service]

    def _make(self, service: str):
        if self._session is None:
            import boto3
            import botocore.session
            from botocore.config import Config as Options

            token = self.config.token
            self._session = boto3.session.Session(
                botocore_session=botocore.session.Session(session_vars=NO_FILES),
                aws_access_key_id=self.config.access_key,
                aws_secret_access_key=self.config.secret_key.value,
                aws_session_token=token.value if isinstance(token, Secret) else None,
                region_name=self.config.region,
            )
            self._options = Options(
                connect_timeout=CONNECT_TIMEOUT,
                read_timeout=READ_TIMEOUT,
                retries={"mode": "standard", "total_max_attempts": 2},
                proxies={},  # Not even a proxy of the environment may carry a request off this machine.
                inject_host_prefix=False,
                s3={"addressing_style": "path"},  # There is no name of a bucket on this machine.
            )
        return self._session.client(service, endpoint_url=self.config.endpoints[service], config=self._options)


def code(error: Exception) -> str:
    """AWS's error code, "" if the error is no answer of AWS."""
    response = getattr(error, "response", None)
    return response.get("Error", {}).get("Code", "") if isinstance(response, dict) else ""


def was_not_sent(error: Exception) -> bool:
    """Whether boto3 itself refused the request, or nobody took it."""
    return type(error).__name__ in ("ParamValidationError", "EndpointConnectionError", "ConnectTimeoutError")


def describe(error: Exception) -> str:
    """The error in one line for a person; may hold secrets of the request until it is redacted."""
    kind = type(error).__name__
    if kind in ("EndpointConnectionError", "ConnectTimeoutError", "ConnectionClosedError", "ReadTimeoutError"):
        return f"the AWS emulator does not answer ({error}); `cargo xtask status` shows whether it runs"
    if code(error):
        return f"{code(error)}: {error.response['Error'].get('Message', '')}"
    return str(error) or kind
