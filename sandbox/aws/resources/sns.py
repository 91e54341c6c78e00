"""SNS: topics, and who is told what is published to them."""

from standin.checks import matches, one_of
from standin.resource import REGION, Live, Property, Resource, absent


class Topic(Resource):
    """A topic; its id is its ARN."""

    type = "aws:sns/topic:Topic"
    name_property = "name"
    longest_name = 256
    properties = {
        "name": Property(replaces=True, valid=matches(r"[a-zA-Z0-9_-]{1,256}", "1 to 256 letters, digits, _ and -")),
        "region": REGION,
    }

    def create(self, inputs: dict) -> str:
        return self.aws("sns").create_topic(Name=inputs["name"])["TopicArn"]

    def read(self, id: str, known: dict) -> Live:
        with absent("NotFound"):
            found = self.aws("sns").get_topic_attributes(TopicArn=id)["Attributes"]
        arn = found["TopicArn"]
        outputs = {
            "arn": arn,
            "beginningArchiveTime": found.get("BeginningArchiveTime", ""),
            "fifoThroughputScope": found.get("FifoThroughputScope", ""),
            "maximumMessageSize": int(found.get("MaximumMessageSize", 262144)),
            "namePrefix": "",
            "owner": found.get("Owner", ""),
            "policy": found.get("Policy", ""),
            "signatureVersion": int(found.get("SignatureVersion", 1)),
            "tagsAll": {},
            "tracingConfig": found.get("TracingConfig", "PassThrough"),
        }
        return Live(arn, {"name": arn.rsplit(":", 1)[1]}, outputs)

    def delete(self, id: str, known: dict) -> None:
        with absent("NotFound"):
            self.aws("sns").delete_topic(TopicArn=id)


def is_true(text: object) -> bool:
    """SNS's attributes are all texts."""
    return str(text).lower() == "true"


class TopicSubscription(Resource):
    """One who is told; its id is its ARN. By e-mail it is pending until a person has confirmed it."""

    type = "aws:sns/topicSubscription:TopicSubscription"
    properties = {
        "endpoint": Property(replaces=True),
        "protocol": Property(replaces=True, valid=one_of("email", "email-json", "https", "lambda", "sqs", "sms")),
        "region": REGION,
        "topic": Property(replaces=True),
    }

    def create(self, inputs: dict) -> str:
        return self.aws("sns").subscribe(
            TopicArn=inputs["topic"],
            Protocol=inputs["protocol"],
            Endpoint=inputs["endpoint"],
            ReturnSubscriptionArn=True,
        )["SubscriptionArn"]

    def read(self, id: str, known: dict) -> Live:
        with absent("NotFound"):
            found = self.aws("sns").get_subscription_attributes(SubscriptionArn=id)["Attributes"]
        inputs = {"endpoint": found["Endpoint"], "protocol": found["Protocol"], "topic": found["TopicArn"]}
        outputs = {
            "arn": id,
            "confirmationWasAuthenticated": is_true(found.get("ConfirmationWasAuthenticated")),
            "filterPolicyScope": found.get("FilterPolicyScope", "MessageAttributes"),
            "ownerId": found.get("Owner", ""),
            "pendingConfirmation": is_true(found.get("PendingConfirmation")),
        }
        return Live(id, inputs, outputs)

    def delete(self, id: str, known: dict) -> None:
        with absent("NotFound"):
            self.aws("sns").unsubscribe(SubscriptionArn=id)
