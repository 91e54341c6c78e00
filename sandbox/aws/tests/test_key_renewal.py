"""Schedules against the running emulator, and invocations against what runs functions."""

from tests.life_cycle import LifeCycle, use_emulator
from tests.program import Aborted, Declared, Refused, configured
from tests.runner import Runner

setUpModule = use_emulator


class Invocation(LifeCycle):
    token = "aws:lambda/invocation:Invocation"

    def setUp(self):
        runner = Runner()
        self.addCleanup(runner.stop)
        self.runner = runner
        self.servicer = configured({**self.emulator.environment, "PORCH_LAMBDA_URL": runner.url})
        self.aws = self.servicer.aws
        self.inputs = {"functionName": "porch-test-renewal", "input": "{}", "triggers": {"tags": "tag:porch"}}

    def test_invocation(self):
        invocation = self.declare(self.token, "first", self.inputs)
        self.assertEqual(invocation.outputs["result"], '{"outcome":"kept"}')
        self.assertEqual(self.runner.asked, [("/2015-03-31/functions/porch-test-renewal/invocations", b"{}")])
        for change in ({"triggers": {"tags": "tag:other"}}, {"input": '{"a":1}'}, {"functionName": "other"}):
            answer = invocation.diff(invocation.inputs, invocation.check({**self.inputs, **change}))
            self.assertEqual((list(answer.replaces), answer.deleteBeforeReplace), (list(change), False))
        self.assertEqual(invocation.change({**self.inputs, "terraformKey": "other"}), {"terraformKey"})
        self.assert_settled(invocation)
        invocation.delete()
        self.assertEqual(len(self.runner.asked), 1, "only what is made is invoked")

    def test_a_function_that_fails_fails_the_resource(self):
        for name, text in (("failing", "KeyNotRenewed"), ("unknown", "refused with 404")):
            with self.subTest(name), self.assertRaisesRegex(Aborted, text):
                Declared(self.servicer, self.token, name).create({**self.inputs, "functionName": name})

    def test_a_function_cannot_be_invoked_where_nothing_runs(self):
        for environment, text in (
            (self.emulator.environment, "PORCH_LAMBDA_URL is not set"),
            ({**self.emulator.environment, "PORCH_LAMBDA_URL": "http://127.0.0.1:1"}, "does not answer"),
        ):
            with self.subTest(text), self.assertRaisesRegex(Aborted, text):
                Declared(configured(environment), self.token, "first").create(self.inputs)

    def test_an_invocation_is_not_imported(self):
        with self.assertRaisesRegex(Aborted, "cannot be imported"):
            Declared(self.servicer, self.token, "first").import_("porch-test-renewal_$LATEST_0")


class Scheduler(LifeCycle):
    token = "aws:scheduler/schedule:Schedule"
    inputs = {
        "name": "porch-test-renewal",
        "scheduleExpression": "rate(1 day)",
        "flexibleTimeWindow": {"mode": "OFF"},
        "target": {
            "arn": "arn:aws:lambda:us-east-1:000000000000:function:porch-test-renewal",
            "roleArn": "arn:aws:iam::000000000000:role/porch-test-renewal-schedule",
            "input": "{}",
        },
    }

    def test_schedule(self):
        schedule = self.declare(self.token, "daily", self.inputs)
        self.assertEqual(schedule.id, "default/porch-test-renewal")
        client = self.aws("scheduler")
        found = client.get_schedule(Name=self.inputs["name"])
        client.update_schedule(
            Name=self.inputs["name"],
            ScheduleExpression="rate(2 days)",
            FlexibleTimeWindow={"Mode": "FLEXIBLE", "MaximumWindowInMinutes": 5},
            Target={**found["Target"], "Input": "[]", "RetryPolicy": {"MaximumRetryAttempts": 1}},
            State="DISABLED",
            Description="changed",
        )
        drifted = {"description", "flexibleTimeWindow", "scheduleExpression", "state", "target"}
        self.assert_drift(schedule, drifted, self.inputs)
        changes = {
            "description": "d",
            "flexibleTimeWindow": {"mode": "FLEXIBLE", "maximumWindowInMinutes": 60},
            "scheduleExpression": "cron(0 3 * * ? *)",
            "scheduleExpressionTimezone": "Europe/Berlin",
            "state": "DISABLED",
            "target": {**self.inputs["target"], "input": "[]", "retryPolicy": {"maximumRetryAttempts": 2}},
        }
        self.assert_updates(schedule, self.inputs, changes)
        self.assert_imports(schedule, "default/porch-test-renewal")
        client.delete_schedule(Name=self.inputs["name"])
        self.assert_gone(schedule)

    def test_what_aws_would_refuse_is_refused_before(self):
        target = self.inputs["target"]
        for change, problem in (
            ({"scheduleExpression": "daily"}, "scheduleExpression"),
            ({"flexibleTimeWindow": {"mode": "on"}}, "flexibleTimeWindow.mode"),
            ({"flexibleTimeWindow": {"mode": "FLEXIBLE"}}, "flexibleTimeWindow.maximumWindowInMinutes"),
            ({"target": {**target, "roleArn": "role"}}, "target.roleArn"),
            (
                {"target": {**target, "retryPolicy": {"maximumRetryAttempts": 200}}},
                "target.retryPolicy.maximumRetryAttempts",
            ),
            ({"target": {**target, "deadLetterConfig": {"arn": target["arn"]}}}, "target.deadLetterConfig"),
        ):
            with self.subTest(problem), self.assertRaises(Refused) as raised:
                Declared(self.servicer, self.token, "daily").check({**self.inputs, **change})
            self.assertEqual(list(raised.exception.problems), [problem])
