"""The AWS emulator. With AUTH=true it lets a role or user do what its policies allow, and nothing else.

It takes GetParameters to be about every parameter there is, so that no policy which names parameters would allow it.
AWS looks at each parameter that is asked for (Service Authorization Reference, "Systems Manager"), and so does this.

It takes what is done with a log to be about its group alone. AWS looks at the group with a stream of it, and so does
this (CloudWatch Logs API, "LogGroup": of its two ARNs, policies have the one with `:*` at the end).

It takes a few more requests to be about everything there is, which name what they are about: a repository, a table by
its ARN, an identity provider. AWS looks at what is named (Service Authorization Reference), and so does this.

It knows nothing of the bounds that a request gives to a role or user, or that the one has which it is about. AWS tells
policies' conditions of them (Service Authorization Reference, "IAM", `iam:PermissionsBoundary`), and so does this.

What a role or user was allowed is written down, a line each time: the tests hold it against what their policies would
allow, so that no policy allows what nobody needs.

It is asked without TLS, on this machine. A policy that refuses what comes without TLS is about the way to AWS, so every
request counts as if it came by TLS, except one that says otherwise as a proxy would: `X-Forwarded-Proto: http`.
"""

import json
import os
from collections.abc import Callable
from contextvars import ContextVar
from pathlib import Path
from urllib.parse import parse_qs

from ministack.app import main as serve
from ministack.core import iam_actions, iam_evaluator
from ministack.core.responses import get_account_id
from ministack.services import iam

# Between the names of several resources; no ARN has it in it.
SEPARATOR = "\n"

# How much is kept of what was allowed, in bytes.
KEPT = 4 << 20

# The bounds that the request at hand gives to a role or user; none if it gives none.
GIVEN_BOUNDS: ContextVar[str] = ContextVar("GIVEN_BOUNDS", default="")


def main() -> None:
    # Both are looked up by the emulator whenever it checks a request.
    about = of_a_stream(of_what_it_names(of_each_parameter(iam_actions.extract_resource_arn)))
    iam_actions.extract_resource_arn = by_tls(giving_bounds(about))
    used = Path(os.environ["STATE_DIR"], "used")
    iam_evaluator.enforce = for_each_resource(about_bounds(written_down(iam_evaluator.enforce, used)))
    serve()


def by_tls(resource_arn: Callable[..., str]) -> Callable[..., str]:
    """What a request is about; on the way, how it came is noted for its policies' conditions."""

    def extract(service, method, path, headers, *others):
        if headers.get("x-forwarded-proto") != "http":
            iam_evaluator.pin_request_origin("127.0.0.1", True)
        return resource_arn(service, method, path, headers, *others)

    return extract


def giving_bounds(resource_arn: Callable[..., str]) -> Callable[..., str]:
    """What a request is about; on the way, the bounds that it gives are noted."""

    def extract(service, method, path, headers, body, *others):
        fields = parse_qs(body.decode(errors="replace")) if service == "iam" else {}
        GIVEN_BOUNDS.set(fields.get("PermissionsBoundary", [""])[0])
        return resource_arn(service, method, path, headers, body, *others)

    return extract


def about_bounds(enforce: Callable[..., object]) -> Callable[..., object]:
    """The same answer, for conditions that are about bounds: those that the request gives, or that are there."""

    def check(access_key_id, iam_action, service, region, resource_arn="*", service_context=None):
        if service == "iam" and (bounds := GIVEN_BOUNDS.get() or bounds_of(resource_arn)):
            service_context = {**(service_context or {}), "iam:PermissionsBoundary": bounds}
        return enforce(access_key_id, iam_action, service, region, resource_arn, service_context)

    return check


def bounds_of(resource_arn: str) -> str:
    """The bounds of the role or user with this ARN; none for all else."""
    kind, _, name = resource_arn.rpartition(":")[2].rpartition("/")
    known = {"role": iam._roles, "user": iam._users}.get(kind.partition("/")[0])
    found = known.get_scoped(get_account_id(), None, name) if known is not None else None
    return (found or {}).get("PermissionsBoundary", "")


