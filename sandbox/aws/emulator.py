"""The AWS emulator. With AUTH=true it lets a role or user do what its policies allow, and nothing else.

It takes GetParameters to be about every parameter there is, so that no policy which names parameters would allow it.
AWS looks at each parameter that is asked for (Service Authorization Reference, "Systems Manager"), and so does this.

It is asked without TLS, on this machine. A policy that refuses what comes without TLS is about the way to AWS, so every
request counts as if it came by TLS, except one that says otherwise as a proxy would: `X-Forwarded-Proto: http`.
"""

import json
from collections.abc import Callable

from ministack.app import main as serve
from ministack.core import iam_actions, iam_evaluator

# Between the names of several resources; no ARN has it in it.
SEPARATOR = "\n"


def main() -> None:
    # Both are looked up by the emulator whenever it checks a request.
    iam_actions.extract_resource_arn = by_tls(of_each_parameter(iam_actions.extract_resource_arn))
    iam_evaluator.enforce = for_each_resource(iam_evaluator.enforce)
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


def for_each_resource(enforce: Callable[..., object]) -> Callable[..., object]:
    """The first refusal there is for any of the resources; None if there is none."""

    def check(access_key_id, iam_action, service, region, resource_arn="*", service_context=None):
        for one in resource_arn.split(SEPARATOR):
            refused = enforce(access_key_id, iam_action, service, region, one, service_context)
            if refused is not None:
                return refused
        return None

    return check


if __name__ == "__main__":
    main()
