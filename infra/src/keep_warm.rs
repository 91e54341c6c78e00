//! The schedule that keeps one environment of the bridge warm.

use crate::aws::lambda::Function;
use crate::aws::scheduler::FlexibleTimeWindow;
use crate::schedule::{self, Declaration};
use crate::template::{Handle, Program};
use crate::values::StackName;

/// The event that the bridge answers without asking Home Assistant for anything.
const EVENT: &str = r#"{"porch":"warm"}"#;

/// Role -> permission -> schedule.
///
/// Every 5 minutes, since Lambda promises nothing about how long it keeps an environment that nobody uses, and 8,640
/// short invocations a month are a few cents at most.
pub(crate) fn declare(program: &mut Program, stack: &StackName, function: &Handle<Function>) {
    schedule::declare(
        program,
        stack,
        Declaration {
            resources: "bridgeWarmSchedule",
            component: "warm-schedule",
            role_description: "What the schedule that keeps the bridge warm acts as",
            description: "Keeps an environment of the bridge warm, and in the tailnet",
            expression: "rate(5 minutes)",
            window: FlexibleTimeWindow::Off,
            function,
            event: EVENT,
        },
    );
}
