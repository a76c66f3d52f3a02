//! Free ports that tests do not take from each other.

use std::fs::{self, File};
use std::net::{Ipv4Addr, TcpListener};
use std::sync::atomic::{AtomicU16, Ordering};
use std::time::SystemTime;

use anyhow::{Context, bail};

/// Below the range from which Linux takes local ports of outgoing connections. Otherwise a client
/// that retries a stopped server could get the server's own port.
const FIRST: u16 = 20_000;
const COUNT: u16 = 12_000;

/// A port of 127.0.0.1. Until it is dropped no other user of this type gets it, even while no
/// server listens on it.
#[derive(Debug)]
pub struct Port {
    number: u16,
    _lock: File,
}

impl Port {
    /// Takes a free port.
    ///
    /// # Panics
    /// There is none.
    #[must_use]
    pub fn free() -> Self {
        Self::lease().unwrap_or_else(|error| panic!("no free port: {error:#}"))
    }

    /// Its number.
    #[must_use]
    pub fn number(&self) -> u16 {
        self.number
    }

    fn lease() -> anyhow::Result<Self> {
        static NEXT: AtomicU16 = AtomicU16::new(0);
        let user = rustix::process::getuid().as_raw();
        let locks = std::env::temp_dir().join(format!("l0-testkit-ports-{user}"));
        fs::create_dir_all(&locks).with_context(|| format!("cannot create {}", locks.display()))?;
        let start = SystemTime::UNIX_EPOCH.elapsed()?.subsec_micros() % u32::from(COUNT);
        for _ in 0..COUNT {
            let step = u32::from(NEXT.fetch_add(1, Ordering::Relaxed));
            let number = FIRST + u16::try_from((start + step) % u32::from(COUNT))?;
            let lock = File::create(locks.join(number.to_string()))?;
            let is_free = || TcpListener::bind((Ipv4Addr::LOCALHOST, number)).is_ok();
            if lock.try_lock().is_ok() && is_free() {
                return Ok(Self { number, _lock: lock });
            }
        }
        bail!("all of {COUNT} ports from {FIRST} are taken")
    }
}
