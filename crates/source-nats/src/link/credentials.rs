use std::path::PathBuf;

use async_nats::Auth;
use l0_stage::anyhow::{self, Context as _, anyhow};
use l0_stage::section::GivenSecret;
use l0_stage::{Context, Secret};
use nkeys::KeyPair;

use crate::NatsConfig;

/// The credentials for the server. Files are read at every connect.
pub(crate) enum Credentials {
    Anonymous,
    User { name: String, password: GivenSecret },
    Token(Secret),
    Nkey(GivenSecret),
    File(PathBuf),
}

impl Credentials {
    /// The credentials of a section that [`crate::check`] found right: at most one kind.
    pub fn of(config: &NatsConfig, context: &Context) -> Self {
        if let Some((name, password)) = config.user.clone().zip(config.password().given(context)) {
            Self::User { name, password }
        } else if let Some(token) = &config.token {
            Self::Token(token.clone())
        } else if let Some(seed) = config.nkey().given(context) {
            Self::Nkey(seed)
        } else if let Some(file) = &config.credentials_file {
            Self::File(context.path(file))
        } else {
            Self::Anonymous
        }
    }

    /// Checks whether all credentials exist and can be read.
    pub fn check(&self) -> anyhow::Result<()> {
        self.read(&[]).map(|_| ())
    }

    /// What the server asks for. A key signs the server's nonce.
    pub fn read(&self, nonce: &[u8]) -> anyhow::Result<Auth> {
        let mut auth = Auth::new();
        match self {
            Self::Anonymous => {}
            Self::User { name, password } => {
                auth.username = Some(name.clone());
                auth.password = Some(password.read()?.expose().to_owned());
            }
            Self::Token(token) => auth.token = Some(token.expose().to_owned()),
            Self::Nkey(seed) => {
                let key = key(seed.read()?.expose())?;
                auth.signature = Some(sign(&key, nonce)?);
                auth.nkey = Some(key.public_key());
            }
            Self::File(file) => {
                let text =
                    GivenSecret::InFile { name: "credentials", path: file.clone() }.read()?;
                let block = |name: &str| {
                    let missing = || anyhow!("`{}` has no {name}", file.display());
                    block(text.expose(), name).ok_or_else(missing)
                };
                auth.jwt = Some(block("NATS USER JWT")?.to_owned());
                auth.signature = Some(sign(&key(block("USER NKEY SEED")?)?, nonce)?);
            }
        }
        Ok(auth)
    }
}

/// The key pair of a seed, which must be a user's.
pub(crate) fn key(seed: &str) -> anyhow::Result<KeyPair> {
    match KeyPair::from_seed(seed.trim()) {
        Ok(key) if key.public_key().starts_with('U') => Ok(key),
        // The library's error is left out, because it might quote the seed.
        Ok(_) | Err(_) => Err(anyhow!("an nkey is not the seed of a user")),
    }
}

fn sign(key: &KeyPair, nonce: &[u8]) -> anyhow::Result<Vec<u8>> {
    key.sign(nonce).context("cannot sign the server's nonce")
}

/// Reads the text between the lines `-----BEGIN NAME-----` and `------END NAME------`, as `nsc`
/// writes them.
fn block<'a>(text: &'a str, name: &str) -> Option<&'a str> {
    let edge = |line: &str, word: &str| {
        line.starts_with("---") && line.trim_matches(['-', ' ']) == format!("{word} {name}")
    };
    let mut lines = text.lines().map(str::trim).skip_while(|line| !edge(line, "BEGIN"));
    let content = lines.nth(1)?;
    lines.next().filter(|line| edge(line, "END")).map(|_| content)
}
