"""CloudWatch: alarms on metrics."""

from standin.checks import one_of
from standin.resource import REGION, Gone, Live, Property, Resource, absent

COMPARISONS = (
    "GreaterThanOrEqualToThreshold",
    "GreaterThanThreshold",
    "LessThanOrEqualToThreshold",
    "LessThanThreshold",
)

# Each property by its name in CloudWatch's API.
FIELDS = {
    "alarmActions": "AlarmActions",
    "alarmDescription": "AlarmDescription",
    "comparisonOperator": "ComparisonOperator",
    "datapointsToAlarm": "DatapointsToAlarm",
    "evaluationPeriods": "EvaluationPeriods",
    "extendedStatistic": "ExtendedStatistic",
    "metricName": "MetricName",
    "name": "AlarmName",
    "namespace": "Namespace",
    "okActions": "OKActions",
    "period": "Period",
    "statistic": "Statistic",
    "threshold": "Threshold",
    "treatMissingData": "TreatMissingData",
}


def same_set(wanted: object, found: object) -> bool:
    """Actions are a set: their order says nothing."""
    return sorted(wanted or []) == sorted(found or [])


class MetricAlarm(Resource):
    """An alarm on one metric; its id is its name."""

    type = "aws:cloudwatch/metricAlarm:MetricAlarm"
    name_property = "name"
    properties = {
        "alarmActions": Property(same=same_set),
        "alarmDescription": Property(),
        "comparisonOperator": Property(valid=one_of(*COMPARISONS)),
        "datapointsToAlarm": Property(),
        "dimensions": Property(),
        "evaluationPeriods": Property(),
        "extendedStatistic": Property(),
        "metricName": Property(),
        "name": Property(replaces=True),
        "namespace": Property(),
        "okActions": Property(same=same_set),
        "period": Property(),
        "region": REGION,
        "statistic": Property(valid=one_of("SampleCount", "Average", "Sum", "Minimum", "Maximum")),
        "threshold": Property(),
        "treatMissingData": Property(default="missing", valid=one_of("breaching", "notBreaching", "ignore", "missing")),
    }

    def create(self, inputs: dict) -> str:
        self._put(inputs)
        return inputs["name"]

    def read(self, id: str, known: dict) -> Live:
        alarms = self.aws("cloudwatch").describe_alarms(AlarmNames=[id])["MetricAlarms"]
        if not alarms:
            raise Gone
        found = alarms[0]
        inputs = {name: found.get(field) for name, field in FIELDS.items()}
        if inputs["extendedStatistic"]:
            inputs["statistic"] = None  # The emulator fills in a default, which AWS has not beside a percentile.
        inputs["dimensions"] = {entry["Name"]: entry["Value"] for entry in found.get("Dimensions", [])}
        outputs = {
            "arn": found["AlarmArn"],
            "evaluateLowSampleCountPercentiles": found.get("EvaluateLowSampleCountPercentile", ""),
            "tagsAll": {},
        }
        return Live(id, inputs, outputs)

    def update(self, id: str, old: dict, new: dict, changed: set[str]) -> None:
        self._put(new)

    def delete(self, id: str, known: dict) -> None:
        with absent("ResourceNotFound"):
            self.aws("cloudwatch").delete_alarms(AlarmNames=[id])

    def _put(self, inputs: dict) -> None:
        settings = {field: inputs[name] for name, field in FIELDS.items() if inputs.get(name) is not None}
        dimensions = [
            {"Name": name, "Value": value} for name, value in sorted((inputs.get("dimensions") or {}).items())
        ]
        self.aws("cloudwatch").put_metric_alarm(**settings, Dimensions=dimensions)
