"""Lambda: the https address of a function."""

from resources.lambda_permission import same_function
from standin.checks import one_of
from standin.clients import code
from standin.resource import REGION, Live, Property, Resource, absent

NOT_FOUND = "ResourceNotFoundException"
TAKEN = "ResourceConflictException"

# The statement that the official provider adds to the policy of a function whose address is open to everybody. It stays
# there when the address goes, and it alone opens no address made since October 2025: those also need a statement with
# `invokedViaFunctionUrl`, which the program declares.
PUBLIC_ACCESS = "FunctionURLAllowPublicAccess"


class FunctionUrl(Resource):
    """A function's address; its id is `FUNCTION[/QUALIFIER]`."""

    type = "aws:lambda/functionUrl:FunctionUrl"
    properties = {
        "authorizationType": Property(valid=one_of("AWS_IAM", "NONE")),
        "functionName": Property(replaces=True, same=same_function),
        "invokeMode": Property(default="BUFFERED", valid=one_of("BUFFERED", "RESPONSE_STREAM")),
        "qualifier": Property(replaces=True),
        "region": REGION,
    }
    # A function has one address.
    replaced_in_place = True

    def create(self, inputs: dict) -> str:
        id = "/".join(filter(None, (inputs["functionName"], inputs.get("qualifier"))))
        self.aws("lambda").create_function_url_config(**self._place(id), **self._settings(inputs))
        return id

    def finish(self, id: str, inputs: dict) -> None:
        if inputs["authorizationType"] != "NONE":
            return
        try:
            self.aws("lambda").add_permission(
                **self._place(id),
                StatementId=PUBLIC_ACCESS,
                Action="lambda:InvokeFunctionUrl",
                Principal="*",
                FunctionUrlAuthType="NONE",
            )
        except Exception as error:
            if code(error) != TAKEN:
                raise

    def read(self, id: str, known: dict) -> Live:
        place = self._place(id)
        with absent(NOT_FOUND):
            found = self.aws("lambda").get_function_url_config(**place)
        url = found["FunctionUrl"]
        inputs = {
            "authorizationType": found["AuthType"],
            "functionName": place["FunctionName"],
            "invokeMode": found.get("InvokeMode", "BUFFERED"),
            "qualifier": place.get("Qualifier", ""),
        }
        outputs = {
            "functionArn": found["FunctionArn"],
            "functionUrl": url,
            "urlId": url.removeprefix("https://").partition(".")[0],
        }
        return Live(id, inputs, outputs)

    def update(self, id: str, old: dict, new: dict, changed: set[str]) -> None:
        self.aws("lambda").update_function_url_config(**self._place(id), **self._settings(new))

    def delete(self, id: str, known: dict) -> None:
        with absent(NOT_FOUND):
            self.aws("lambda").delete_function_url_config(**self._place(id))

    @staticmethod
    def _settings(inputs: dict) -> dict:
        return {"AuthType": inputs["authorizationType"], "InvokeMode": inputs["invokeMode"]}

    @staticmethod
    def _place(id: str) -> dict:
        function, slash, qualifier = id.partition("/")
        if not function or (slash and not qualifier) or "/" in qualifier:
            raise ValueError(f"found the id `{id}`, expected FUNCTION or FUNCTION/QUALIFIER")
        return {"FunctionName": function, **({"Qualifier": qualifier} if qualifier else {})}
