//! Which doorbell this is, among several on one broker.

use std::fmt::{self, Display};
use std::fs;

use ring::hmac;

/// Where the id of this installation is (machine-id(5)). It is not to be told to anybody as it is.
const MACHINE_ID: &str = "/etc/machine-id";

/// What tells one doorbell from another: the same for every process on one machine, and no clue to anything else.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Node(String);

impl Node {
    /// That of this machine.
    ///
    /// # Errors
    /// When the machine has no id; what to do about it.
    pub fn of_this_machine() -> Result<Self, String> {
        let id = fs::read_to_string(MACHINE_ID).map_err(|error| format!("{MACHINE_ID}: {error}"));
        let node = id.map(|id| Self::of(id.trim_end()))?;
        node.ok_or_else(|| format!("{MACHINE_ID} has no id in it; `systemd-machine-id-setup` makes one"))
    }

    /// That of the machine with this id, if it is one.
    pub fn of(machine_id: &str) -> Option<Self> {
        let good = machine_id.len() == 32 && machine_id.bytes().all(|byte| byte.is_ascii_hexdigit());
        let key = hmac::Key::new(hmac::HMAC_SHA256, machine_id.as_bytes());
        let tag = hmac::sign(&key, b"porch doorbell");
        good.then(|| Self(crate::hex::hex(&tag.as_ref()[..6])))
    }
}

impl Display for Node {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_node_follows_from_the_machines_id_and_does_not_show_it() {
        // From `printf 'porch doorbell' | openssl dgst -sha256 -hmac 0123456789abcdef0123456789abcdef`.
        let node = Node::of("0123456789abcdef0123456789abcdef").expect("an id");
        assert_eq!(node.to_string(), "b3ddb3fa8d22");
        for nonsense in ["", "uninitialized", "0123456789abcdef0123456789abcdeg"] {
            assert_eq!(Node::of(nonsense), None, "{nonsense}");
        }
    }
}
