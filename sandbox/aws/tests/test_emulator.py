"""Each resource type against the running emulator: made, read without drift, changed behind Pulumi's back, updated,
imported, removed."""

import json

from standin.values import Secret, decode, plain
from tests.life_cycle import LifeCycle, use_emulator
from tests.program import Aborted, Declared

TRUST = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}],
}
POLICY = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "ssm:GetParameters", "Resource": "*"}]}
WIDER = json.dumps(POLICY).replace("ssm:GetParameters", "*")
RULE = {
    "rulePriority": 1,
    "selection": {"tagStatus": "any", "countType": "imageCountMoreThan", "countNumber": 3},
    "action": {"type": "expire"},
}


setUpModule = use_emulator


class Ecr(LifeCycle):
    inputs = {
        "name": "porch-test-bridge",
        "imageTagMutability": "IMMUTABLE",
        "imageScanningConfiguration": {"scanOnPush": True},
        "forceDelete": True,
        "tags": {"stack": "test"},
    }

    def test_repository(self):
        repository = self.declare("aws:ecr/repository:Repository", "repository", self.inputs)
        name, ecr = self.inputs["name"], self.aws("ecr")
        ecr.put_image_tag_mutability(repositoryName=name, imageTagMutability="MUTABLE")
        ecr.put_image_scanning_configuration(repositoryName=name, imageScanningConfiguration={"scanOnPush": False})
        ecr.tag_resource(resourceArn=repository.outputs["arn"], tags=[{"Key": "extra", "Value": "1"}])
        self.assert_drift(repository, {"imageScanningConfiguration", "imageTagMutability", "tags"}, self.inputs)
        changes = {
            "forceDelete": False,
            "imageScanningConfiguration": {"scanOnPush": False},
            "imageTagMutability": "MUTABLE",
            "tags": {"stack": "other", "more": "1"},
        }
        self.assert_updates(repository, self.inputs, changes)
        self.assert_imports(repository, name)
        ecr.delete_repository(repositoryName=name)
        self.assert_gone(repository)

    def test_a_repository_with_images_goes_only_by_force(self):
        inputs = {**self.inputs, "name": "porch-test-full", "forceDelete": False}
        repository = self.declare("aws:ecr/repository:Repository", "full", inputs)
        self.emulator.push_image(inputs["name"], "one")
        with self.assertRaisesRegex(Aborted, "forceDelete"):
            repository.delete()
        repository.change({**inputs, "forceDelete": True})
        repository.delete()
        self.assert_gone(repository)

    def test_lifecycle_policy(self):
        self.declare("aws:ecr/repository:Repository", "repository", {**self.inputs, "name": "porch-test-kept"})
        inputs = {"repository": "porch-test-kept", "policy": json.dumps({"rules": [RULE]}, indent=2)}
        policy = self.declare("aws:ecr/lifecyclePolicy:LifecyclePolicy", "lifecycle", inputs)
        self.assert_imports(policy, "porch-test-kept")
        other = json.dumps({"rules": [{**RULE, "description": "other"}]})
        self.aws("ecr").put_lifecycle_policy(repositoryName="porch-test-kept", lifecyclePolicyText=other)
        self.assertEqual(policy.refresh(), {"policy"})
        answer = policy.diff(policy.inputs, policy.check(inputs))
        self.assertEqual((list(answer.replaces), answer.deleteBeforeReplace), (["policy"], True))
        self.aws("ecr").delete_lifecycle_policy(repositoryName="porch-test-kept")
        self.assert_gone(policy)


