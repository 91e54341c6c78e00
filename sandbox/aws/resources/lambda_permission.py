"""Lambda: permissions to invoke a function, the statements of its policy."""

import json
import re

from standin.checks import arn, matches, one_of
from standin.resource import REGION, Gone, Live, Property, Resource, absent

NOT_FOUND = "ResourceNotFoundException"


def same_function(wanted: str, found: str) -> bool:
    """A function may be meant by its name or by its ARN."""
    return wanted.rpartition(":function:")[2] == found.rpartition(":function:")[2]


class Permission(Resource):
    """One statement of a function's policy; its id is the statement's, on import `FUNCTION[:QUALIFIER]/STATEMENT`."""

    type = "aws:lambda/permission:Permission"
    name_property = "statementId"
    longest_name = 100
    properties = {
        "action": Property(
            replaces=True, valid=matches(r"lambda:\*|lambda:[A-Za-z]+|\*", "an action like lambda:InvokeFunction")
        ),
        "eventSourceToken": Property(
            replaces=True, valid=matches(r"[a-zA-Z0-9._-]{1,256}", "1 to 256 letters, digits and . _ -")
        ),
        "function": Property(replaces=True, same=same_function),
        "functionUrlAuthType": Property(replaces=True, valid=one_of("NONE", "AWS_IAM")),
        "invokedViaFunctionUrl": Property(replaces=True),
        "principal": Property(replaces=True),
        "principalOrgId": Property(replaces=True),
        "qualifier": Property(replaces=True),
        "region": REGION,
        "sourceAccount": Property(replaces=True, valid=matches(r"\d{12}", "12 digits")),
        "sourceArn": Property(replaces=True, valid=arn),
        "statementId": Property(
            replaces=True, valid=matches(r"[a-zA-Z0-9_-]{1,100}", "1 to 100 letters, digits and _ -")
        ),
    }

    # Property -> (parameter of AddPermission, where the policy has it: operator and key of a condition).
    CONDITIONS = {
        "eventSourceToken": ("EventSourceToken", "StringEquals", "lambda:EventSourceToken"),
        "functionUrlAuthType": ("FunctionUrlAuthType", "StringEquals", "lambda:FunctionUrlAuthType"),
        "invokedViaFunctionUrl": ("InvokedViaFunctionUrl", "Bool", "lambda:InvokedViaFunctionUrl"),
        "principalOrgId": ("PrincipalOrgID", "StringEquals", "aws:PrincipalOrgID"),
        "sourceAccount": ("SourceAccount", "StringEquals", "AWS:SourceAccount"),
        "sourceArn": ("SourceArn", "ArnLike", "AWS:SourceArn"),
    }

    def create(self, inputs: dict) -> str:
        options = {aws: inputs[name] for name, (aws, _, _) in self.CONDITIONS.items() if inputs.get(name)}
        if inputs.get("qualifier"):
            options["Qualifier"] = inputs["qualifier"]
        self.aws("lambda").add_permission(
            FunctionName=inputs["function"],
            StatementId=inputs["statementId"],
            Action=inputs["action"],
            Principal=inputs["principal"],
            **options,
        )
        return inputs["statementId"]

    def read(self, id: str, known: dict) -> Live:
        function, qualifier, statement_id = self._place(id, known)
        options = {"Qualifier": qualifier} if qualifier else {}
        with absent(NOT_FOUND):
            policy = json.loads(self.aws("lambda").get_policy(FunctionName=function, **options)["Policy"])
        statement = next((each for each in policy["Statement"] if each["Sid"] == statement_id), None)
        if statement is None:
            raise Gone
        principal = statement["Principal"]
        if isinstance(principal, dict):
            principal = principal.get("AWS") or principal.get("Service")
        inputs = {
            "action": statement["Action"],
            "function": function,
            "principal": principal,
            "qualifier": qualifier,
            "statementId": statement_id,
        }
        for name, (_, operator, key) in self.CONDITIONS.items():
            value = statement.get("Condition", {}).get(operator, {}).get(key)
            inputs[name] = value == "true" if operator == "Bool" and value is not None else value
        return Live(statement_id, inputs, {"statementIdPrefix": ""})

    def delete(self, id: str, known: dict) -> None:
        function, qualifier, statement_id = self._place(id, known)
        options = {"Qualifier": qualifier} if qualifier else {}
        with absent(NOT_FOUND):
            self.aws("lambda").remove_permission(FunctionName=function, StatementId=statement_id, **options)

    @staticmethod
    def _place(id: str, known: dict) -> tuple[str, str, str]:
        """(function, qualifier or "", statement id)."""
        if known.get("function"):
            return known["function"], known.get("qualifier") or "", id
        parts = re.fullmatch(r"([^/:]+)(?::([^/]+))?/([^/]+)", id)
        if parts is None:
            raise ValueError(f"found the id `{id}`, expected FUNCTION/STATEMENT or FUNCTION:QUALIFIER/STATEMENT")
        return parts[1], parts[2] or "", parts[3]
