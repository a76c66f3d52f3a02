use sha2::{Digest, Sha256};

/// The first twelve hexadecimal digits of the SHA-256 of these bytes. They are enough for a person
/// to see whether two instances run with the same content.
#[must_use]
pub fn short_hash(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().take(6).map(|byte| format!("{byte:02x}")).collect()
}
