"""What GitHub's roles stand on, against the running emulator: bounds, and trust in an identity provider."""

import json

from botocore.exceptions import ClientError

from standin.values import plain
from tests.life_cycle import LifeCycle, use_emulator
from tests.program import Declared, Refused, configured

POLICY = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "ssm:GetParameters", "Resource": "*"}]}

setUpModule = use_emulator


def other(action: str) -> str:
    return json.dumps(POLICY).replace("ssm:GetParameters", action)


class Account(LifeCycle):
    def test_managed_policy(self):
        inputs = {"name": "porch-test-boundary", "description": "Bounds", "policy": POLICY}
        policy = self.declare("aws:iam/policy:Policy", "boundary", inputs)
        self.assertEqual(policy.id, "arn:aws:iam::000000000000:policy/porch-test-boundary")
        iam = self.aws("iam")
        iam.create_policy_version(PolicyArn=policy.id, PolicyDocument=other("*"), SetAsDefault=True)
        self.assert_drift(policy, {"policy"}, inputs)
        # More versions than IAM keeps.
        for number in range(6):
            self.assertEqual(policy.change({**inputs, "policy": other(f"ssm:Get{number}")}), {"policy"})
        self.assert_updates(policy, policy.inputs, {"tags": {"stack": "test"}})
        answer = policy.diff(policy.inputs, policy.check({**inputs, "description": "Other"}))
        self.assertIn("description", answer.replaces)
        self.assert_imports(policy, policy.id)
        policy.delete()
        self.assert_gone(policy)

    def test_who_has_bounds_may_do_nothing_outside_of_them(self):
        bounds = {"name": "porch-test-bounds", "policy": POLICY}
        bounds = self.declare("aws:iam/policy:Policy", "bounds", bounds).outputs["arn"]
        name = "porch-test-bounded"
        user = {"name": name, "permissionsBoundary": bounds}
        self.declare("aws:iam/user:User", "bounded", user)
        self.declare("aws:iam/userPolicy:UserPolicy", "every", {"name": "every", "user": name, "policy": other("*")})
        key = self.declare("aws:iam/accessKey:AccessKey", "key", {"user": name})
        own = {
            **self.emulator.environment,
            "AWS_ACCESS_KEY_ID": key.id,
            "AWS_SECRET_ACCESS_KEY": plain(key.outputs["secret"]),
        }
        aws = configured(own).aws
        self.assertEqual(aws("ssm").get_parameters(Names=["/porch/none"])["InvalidParameters"], ["/porch/none"])
        with self.assertRaises(ClientError) as refused:
            aws("iam").create_user(UserName="porch-test-other")
        self.assertEqual(refused.exception.response["Error"]["Code"], "AccessDenied")

    def test_who_may_do_something_within_bounds_may_do_it_there_alone(self):
        bounds = self.declare("aws:iam/policy:Policy", "inner", {"name": "porch-test-inner", "policy": POLICY})
        arn, name = bounds.outputs["arn"], "porch-test-deploys"
        self.declare("aws:iam/user:User", "deploys", {"name": name})
        within = {"StringEquals": {"iam:PermissionsBoundary": arn}}
        actions = ["iam:CreateUser", "iam:PutUserPolicy", "iam:PutUserPermissionsBoundary"]
        may = {"Effect": "Allow", "Action": actions, "Resource": "*", "Condition": within}
        policy = json.dumps({"Version": "2012-10-17", "Statement": [may]})
        self.declare("aws:iam/userPolicy:UserPolicy", "may", {"name": "may", "user": name, "policy": policy})
        key = self.declare("aws:iam/accessKey:AccessKey", "its", {"user": name})
        own = {
            **self.emulator.environment,
            "AWS_ACCESS_KEY_ID": key.id,
            "AWS_SECRET_ACCESS_KEY": plain(key.outputs["secret"]),
        }
        iam, everybody = configured(own).aws("iam"), self.aws("iam")
        inside, outside = {"UserName": "porch-test-inside"}, {"UserName": "porch-test-outside"}
        every = {"PolicyName": "every", "PolicyDocument": other("*")}
        iam.create_user(**inside, PermissionsBoundary=arn)
        iam.put_user_policy(**inside, **every)
        everybody.create_user(**outside)
        for call, arguments in (
            (iam.create_user, {"UserName": "porch-test-another"}),
            (iam.put_user_policy, {**outside, **every}),
            (iam.put_user_permissions_boundary, {**inside, "PermissionsBoundary": f"{arn}-other"}),
        ):
            with self.assertRaises(ClientError) as refused:
                call(**arguments)
            self.assertEqual(refused.exception.response["Error"]["Code"], "AccessDenied", arguments)
        everybody.delete_user_policy(**inside, PolicyName="every")
        for user in (inside, outside):
            everybody.delete_user(**user)

    def test_open_id_connect_provider(self):
        token = "aws:iam/openIdConnectProvider:OpenIdConnectProvider"
        inputs = {"url": "https://token.actions.githubusercontent.com", "clientIdLists": ["sts.amazonaws.com"]}
        provider = self.declare(token, "github", inputs)
        arn = "arn:aws:iam::000000000000:oidc-provider/token.actions.githubusercontent.com"
        self.assertEqual((provider.id, provider.outputs["arn"]), (arn, arn))
        iam = self.aws("iam")
        answer = provider.diff(provider.inputs, provider.check({**inputs, "url": "https://issuer.example.org"}))
        self.assertEqual(list(answer.replaces), ["url"])
        self.assert_imports(provider, arn)
        iam.delete_open_id_connect_provider(OpenIDConnectProviderArn=arn)
        self.assert_gone(provider)

    def test_an_address_that_iam_would_refuse_is_refused_before(self):
        token = "aws:iam/openIdConnectProvider:OpenIdConnectProvider"
        with self.assertRaises(Refused) as refused:
            Declared(self.servicer, token, "github").check({"url": "http://example.org", "clientIdLists": ["a"]})
        self.assertEqual(list(refused.exception.problems), ["url"])
