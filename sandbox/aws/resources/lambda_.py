"""Lambda: functions made of container images."""

import re
import time

from standin import tags
from standin.checks import arn, between, matches, one_of, only
from standin.resource import REGION, Live, Property, Resource, absent, same_except
from standin.shapes import Problem
from standin.values import UNKNOWN

NOT_FOUND = "ResourceNotFoundException"

# Seconds until a function is ready after a change; the emulator needs milliseconds, AWS up to minutes.
READY_WITHIN = 60
ASK_EVERY = 0.05

# What UpdateFunctionConfiguration sets: property -> how it is written there when the program gives nothing.
CONFIGURATION = {
    "description": "",
    "environment": {},
    "ephemeralStorage": None,
    "imageConfig": {},
    "loggingConfig": None,
    "memorySize": None,
    "role": None,
    "timeout": None,
    "tracingConfig": None,
}


# Fields of nested blocks whose name is more than AWS's with a small first letter.
PLURALS = {"commands": "Command", "entryPoints": "EntryPoint"}
SINGULARS = {aws: name for name, aws in PLURALS.items()}

IMAGE = re.compile(r"(\d{12})\.dkr\.ecr\.[\w-]+\.amazonaws\.com/([^@:]+)(?:@(sha256:[0-9a-f]{64})|:([\w.-]+))")


def to_aws(value: object) -> object:
    """A nested block with AWS's names of its fields; what is in them (environment variables, say) stays as it is."""
    if not isinstance(value, dict):
        return value
    return {PLURALS.get(name, name[0].upper() + name[1:]): each for name, each in value.items()}


def from_aws(value: dict | None) -> dict | None:
    """The inverse of `to_aws`, without AWS's empty fields."""
    if not value:
        return None
    return {SINGULARS.get(name, name[0].lower() + name[1:]): each for name, each in value.items() if each}


def variables(environment: dict | None) -> dict:
    """A block's environment variables; no block means none."""
    return (environment or {}).get("variables") or {}


