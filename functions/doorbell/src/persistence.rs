//! Asking again what may be asked twice, while there is time.

use std::time::{Duration, Instant};

use tokio::time::sleep;

/// The pause before each further try.
const PAUSE: Duration = Duration::from_millis(100);

/// Time that the last try must have, or it is not made.
const SHORTEST_TRY: Duration = Duration::from_millis(500);

/// The outcome of `attempt`, which is made again after each failure that `passes`, until the deadline is near.
pub(crate) async fn until<T, E>(
    deadline: Instant,
    passes: impl Fn(&E) -> bool,
    attempt: impl AsyncFn() -> Result<T, E>,
) -> Result<T, E> {
    loop {
        match attempt().await {
            Err(error) if passes(&error) && Instant::now() + PAUSE + SHORTEST_TRY < deadline => {
                sleep(PAUSE).await;
            }
            outcome => return outcome,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use super::*;

    #[tokio::test]
    async fn what_passes_is_tried_until_the_deadline_is_near_and_nothing_else() {
        let far = Instant::now() + Duration::from_secs(3600);
        for (deadline, passes, tries) in [(far, true, 3), (far, false, 1), (Instant::now(), true, 1)] {
            let made = Cell::new(0);
            let attempt = async || {
                made.set(made.get() + 1);
                if made.get() < 3 { Err(()) } else { Ok(()) }
            };
            let outcome = until(deadline, |()| passes, attempt).await;
            assert_eq!((made.get(), outcome.is_ok()), (tries, tries == 3));
        }
    }
}
