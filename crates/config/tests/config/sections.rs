//! Sections like those of stages.

use std::collections::BTreeMap;
use std::num::NonZeroUsize;

use l0_stage::Secret;
use serde::{Deserialize, Deserializer};

#[derive(Debug, Deserialize)]
pub struct Settings {
    pub name: String,
    #[serde(default = "ten")]
    pub workers: NonZeroUsize,
    #[serde(default)]
    pub ratio: f64,
    #[serde(default)]
    pub strict: bool,
}

fn ten() -> NonZeroUsize {
    NonZeroUsize::new(10).unwrap()
}

#[derive(Debug, Deserialize)]
pub struct Nats {
    pub stream: String,
    pub subject: String,
    pub url: Option<String>,
}

#[derive(Debug, Deserialize)]
pub struct Postgres {
    #[serde(default)]
    pub port: u16,
    pub password: Option<Secret>,
    pub seed: Option<Seed>,
    #[serde(default)]
    pub tls: Tls,
    pub table: Option<Table>,
    pub migrate: Option<Migrate>,
}

#[derive(Debug, Default, PartialEq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Tls {
    #[default]
    Prefer,
    VerifyFull,
}

#[derive(Debug, Deserialize)]
pub struct Migrate {
    pub password: Secret,
}

#[derive(Debug, Deserialize)]
pub struct Table {
    pub columns: BTreeMap<String, Pointer>,
    #[serde(default)]
    pub children: Vec<Child>,
}

#[derive(Debug, Deserialize)]
pub struct Child {
    pub name: String,
    pub each: Pointer,
}

#[derive(Debug, PartialEq)]
pub struct Pointer(pub String);

impl<'de> Deserialize<'de> for Pointer {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        match text.starts_with('/') {
            true => Ok(Self(text)),
            false => Err(serde::de::Error::custom(format!("`{text}` must start with `/`"))),
        }
    }
}

/// A key that refuses every text, and quotes a part of it in its message.
#[derive(Debug)]
pub struct Seed;

impl<'de> Deserialize<'de> for Seed {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Err(serde::de::Error::custom(format!("unexpected `{}`", &text[1..])))
    }
}

#[derive(Debug, Deserialize)]
pub struct Http {
    pub search: Vec<String>,
}
