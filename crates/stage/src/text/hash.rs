use sha2::{Digest, Sha256};

/// The first twelve hexadecimal digits of the SHA-256 of these bytes. A person can compare them to
/// see whether two instances run with the same configuration or schema.
#[must_use]
pub fn short_hash(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().take(6).map(|byte| format!("{byte:02x}")).collect()
}
