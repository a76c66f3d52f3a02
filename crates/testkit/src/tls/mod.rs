//! Certificates, those who issue them, and a client that trusts one of them.

#![expect(clippy::expect_used, reason = "a test that cannot go on fails")]

mod authority;
mod certified;
mod pair;

pub use authority::Authority;
pub use certified::Certified;
pub use pair::Pair;
