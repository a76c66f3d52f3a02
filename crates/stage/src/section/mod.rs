//! What sections of several stages have in common, with the text of what is wrong with it: a secret or the file
//! that holds it, a number within its bounds, a certificate with its key.

mod bounds;
mod certificate;
mod secret_keys;

pub use bounds::{below, outside};
pub use certificate::certificate_pair;
pub use secret_keys::{GivenSecret, SecretKeys, secret_of_file};
