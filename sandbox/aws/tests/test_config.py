"""The stand-in refuses every configuration with which it could reach a real account."""

import json
import unittest

from standin.config import Config, WrongConfig
from standin.protocol import provider_pb2
from standin.values import encode
from tests.program import ENVIRONMENT, Aborted, Context, configured

ELSEWHERE = (
    "https://ssm.us-east-1.amazonaws.com",
    "http://10.0.0.1:4566",
    "http://0.0.0.0:4566",
    "http://127.0.0.1.example.com:4566",
    "http://localhost@example.com:4566",
    "http://user:password@127.0.0.1:4566",
    "http://127.0.0.2:4566",
    "ftp://127.0.0.1",
    "127.0.0.1:4566",
    "http://[::1",
    "nonsense",
)


def without(*names: str) -> dict[str, str]:
    return {name: value for name, value in ENVIRONMENT.items() if name not in names}


class FailClosed(unittest.TestCase):
    def wrong(self, settings: dict, environment: dict) -> dict[str, str]:
        with self.assertRaises(WrongConfig) as raised:
            Config.read(settings, environment)
        return dict(raised.exception.problems)

    def test_an_endpoint_off_this_machine_is_refused_wherever_it_is_set(self):
        for url in ELSEWHERE:
            for name, settings, environment in (
                ("AWS_ENDPOINT_URL", {}, {**ENVIRONMENT, "AWS_ENDPOINT_URL": url}),
                ("AWS_ENDPOINT_URL_SSM", {}, {**ENVIRONMENT, "AWS_ENDPOINT_URL_SSM": url}),
                # A service that nothing uses counts as well.
                ("AWS_ENDPOINT_URL_S3", {}, {**ENVIRONMENT, "AWS_ENDPOINT_URL_S3": url}),
                ("PORCH_LAMBDA_URL", {}, {**ENVIRONMENT, "PORCH_LAMBDA_URL": url}),
                ("endpoints.s3", {"endpoints": json.dumps([{"s3": url}])}, ENVIRONMENT),
            ):
                with self.subTest(url=url, where=name):
                    self.assertIn(name, self.wrong(settings, environment))

    def test_no_endpoint_means_no_service(self):
        self.assertIn("endpoints", self.wrong({}, without("AWS_ENDPOINT_URL")))
        # One endpoint of all is not enough.
        self.assertIn(
            "endpoints", self.wrong({}, {**without("AWS_ENDPOINT_URL"), "AWS_ENDPOINT_URL_SSM": "http://[::1]:1"})
        )

    def test_region_and_credentials_come_from_nowhere_else(self):
        problems = self.wrong({}, {"AWS_PROFILE": "production", "AWS_ENDPOINT_URL": "http://localhost:4566"})
        self.assertEqual(set(problems), {"region", "accessKey", "secretKey"})

    def test_settings_that_the_official_provider_has_and_this_one_has_not_are_refused(self):
        problems = self.wrong({"profile": "production", "assumeRoles": "[]", "defaultTags": "{}"}, ENVIRONMENT)
        self.assertEqual(set(problems), {"profile", "assumeRoles", "defaultTags"})

    def test_loopback_in_every_spelling_is_good(self):
        for url in ("http://127.0.0.1:4566", "https://localhost", "http://[::1]:4566"):
            with self.subTest(url):
                config = Config.read({}, {**ENVIRONMENT, "AWS_ENDPOINT_URL": url})
                self.assertEqual(set(config.endpoints.values()), {url})

    def test_the_nearest_endpoint_wins(self):
        settings = {"endpoints": json.dumps([{"ssm": "http://127.0.0.1:1", "cloudwatchlogs": "http://127.0.0.1:2"}])}
        environment = {
            **ENVIRONMENT,
            "AWS_ENDPOINT_URL_ECR": "http://127.0.0.1:3",
            "AWS_ENDPOINT_URL": "http://127.0.0.1:4",
        }
        endpoints = Config.read(settings, environment).endpoints
        self.assertEqual(
            {name: url[-1] for name, url in endpoints.items()},
            {
                "ssm": "1",
                "logs": "2",
                "ecr": "3",
                "cloudwatch": "4",
                "dynamodb": "4",
                "iam": "4",
                "lambda": "4",
                "s3": "4",
                "scheduler": "4",
                "sns": "4",
            },
        )

    def test_configure_fails_with_every_problem_and_no_secret(self):
        with self.assertRaises(Aborted) as raised:
            configured({}, {"secretKey": "planted-secret", "profile": "production"})
        for text in ("region", "accessKey", "endpoints", "profile"):
            self.assertIn(text, raised.exception.message)
        self.assertNotIn("planted-secret", raised.exception.message)

    def test_nothing_works_without_configure(self):
        servicer = configured()
        servicer.aws = None
        with self.assertRaisesRegex(Aborted, "not configured"):
            servicer.Read(provider_pb2.ReadRequest(type="aws:iam/role:Role", id="x"), Context())

    def test_check_config_reports_the_same_problems(self):
        request = provider_pb2.CheckRequest(news=encode({"profile": "production", "version": "7.51.1"}))
        failures = configured().CheckConfig(request, Context()).failures
        self.assertEqual([failure.property for failure in failures], ["profile"])
