//! Whatever comes is answered with an event of Alexa's shape.

use crate::rig::{Rig, fixture, value};
use proptest::prelude::*;

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn any_event_is_answered(bytes in prop::collection::vec(any::<u8>(), 0..256), cut in any::<prop::sample::Index>()) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
        runtime.block_on(async {
            let rig = Rig::new().await;
            let directive = fixture("report-state");
            let half = &directive[..cut.index(directive.len())];
            for event in [String::from_utf8_lossy(&bytes).into_owned(), half.to_owned()] {
                let reply = value(&rig.ask(&event).await);
                assert_eq!(reply["event"]["header"]["payloadVersion"], "3");
                assert!(reply["event"]["payload"].is_object());
            }
        });
    }
}