class Ssm(LifeCycle):
    token = "aws:ssm/parameter:Parameter"

    def test_secure_string(self):
        inputs = {
            "name": "/porch/test/bridge/tailscale-auth-key",
            "type": "SecureString",
            "value": Secret("tskey-planted"),
            "description": "key",
            "tags": {"stack": "test"},
        }
        parameter = self.declare(self.token, "key", inputs)
        self.assertEqual(parameter.outputs["value"], Secret("tskey-planted"))
        ssm, name = self.aws("ssm"), inputs["name"]
        ssm.put_parameter(Name=name, Type="SecureString", Value="tskey-other", Overwrite=True, Description="changed")
        ssm.add_tags_to_resource(ResourceType="Parameter", ResourceId=name, Tags=[{"Key": "stack", "Value": "other"}])
        found = parameter.read()
        for values in (found.inputs, found.properties):
            self.assertEqual(decode(values)["value"], Secret("tskey-other"))
        self.assert_drift(parameter, {"description", "tags", "value"}, inputs)
        self.assertEqual(plain(parameter.inputs["value"]), "tskey-planted")
        changes = {
            "description": "other",
            "value": Secret("tskey-new"),
            "tags": {"a": "b"},
            "allowedPattern": "tskey.*",
        }
        self.assert_updates(parameter, inputs, changes)
        self.assert_imports(parameter, name)
        self.assertIsInstance(parameter.inputs["value"], Secret)
        ssm.delete_parameter(Name=name)
        self.assert_gone(parameter)

    def test_insecure_value(self):
        inputs = {"name": "/porch/test/plain", "type": "String", "insecureValue": "public"}
        parameter = self.declare(self.token, "plain", inputs)
        self.aws("ssm").put_parameter(Name=inputs["name"], Type="String", Value="changed", Overwrite=True)
        self.assert_drift(parameter, {"insecureValue"}, inputs)

    def test_an_existing_parameter_is_not_overwritten_unasked(self):
        inputs = {"name": "/porch/test/taken", "type": "String", "value": "mine"}
        self.declare(self.token, "first", inputs)
        with self.assertRaisesRegex(Aborted, "ParameterAlreadyExists"):
            Declared(self.servicer, self.token, "second").create(inputs)
        Declared(self.servicer, self.token, "third").create({**inputs, "overwrite": True})


class Iam(LifeCycle):
    def role(self, name: str, **more: object) -> tuple[Declared, dict]:
        inputs = {"name": name, "assumeRolePolicy": json.dumps(TRUST, indent=2), **more}
        return self.declare("aws:iam/role:Role", "role", inputs), inputs

    def test_role(self):
        role, inputs = self.role("porch-test-role", description="d", tags={"stack": "test"}, forceDetachPolicies=True)
        iam, name = self.aws("iam"), inputs["name"]
        iam.update_assume_role_policy(RoleName=name, PolicyDocument=json.dumps(TRUST).replace("lambda", "ec2"))
        iam.update_role(RoleName=name, Description="changed", MaxSessionDuration=7200)
        iam.untag_role(RoleName=name, TagKeys=["stack"])
        self.assert_drift(role, {"assumeRolePolicy", "description", "maxSessionDuration", "tags"}, inputs)
        changes = {
            "assumeRolePolicy": json.dumps(TRUST).replace("lambda", "ec2"),
            "description": "other",
            "forceDetachPolicies": False,
            "maxSessionDuration": 7200,
            "tags": {"a": "b"},
        }
        self.assert_updates(role, inputs, changes)
        self.assert_imports(role, name)
        iam.put_role_policy(RoleName=name, PolicyName="stray", PolicyDocument=WIDER)
        role.delete()
        self.assert_gone(role)

    def test_permissions_boundary(self):
        policy = self.aws("iam").create_policy(PolicyName="porch-test-boundary", PolicyDocument=WIDER)["Policy"]["Arn"]
        self.addCleanup(self.aws("iam").delete_policy, PolicyArn=policy)
        role, inputs = self.role("porch-test-bounded")
        self.assert_updates(role, inputs, {"permissionsBoundary": policy})

    def test_role_policy(self):
        self.role("porch-test-allowed")
        inputs = {"role": "porch-test-allowed", "name": "bridge", "policy": json.dumps(POLICY, indent=2)}
        policy = self.declare("aws:iam/rolePolicy:RolePolicy", "policy", inputs)
        self.assertEqual(policy.id, "porch-test-allowed:bridge")
        self.aws("iam").put_role_policy(RoleName=inputs["role"], PolicyName="bridge", PolicyDocument=WIDER)
        self.assert_drift(policy, {"policy"}, inputs)
        self.assert_updates(policy, inputs, {"policy": WIDER})
        self.assert_imports(policy, policy.id)
        self.aws("iam").delete_role_policy(RoleName=inputs["role"], PolicyName="bridge")
        self.assert_gone(policy)