class Function(Resource):
    """A function made of an image; its id is its name."""

    type = "aws:lambda/function:Function"
    name_property = "name"
    longest_name = 64
    properties = {
        "architectures": Property(settled_by_aws=True, valid=only(one_of("x86_64", "arm64"))),
        "description": Property(),
        "environment": Property(same=lambda wanted, found: variables(wanted) == variables(found)),
        "ephemeralStorage": Property(settled_by_aws=True),
        "imageConfig": Property(),
        "imageUri": Property(valid=matches(IMAGE.pattern, "an image of a private ECR repository, by digest or by tag")),
        "loggingConfig": Property(
            settled_by_aws=True, same=same_except("applicationLogLevel", "logGroup", "systemLogLevel")
        ),
        "memorySize": Property(default=128, valid=between(128, 10240, "MB")),
        "name": Property(replaces=True, valid=matches(r"[a-zA-Z0-9_-]{1,64}", "1 to 64 letters, digits and _ -")),
        "packageType": Property(default="Zip", replaces=True, valid=one_of("Image", "Zip")),
        "publish": Property(default=False, only_here=True),
        "region": REGION,
        "reservedConcurrentExecutions": Property(default=-1, valid=between(-1, 1_000_000)),
        "role": Property(valid=arn),
        "skipDestroy": Property(default=False, only_here=True),
        "tags": Property(),
        "timeout": Property(default=3, valid=between(1, 900, "seconds")),
        "tracingConfig": Property(settled_by_aws=True),
    }

    def check(self, inputs: dict) -> list[Problem]:
        problems = []
        if inputs["packageType"] == "Zip":
            problems.append(("packageType", "the stand-in has functions of container images only: set it to Image"))
        if inputs.get("imageUri") is None:
            problems.append(("imageUri", "is required: the stand-in has functions of container images only"))
        if inputs["publish"] not in (False, UNKNOWN):
            problems.append(("publish", "is not implemented by the aws provider stand-in; remove it"))
        return problems

    def create(self, inputs: dict) -> str:
        self._must_exist(inputs["imageUri"])
        settings = self._settings(inputs, set(CONFIGURATION))
        if inputs.get("architectures"):
            settings["Architectures"] = inputs["architectures"]
        self.aws("lambda").create_function(
            FunctionName=inputs["name"],
            PackageType=inputs["packageType"],
            Code={"ImageUri": inputs["imageUri"]},
            Tags=inputs.get("tags") or {},
            **{name: value for name, value in settings.items() if value not in ("", {})},
        )
        return inputs["name"]

    def finish(self, id: str, inputs: dict) -> None:
        self._wait(id)
        self._limit(id, inputs["reservedConcurrentExecutions"], before=-1)

    def read(self, id: str, known: dict) -> Live:
        with absent(NOT_FOUND):
            found = self.aws("lambda").get_function(FunctionName=id)
        about, labels = found["Configuration"], found.get("Tags", {})
        inputs = {
            "architectures": about.get("Architectures"),
            "description": about.get("Description"),
            "environment": from_aws(about.get("Environment")),
            "ephemeralStorage": from_aws(about.get("EphemeralStorage")),
            "imageConfig": from_aws((about.get("ImageConfigResponse") or {}).get("ImageConfig")),
            "imageUri": found["Code"].get("ImageUri"),
            "loggingConfig": from_aws(about.get("LoggingConfig")),
            "memorySize": about["MemorySize"],
            "name": about["FunctionName"],
            "packageType": about["PackageType"],
            "reservedConcurrentExecutions": found.get("Concurrency", {}).get("ReservedConcurrentExecutions", -1),
            "role": about["Role"],
            "tags": labels,
            "timeout": about["Timeout"],
            "tracingConfig": from_aws(about.get("TracingConfig")),
        }
        return Live(id, inputs, self._outputs(about, labels))

    def update(self, id: str, old: dict, new: dict, changed: set[str]) -> None:
        client = self.aws("lambda")
        if changed & {"architectures", "imageUri"}:
            self._must_exist(new["imageUri"])
            options = {"Architectures": new["architectures"]} if new.get("architectures") else {}
            client.update_function_code(FunctionName=id, ImageUri=new["imageUri"], **options)
            self._wait(id)
        if settings := self._settings(new, changed):
            client.update_function_configuration(FunctionName=id, **settings)
            self._wait(id)
        if "reservedConcurrentExecutions" in changed:
            self._limit(id, new["reservedConcurrentExecutions"], before=old.get("reservedConcurrentExecutions", -1))
        if "tags" in changed:
            function = client.get_function(FunctionName=id)["Configuration"]["FunctionArn"]
            removed, set_ = tags.difference(old.get("tags"), new.get("tags"))
            if removed:
                client.untag_resource(Resource=function, TagKeys=removed)
            if set_:
                client.tag_resource(Resource=function, Tags=set_)

    def delete(self, id: str, known: dict) -> None:
        if known.get("skipDestroy"):
            return
        with absent(NOT_FOUND):
            self.aws("lambda").delete_function(FunctionName=id)

    def unsettled(self, changed: set[str]) -> set[str]:
        outputs = {"lastModified"} if changed - {"skipDestroy", "publish", "tags"} else set()
        if changed & {"architectures", "imageUri"}:
            outputs |= {"codeSha256", "sourceCodeHash", "sourceCodeSize"}
        return outputs

    def _settings(self, inputs: dict, changed: set[str]) -> dict:
        settings = {}
        for name, nothing in CONFIGURATION.items():
            value = inputs.get(name) if inputs.get(name) is not None else nothing
            if name in changed and value is not None:
                settings[name[0].upper() + name[1:]] = to_aws(value)
        return settings

    def _must_exist(self, image: str) -> None:
        """AWS refuses a function whose image it cannot find; the emulator takes it."""
        registry, repository, digest, tag = IMAGE.fullmatch(image).groups()
        wanted = {"imageDigest": digest} if digest else {"imageTag": tag}
        ecr = self.aws("ecr")
        try:
            found = ecr.describe_images(registryId=registry, repositoryName=repository, imageIds=[wanted])
        except (ecr.exceptions.ImageNotFoundException, ecr.exceptions.RepositoryNotFoundException):
            found = {"imageDetails": []}
        if not found["imageDetails"]:
            raise ValueError(f"source image {image} does not exist; push it first")

    def _limit(self, id: str, executions: int, before: int) -> None:
        if executions >= 0:
            self.aws("lambda").put_function_concurrency(FunctionName=id, ReservedConcurrentExecutions=executions)
        elif before >= 0:
            self.aws("lambda").delete_function_concurrency(FunctionName=id)

    def _wait(self, id: str) -> None:
        until = time.monotonic() + READY_WITHIN
        while True:
            about = self.aws("lambda").get_function_configuration(FunctionName=id)
            states = (about.get("State", "Active"), about.get("LastUpdateStatus", "Successful"))
            if "Failed" in states:
                reason = about.get("StateReason") or about.get("LastUpdateStatusReason")
                raise RuntimeError(f"function {id} failed to become ready: {reason}")
            if "Pending" not in states and "InProgress" not in states:
                return
            if time.monotonic() > until:
                raise TimeoutError(f"function {id} is still {states[0]}/{states[1]} after {READY_WITHIN} s")
            time.sleep(ASK_EVERY)

    def _outputs(self, about: dict, labels: dict) -> dict:
        function = about["FunctionArn"]
        qualified = f"{function}:{about['Version']}"
        gateway = f"arn:aws:apigateway:{self.aws.config.region}:lambda:path"
        return {
            "arn": function,
            "codeSha256": about.get("CodeSha256", ""),
            "invokeArn": f"{gateway}/2015-03-31/functions/{function}/invocations",
            "lastModified": about["LastModified"],
            "qualifiedArn": qualified,
            "qualifiedInvokeArn": f"{gateway}/2015-03-31/functions/{qualified}/invocations",
            "responseStreamingInvokeArn": f"{gateway}/2021-11-15/functions/{function}/response-streaming-invocations",
            "signingJobArn": about.get("SigningJobArn", ""),
            "signingProfileVersionArn": about.get("SigningProfileVersionArn", ""),
            "sourceCodeHash": about.get("CodeSha256", ""),
            "sourceCodeSize": about.get("CodeSize", 0),
            "tagsAll": labels,
            "version": about["Version"],
        }
