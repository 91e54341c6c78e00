"""The AWS emulator. With AUTH=true it lets a role or user do what its policies allow, and nothing else.

It takes GetParameters to be about every parameter there is, so that no policy which names parameters would allow it.
AWS looks at each parameter that is asked for (Service Authorization Reference, "Systems Manager"), and so does this.

It takes what is done with a log to be about its group alone. AWS looks at the group with a stream of it, and so does
this (CloudWatch Logs API, "LogGroup": of its two ARNs, policies have the one with `:*` at the end).

What a role or user was allowed is written down, a line each time: the tests hold it against what their policies would
allow, so that no policy allows what nobody needs.

It is asked without TLS, on this machine. A policy that refuses what comes without TLS is about the way to AWS, so every
request counts as if it came by TLS, except one that says otherwise as a proxy would: `X-Forwarded-Proto: http`.
"""

import json
import os
from collections.abc import Callable
from pathlib import Path

from ministack.app import main as serve
from ministack.core import iam_actions, iam_evaluator
from ministack.core.responses import get_account_id

# Between the names of several resources; no ARN has it in it.
SEPARATOR = "\n"

# How much is kept of what was allowed, in bytes.
KEPT = 4 << 20


def main() -> None:
    # Both are looked up by the emulator whenever it checks a request.
    iam_actions.extract_resource_arn = by_tls(of_a_stream(of_each_parameter(iam_actions.extract_resource_arn)))
    used = Path(os.environ["STATE_DIR"], "used")
    iam_evaluator.enforce = for_each_resource(written_down(iam_evaluator.enforce, used))
    serve()


def by_tls(resource_arn: Callable[..., str]) -> Callable[..., str]:
    """What a request is about; on the way, how it came is noted for its policies' conditions."""

    def extract(service, method, path, headers, *others):
        if headers.get("x-forwarded-proto") != "http":
            iam_evaluator.pin_request_origin("127.0.0.1", True)
        return resource_arn(service, method, path, headers, *others)

    return extract


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