class Logs(LifeCycle):
    def test_log_group(self):
        inputs = {"name": "/aws/lambda/porch-test-bridge", "retentionInDays": 30, "tags": {"stack": "test"}}
        # Another group whose name begins alike must not be taken for this one.
        self.declare("aws:cloudwatch/logGroup:LogGroup", "other", {"name": f"{inputs['name']}-other"})
        group = self.declare("aws:cloudwatch/logGroup:LogGroup", "logs", inputs)
        logs, name = self.aws("logs"), inputs["name"]
        self.assertFalse(group.outputs["arn"].endswith("*"))
        logs.put_retention_policy(logGroupName=name, retentionInDays=7)
        logs.tag_resource(resourceArn=group.outputs["arn"], tags={"extra": "1"})
        self.assert_drift(group, {"retentionInDays", "tags"}, inputs)
        self.assert_updates(group, inputs, {"retentionInDays": 0, "tags": {}, "skipDestroy": True})
        self.assert_imports(group, name)
        logs.delete_log_group(logGroupName=name)
        self.assert_gone(group)

    def test_a_group_to_keep_is_kept(self):
        inputs = {"name": "/porch/test/kept", "skipDestroy": True}
        group = Declared(self.servicer, "aws:cloudwatch/logGroup:LogGroup", "kept").create(inputs)
        group.delete()
        self.assertEqual(group.refresh(), set())
        self.aws("logs").delete_log_group(logGroupName=inputs["name"])


