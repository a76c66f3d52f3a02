//! Checks of keys that sections of several stages have: a secret or the file that holds it, a
//! number within bounds, a certificate with its private key. Each check returns a finding.

mod bounds;
mod certificate;
mod secret_keys;

pub use bounds::{below, outside};
pub use certificate::certificate_pair;
pub use secret_keys::{GivenSecret, SecretKeys, secret_of_file};
