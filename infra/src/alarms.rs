//! Alarms about a function, told by e-mail.

use std::collections::BTreeMap;

use crate::aws::cloudwatch::{Comparison, MetricAlarm, MissingData, Statistic, Sum};
use crate::aws::lambda::Function;
use crate::aws::sns::{Protocol, Topic, TopicSubscription};
use crate::template::{Handle, Program};
use crate::values::{Email, StackName};

/// One thing to be woken for.
struct Alarm {
    /// End of the resource's name, like `Errors`.
    name: &'static str,
    /// End of the alarm's name in the account.
    slug: &'static str,
    description: &'static str,
    namespace: &'static str,
    metric: &'static str,
    /// The metric's dimension that names the function.
    dimension: &'static str,
    statistic: Statistic,
    threshold: u32,
    /// Minutes of one period.
    minutes: u32,
    /// How many of the last periods are looked at, and how many of those must be bad.
    periods: (u32, u32),
}

/// One failed invocation is enough to look into it.
const ERRORS: Alarm = Alarm {
    name: "Errors",
    slug: "errors",
    description: "The function failed instead of answering: its log says why.",
    namespace: "AWS/Lambda",
    metric: "Errors",
    dimension: "FunctionName",
    statistic: Statistic::Sum(Sum::Sum),
    threshold: 1,
    minutes: 5,
    periods: (1, 1),
};

const ALARMS: [Alarm; 4] = [
    ERRORS,
    Alarm {
        name: "Throttles",
        slug: "throttles",
        description: "Lambda did not run the function: the account's concurrency is used up.",
        metric: "Throttles",
        ..ERRORS
    },
    Alarm {
        name: "Slow",
        slug: "slow",
        description: "Answers take so long that Alexa gives up soon.",
        namespace: "AWS/Lambda",
        metric: "Duration",
        dimension: "FunctionName",
        statistic: Statistic::Percentile("p95"),
        threshold: 6_000,
        minutes: 5,
        periods: (3, 2),
    },
    // The function answers Alexa whatever happens, so that Lambda's own errors say nothing of Home Assistant.
    Alarm {
        name: "Failed",
        slug: "failed",
        description: "Directives were answered with an error: the function's log says why.",
        namespace: "porch",
        metric: "Failed",
        dimension: "Function",
        statistic: Statistic::Sum(Sum::Sum),
        threshold: 3,
        minutes: 15,
        periods: (1, 1),
    },
];

/// Only a key that a person made gets that old; the function tells no age of a young one.
const OLD_KEY: Alarm = Alarm {
    name: "Key",
    slug: "key",
    description: "The key to the tailnet ends within two weeks: set a new one (README, \"A key that does not end\").",
    namespace: "porch",
    metric: "KeyDays",
    dimension: "Function",
    statistic: Statistic::Sum(Sum::Sum),
    threshold: 76,
    minutes: 24 * 60,
    periods: (1, 1),
};

/// The renewal of the key fails long before the bridge does, and nobody else would see it.
const KEY_RENEWAL: Alarm = Alarm {
    description: "The bridge's key to the tailnet was not renewed: the function's log says why.",
    ..ERRORS
};

/// Topic -> subscription -> alarms about the bridge, one of them about a key that ends by itself.
pub fn declare(
    program: &mut Program,
    stack: &StackName,
    email: &Email,
    function: &Handle<Function>,
    key_ends: bool,
) -> Handle<Topic> {
    let topic = program.declare("alarmTopic", &Topic { name: stack.name("alarms").into() });
    program.declare(
        "alarmEmail",
        &TopicSubscription {
            topic: topic.arn().into(),
            protocol: Protocol::Email,
            endpoint: email.as_str().into(),
        },
    );
    for alarm in ALARMS.iter().chain(key_ends.then_some(&OLD_KEY)) {
        declare_alarm(program, stack, &topic, ("bridge", "bridge"), alarm, function);
    }
    topic
}

/// The alarm about the function that renews the bridge's key, told through the same topic.
pub fn declare_key_renewal(
    program: &mut Program,
    stack: &StackName,
    topic: &Handle<Topic>,
    function: &Handle<Function>,
) {
    declare_alarm(program, stack, topic, ("keyRenewal", "key-renewal"), &KEY_RENEWAL, function);
}

/// `component` is how the names of the resource and of the alarm begin.
fn declare_alarm(
    program: &mut Program,
    stack: &StackName,
    topic: &Handle<Topic>,
    component: (&str, &str),
    alarm: &Alarm,
    function: &Handle<Function>,
) {
    let (evaluation_periods, datapoints_to_alarm) = alarm.periods;
    program.declare(
        format!("{}{}Alarm", component.0, alarm.name),
        &MetricAlarm {
            name: stack.name(&format!("{}-{}", component.1, alarm.slug)).into(),
            alarm_description: alarm.description.into(),
            namespace: alarm.namespace,
            metric_name: alarm.metric,
            dimensions: BTreeMap::from([(alarm.dimension, function.name().into())]),
            statistic: alarm.statistic,
            period: alarm.minutes * 60,
            evaluation_periods,
            datapoints_to_alarm,
            comparison_operator: Comparison::GreaterThanOrEqualToThreshold,
            threshold: alarm.threshold,
            treat_missing_data: MissingData::NotBreaching,
            alarm_actions: [topic.arn().into()],
            ok_actions: [topic.arn().into()],
        },
    );
}