def of_each_parameter(resource_arn: Callable[..., str]) -> Callable[..., str]:
    """What a request is about, with every parameter that GetParameters names."""

    def extract(service, method, path, headers, body, query_params, region, account_id):
        one = resource_arn(service, method, path, headers, body, query_params, region, account_id)
        if service != "ssm" or not headers.get("x-amz-target", "").endswith(".GetParameters"):
            return one
        try:
            names = json.loads(body)["Names"]
            arns = [f"arn:aws:ssm:{region}:{account_id}:parameter/{name.lstrip('/')}" for name in names]
        except (ValueError, TypeError, KeyError, AttributeError):
            return one
        return SEPARATOR.join(arns) or one

    return extract


def of_what_it_names(resource_arn: Callable[..., str]) -> Callable[..., str]:
    """What a request is about; what it names, where the emulator takes it to be about everything."""

    def extract(service, method, path, headers, body, query_params, region, account_id):
        one = resource_arn(service, method, path, headers, body, query_params, region, account_id)
        if one != "*":
            return one
        try:
            if service == "iam":
                return parse_qs(body.decode())["OpenIDConnectProviderArn"][0]
            fields = json.loads(body) if service in ("dynamodb", "ecr") else {}
            if names := fields.get("repositoryNames"):
                return SEPARATOR.join(f"arn:aws:ecr:{region}:{account_id}:repository/{name}" for name in names)
            return fields.get("ResourceArn") or fields.get("resourceArn") or one
        except (ValueError, TypeError, KeyError, AttributeError):
            return one

    return extract


def of_a_stream(resource_arn: Callable[..., str]) -> Callable[..., str]:
    """What a request is about; if that is a log, with the stream that the request names."""

    def extract(service, method, path, headers, body, *others):
        one = resource_arn(service, method, path, headers, body, *others)
        if service != "logs" or one.split(":")[5:6] != ["log-group"]:
            return one
        try:
            stream = json.loads(body).get("logStreamName", "")
        except (ValueError, AttributeError):
            stream = ""
        return f"{one}:log-stream:{stream}"

    return extract


def for_each_resource(enforce: Callable[..., object]) -> Callable[..., object]:
    """The first refusal there is for any of the resources; None if there is none."""

    def check(access_key_id, iam_action, service, region, resource_arn="*", service_context=None):
        for one in resource_arn.split(SEPARATOR):
            refused = enforce(access_key_id, iam_action, service, region, one, service_context)
            if refused is not None:
                return refused
        return None

    return check


def written_down(enforce: Callable[..., object], used: Path) -> Callable[..., object]:
    """The same answer; what a role or user was allowed is a line in `used`, in the words of `allowed.py`."""

    def check(access_key_id, iam_action, service, region, resource_arn="*", service_context=None):
        refused = enforce(access_key_id, iam_action, service, region, resource_arn, service_context)
        if refused is None and (who := principal(access_key_id)):
            if used.exists() and used.stat().st_size > KEPT:
                used.unlink()
            with used.open("a") as lines:
                lines.write(f"{who} {iam_action} {':'.join([service, *resource_arn.split(':')[5:]])}\n")
        return refused

    return check


def principal(access_key_id: str) -> str | None:
    """Kind and name of the role or user whose key this is; None for the root key, which may do everything."""
    found = iam_evaluator.resolve_principal(access_key_id or "", get_account_id(), None)
    # arn:aws:iam::000000000000:user/NAME, arn:aws:sts::000000000000:assumed-role/NAME/SESSION
    kind, _, name = getattr(found, "arn", "").rpartition(":")[2].partition("/")
    return {"user": f"user {name}", "assumed-role": f"role {name.partition('/')[0]}"}.get(kind)


if __name__ == "__main__":
    main()
