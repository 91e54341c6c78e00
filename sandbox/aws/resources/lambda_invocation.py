"""Lambda: one invocation of a function when the stack is made."""

import hashlib
import json
import urllib.error
import urllib.parse
import urllib.request

from standin.checks import one_of
from standin.resource import REGION, Live, Property, Resource

# Seconds; an execution environment has to start first.
ANSWER_WITHIN = 120


def json_text(value: object) -> str | None:
    """The text is JSON."""
    try:
        json.loads(value)
    except ValueError:
        return "JSON"
    return None


class Invocation(Resource):
    """A function that was invoked; its id is made of the function, the version and the input. AWS knows nothing of
    it: it is never read nor undone, and a change invokes once more.

    The emulator runs no images. What does is at PORCH_LAMBDA_URL, with Lambda's own Invoke API.
    """

    type = "aws:lambda/invocation:Invocation"
    properties = {
        "functionName": Property(replaces=True),
        "input": Property(replaces=True, valid=json_text),
        "lifecycleScope": Property(default="CREATE_ONLY", valid=one_of("CREATE_ONLY")),
        "qualifier": Property(default="$LATEST", replaces=True, valid=one_of("$LATEST")),
        "region": REGION,
        "terraformKey": Property(default="tf"),
        "triggers": Property(replaces=True),
    }

    result: str | None = None
    """What the function answered, if it was this object that invoked it."""

    def create(self, inputs: dict) -> str:
        function = inputs["functionName"].rpartition(":function:")[2]
        self.result = self._invoke(function, inputs["input"])
        digest = hashlib.md5(inputs["input"].encode(), usedforsecurity=False).hexdigest()
        return f"{function}_{inputs['qualifier']}_{digest}"

    def read(self, id: str, known: dict) -> Live:
        if not known:
            raise ValueError("an invocation cannot be imported: nothing is kept of it; declare it and let it be made")
        return Live(id, {}, {"result": known.get("result", "") if self.result is None else self.result})

    def update(self, id: str, old: dict, new: dict, changed: set[str]) -> None:
        """What does not replace the invocation is a setting of the provider."""

    def delete(self, id: str, known: dict) -> None:
        """What was done cannot be undone."""

    def _invoke(self, function: str, event: str) -> str:
        url = self.aws.config.lambda_url
        if not url:
            raise ValueError(
                "PORCH_LAMBDA_URL is not set, so that nothing can be invoked; set it to where the functions run"
            )
        path = f"/2015-03-31/functions/{urllib.parse.quote(function, safe='')}/invocations"
        request = urllib.request.Request(url.rstrip("/") + path, data=event.encode(), method="POST")
        # Not even a proxy of the environment may carry a request off this machine, nor a redirect.
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}), NoRedirect)
        try:
            with opener.open(request, timeout=ANSWER_WITHIN) as response:
                failed, answer = response.headers.get("X-Amz-Function-Error"), response.read().decode()
        except urllib.error.HTTPError as error:
            with error:
                said = error.read(2000).decode(errors="replace")
            raise ValueError(f"invoking the function {function} was refused with {error.code}: {said}") from error
        except OSError as error:
            raise ValueError(f"what runs the functions does not answer at {url} ({error})") from error
        if failed:
            raise ValueError(f"the function {function} returned an error: {answer}")
        return answer


class NoRedirect(urllib.request.HTTPRedirectHandler):
    """Takes a redirect for the failure that it is here."""

    def redirect_request(self, *_) -> None:
        return None
