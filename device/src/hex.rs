//! Bytes for people and headers.

/// The bytes in hexadecimal, two small digits each.
pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
