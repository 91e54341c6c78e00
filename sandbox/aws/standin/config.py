"""The provider's configuration: where the emulator is, and the refusal to talk to anything else.

The stand-in must never reach a real account. So every endpoint that is configured, used or not, has to be on this
machine, and each service used has to have one; region and credentials are taken only from the configuration and the
environment, never from a profile, a credentials file or an instance's metadata.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

from standin.values import Secret

LOOPBACK = ("127.0.0.1", "localhost", "::1")

# Names where deployed functions can be invoked.
LAMBDA_URL = "PORCH_LAMBDA_URL"

# boto3's name of each service -> (the part of AWS_ENDPOINT_URL_*, its names in `aws:endpoints`).
SERVICES = {
    "cloudwatch": ("CLOUDWATCH", ("cloudwatch",)),
    "dynamodb": ("DYNAMODB", ("dynamodb",)),
    "ecr": ("ECR", ("ecr",)),
    "iam": ("IAM", ("iam",)),
    "lambda": ("LAMBDA", ("lambda", "awslambda")),
    "logs": ("CLOUDWATCH_LOGS", ("logs", "cloudwatchlogs", "cloudwatchlog")),
    "s3": ("S3", ("s3",)),
    "scheduler": ("SCHEDULER", ("scheduler",)),
    "sns": ("SNS", ("sns",)),
    "ssm": ("SSM", ("ssm",)),
}

# Settings with which the official provider is pointed at an emulator; the stand-in never does what they switch off.
NOT_NEEDED = {
    "s3UsePathStyle",
    "skipCredentialsValidation",
    "skipMetadataApiCheck",
    "skipRegionValidation",
    "skipRequestingAccountId",
    "version",
}
USED = {"accessKey", "endpoints", "region", "secretKey", "token"}


class WrongConfig(Exception):
    """What is wrong with the configuration: `problems` holds (setting, sentence) pairs, all of them at once."""

    def __init__(self, problems: list[tuple[str, str]]):
        self.problems = problems
        super().__init__("\n".join(f"{name}: {sentence}" for name, sentence in problems))


@dataclass(frozen=True)
class Config:
    """A configuration that was checked: `endpoints` maps each of SERVICES to a URL on this machine."""

    region: str
    access_key: str
    secret_key: Secret
    token: Secret | None
    endpoints: Mapping[str, str]
    lambda_url: str = ""
    """Where functions run, PORCH_LAMBDA_URL; "" if nothing can be invoked."""

    @staticmethod
    def read(settings: Mapping[str, object], environment: Mapping[str, str]) -> "Config":
        """From the provider's settings (plain values) and the process's environment; raises WrongConfig."""
        problems = [
            (name, "is not implemented by the aws provider stand-in; remove it from the stack's configuration")
            for name in sorted(set(settings) - USED - NOT_NEEDED)
            if not name.startswith("__")
        ]

        def setting(name: str, *variables: str) -> str:
            found = settings.get(name) or next((environment[v] for v in variables if environment.get(v)), "")
            if not found and variables and name != "token":
                problems.append((name, f"is not set; set it in the stack's configuration or as {variables[0]}"))
            return str(found)

        region = setting("region", "AWS_REGION", "AWS_DEFAULT_REGION")
        access_key = setting("accessKey", "AWS_ACCESS_KEY_ID")
        secret_key = setting("secretKey", "AWS_SECRET_ACCESS_KEY")
        token = setting("token", "AWS_SESSION_TOKEN")
        endpoints = _endpoints(settings.get("endpoints"), environment, problems)
        lambda_url = environment.get(LAMBDA_URL, "")
        problems.extend(_not_local(LAMBDA_URL, lambda_url))
        if problems:
            raise WrongConfig(problems)
        return Config(region, access_key, Secret(secret_key), Secret(token) if token else None, endpoints, lambda_url)


def _endpoints(setting: object, environment: Mapping[str, str], problems: list[tuple[str, str]]) -> dict[str, str]:
    configured = _configured_endpoints(setting, problems)
    for name, url in configured.items():
        problems.extend(_not_local(f"endpoints.{name}", url))
    for name in sorted(environment):
        if name == "AWS_ENDPOINT_URL" or name.startswith("AWS_ENDPOINT_URL_"):
            problems.extend(_not_local(name, environment[name]))
    general = environment.get("AWS_ENDPOINT_URL", "")
    endpoints = {}
    for service, (variable, names) in SERVICES.items():
        urls = [configured.get(name, "") for name in names]
        urls += [environment.get(f"AWS_ENDPOINT_URL_{variable}", ""), general]
        url = next(filter(None, urls), "")
        if url:
            endpoints[service] = url
    if missing := sorted(set(SERVICES) - set(endpoints)):
        problems.append(
            ("endpoints", f"{', '.join(missing)}: none is set; set AWS_ENDPOINT_URL to the emulator's address")
        )
    return endpoints


def _configured_endpoints(setting: object, problems: list[tuple[str, str]]) -> dict[str, str]:
    """`aws:endpoints` is a list of objects; nested settings arrive as JSON text."""
    if isinstance(setting, str):
        try:
            setting = json.loads(setting)
        except ValueError:
            problems.append(("endpoints", "is not JSON"))
            return {}
    merged = {}
    for each in setting or []:
        merged.update(each)
    return merged


def _not_local(name: str, url: str) -> list[tuple[str, str]]:
    try:
        parts = urlsplit(url)
        local = parts.scheme in ("http", "https") and parts.hostname in LOOPBACK and parts.username is None
    except ValueError:
        local = False
    if local or not url:
        return []
    return [(name, f"found `{url}`, expected an http(s) URL on {', '.join(LOOPBACK)}: the stand-in calls no real AWS")]