class Lambda(LifeCycle):
    token = "aws:lambda/function:Function"

    def setUp(self):
        super().setUp()
        repository = self.declare(
            "aws:ecr/repository:Repository", "repository", {"name": "porch-test-images", "forceDelete": True}
        )
        digests = [self.emulator.push_image("porch-test-images", tag) for tag in ("one", "two")]
        self.images = [f"{repository.outputs['repositoryUrl']}@{digest}" for digest in digests]
        role = self.declare("aws:iam/role:Role", "role", {"name": "porch-test-runs", "assumeRolePolicy": TRUST})
        self.inputs = {
            "name": "porch-test-function",
            "role": role.outputs["arn"],
            "packageType": "Image",
            "imageUri": self.images[0],
            "architectures": ["x86_64"],
            "memorySize": 512,
            "timeout": 8,
            "environment": {"variables": {"BASE_URL": "http://home:8123", "KEY": Secret("tskey-planted")}},
            "loggingConfig": {"logFormat": "JSON", "logGroup": "/aws/lambda/porch-test-function"},
            "tags": {"stack": "test"},
        }

    def test_function(self):
        function = self.declare(self.token, "function", self.inputs)
        self.assertEqual(function.outputs["environment"], self.inputs["environment"])
        client, name = self.aws("lambda"), self.inputs["name"]
        client.update_function_configuration(
            FunctionName=name,
            MemorySize=1024,
            Timeout=9,
            Description="changed",
            Environment={"Variables": {"NEW": "1"}},
        )
        client.tag_resource(Resource=function.outputs["arn"], Tags={"extra": "1"})
        drifted = {"description", "environment", "memorySize", "tags", "timeout"}
        self.assert_drift(function, drifted, self.inputs)
        client.update_function_code(FunctionName=name, ImageUri=self.images[1])
        client.put_function_concurrency(FunctionName=name, ReservedConcurrentExecutions=1)
        self.assert_drift(function, {"imageUri", "reservedConcurrentExecutions"}, self.inputs)
        self.assert_imports(function, name)
        client.delete_function(FunctionName=name)
        self.assert_gone(function)

    def test_each_property_is_updated_in_place(self):
        function = self.declare(self.token, "function", self.inputs)
        other_role = self.inputs["role"].replace("porch-test-runs", "porch-test-runs-too")
        self.declare("aws:iam/role:Role", "too", {"name": "porch-test-runs-too", "assumeRolePolicy": TRUST})
        changes = {
            "architectures": ["arm64"],
            "description": "d",
            "environment": {"variables": {"BASE_URL": "http://other:8123"}},
            "imageConfig": {"commands": ["a"], "entryPoints": ["/b"], "workingDirectory": "/c"},
            "imageUri": self.images[1],
            "loggingConfig": {"logFormat": "Text", "logGroup": "/aws/lambda/porch-test-function"},
            "memorySize": 1024,
            "reservedConcurrentExecutions": 2,
            "role": other_role,
            "skipDestroy": True,
            "tags": {"a": "b"},
            "timeout": 10,
        }
        self.assert_updates(function, self.inputs, changes)

    def test_what_the_program_leaves_to_aws_can_be_set_later(self):
        function = self.declare(self.token, "function", self.inputs)
        changes = {"ephemeralStorage": {"size": 1024}, "tracingConfig": {"mode": "Active"}}
        self.assertEqual(function.change({**self.inputs, **changes}), set(changes))
        self.assert_settled(function)
        self.aws("lambda").update_function_configuration(
            FunctionName=self.inputs["name"], EphemeralStorage={"Size": 2048}, TracingConfig={"Mode": "PassThrough"}
        )
        self.assert_drift(function, set(changes), {**self.inputs, **changes})
        # Silence again: whatever AWS has is right.
        self.assertEqual(function.change(self.inputs), set())

    def test_an_image_that_was_not_pushed_is_refused(self):
        for image in (f"{self.images[0][:-64]}{'0' * 64}", self.images[0].replace("images@", "nothing@")):
            with self.subTest(image), self.assertRaisesRegex(Aborted, "does not exist"):
                Declared(self.servicer, self.token, "function").create({**self.inputs, "imageUri": image})

    def test_permission(self):
        self.declare(self.token, "function", self.inputs)
        inputs = {
            "function": self.inputs["name"],
            "action": "lambda:InvokeFunction",
            "principal": "alexa-connectedhome.amazon.com",
            "eventSourceToken": "amzn1.ask.skill.00000000-0000-0000-0000-000000000000",
            "statementId": "alexa",
        }
        permission = self.declare("aws:lambda/permission:Permission", "alexa", inputs)
        self.assert_imports(permission, f"{inputs['function']}/alexa")
        client = self.aws("lambda")
        client.remove_permission(FunctionName=inputs["function"], StatementId="alexa")
        client.add_permission(
            FunctionName=inputs["function"],
            StatementId="alexa",
            Action="lambda:*",
            Principal="events.amazonaws.com",
            SourceAccount="000000000000",
        )
        self.assertEqual(permission.refresh(), {"action", "eventSourceToken", "principal", "sourceAccount"})
        client.remove_permission(FunctionName=inputs["function"], StatementId="alexa")
        self.assert_gone(permission)

    def test_function_url(self):
        self.declare(self.token, "function", self.inputs)
        name, client = self.inputs["name"], self.aws("lambda")
        inputs = {"functionName": name, "authorizationType": "NONE"}
        url = self.declare("aws:lambda/functionUrl:FunctionUrl", "url", inputs)
        self.assertEqual(url.id, name)
        self.assertRegex(
            url.outputs["functionUrl"], rf"^https://{url.outputs['urlId']}\.lambda-url\.us-east-1\.on\.aws/$"
        )
        # As the official provider does, for whoever forgets to declare it.
        (statement,) = json.loads(client.get_policy(FunctionName=name)["Policy"])["Statement"]
        self.assertEqual(
            (statement["Action"], statement["Condition"]),
            ("lambda:InvokeFunctionUrl", {"StringEquals": {"lambda:FunctionUrlAuthType": "NONE"}}),
        )
        client.update_function_url_config(FunctionName=name, AuthType="AWS_IAM", InvokeMode="RESPONSE_STREAM")
        self.assert_drift(url, {"authorizationType", "invokeMode"}, inputs)
        self.assert_updates(url, inputs, {"authorizationType": "AWS_IAM", "invokeMode": "RESPONSE_STREAM"})
        self.assert_imports(url, name)
        with self.assertRaisesRegex(Aborted, "ResourceConflictException"):
            Declared(self.servicer, url.type, "second").create(inputs)
        client.delete_function_url_config(FunctionName=name)
        self.assert_gone(url)
        # The statement of the first one is still there, which must not keep a second one from being made.
        self.declare("aws:lambda/functionUrl:FunctionUrl", "again", inputs)

    def test_every_condition_of_a_permission_is_kept(self):
        self.declare(self.token, "function", self.inputs)
        base = {"function": self.inputs["name"], "action": "lambda:InvokeFunction", "principal": "s3.amazonaws.com"}
        cases = [
            {"sourceAccount": "000000000000", "sourceArn": "arn:aws:s3:::bucket"},
            {"action": "lambda:InvokeFunctionUrl", "principal": "*", "functionUrlAuthType": "NONE"},
            {"principal": "*", "invokedViaFunctionUrl": True},
            {"principal": "*", "principalOrgId": "o-a1b2c3d4e5"},
        ]
        for index, more in enumerate(cases):
            with self.subTest(**more):
                self.declare("aws:lambda/permission:Permission", f"case{index}", {**base, **more})
