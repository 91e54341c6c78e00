//! What a camera sends.

use std::time::Duration;

use bytes::Bytes;

/// The bytes that a camera sends for one frame. More than this is no frame of a doorbell: a keyframe of a 4K camera has
/// about 1 MB.
pub(crate) const LARGEST: usize = 2 << 20;

/// All that a camera sent for one frame, as an H.264 byte stream (ISO/IEC 14496-10, Annex B); a keyframe has its
/// parameter sets before it.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct AccessUnit {
    /// When its last byte was there, by the session's clock.
    pub(crate) arrived: Duration,
    /// Whether decoding can begin with it.
    pub(crate) is_key: bool,
    /// Whether no other frame needs it.
    pub(crate) is_disposable: bool,
    /// The byte stream.
    pub(crate) data: Bytes,
}

impl std::fmt::Debug for AccessUnit {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { arrived, is_key, is_disposable, data } = self;
        let bytes = data.len();
        f.debug_struct("AccessUnit")
            .field("arrived", arrived)
            .field("is_key", is_key)
            .field("is_disposable", is_disposable)
            .field("bytes", &bytes)
            .finish()
    }
}
