"""Topics, subscriptions and alarms against the running emulator."""

from tests.life_cycle import LifeCycle, use_emulator

setUpModule = use_emulator

ALARM = {
    "name": "porch-test-errors",
    "alarmDescription": "The function failed",
    "namespace": "AWS/Lambda",
    "metricName": "Errors",
    "dimensions": {"FunctionName": "porch-test-bridge"},
    "statistic": "Sum",
    "period": 300,
    "evaluationPeriods": 1,
    "comparisonOperator": "GreaterThanOrEqualToThreshold",
    "threshold": 1,
    "treatMissingData": "notBreaching",
}


class Sns(LifeCycle):
    def test_topic(self):
        topic = self.declare("aws:sns/topic:Topic", "topic", {"name": "porch-test-alarms"})
        self.assert_imports(topic, topic.outputs["arn"])
        self.aws("sns").delete_topic(TopicArn=topic.outputs["arn"])
        self.assert_gone(topic)

    def test_subscription(self):
        topic = self.declare("aws:sns/topic:Topic", "topic", {"name": "porch-test-alarms"})
        inputs = {"topic": topic.outputs["arn"], "protocol": "email", "endpoint": "me@example.org"}
        subscription = self.declare("aws:sns/topicSubscription:TopicSubscription", "email", inputs)
        self.assert_imports(subscription, subscription.outputs["arn"])
        self.aws("sns").unsubscribe(SubscriptionArn=subscription.outputs["arn"])
        self.assert_gone(subscription)


class CloudWatch(LifeCycle):
    token = "aws:cloudwatch/metricAlarm:MetricAlarm"

    def test_alarm(self):
        topic = self.declare("aws:sns/topic:Topic", "topic", {"name": "porch-test-alarms"})
        inputs = {**ALARM, "alarmActions": [topic.outputs["arn"]], "okActions": [topic.outputs["arn"]]}
        alarm = self.declare(self.token, "errors", inputs)
        self.aws("cloudwatch").disable_alarm_actions(AlarmNames=[ALARM["name"]])
        self.assert_updates(alarm, inputs, {"threshold": 3, "period": 60, "alarmDescription": "Other", "okActions": []})
        self.assert_imports(alarm, ALARM["name"])
        self.aws("cloudwatch").delete_alarms(AlarmNames=[ALARM["name"]])
        self.assert_gone(alarm)

    def test_percentile(self):
        inputs = {name: value for name, value in ALARM.items() if name != "statistic"}
        self.declare(self.token, "slow", {**inputs, "metricName": "Duration", "extendedStatistic": "p95"})
