use std::fs;
use std::path::PathBuf;

use async_nats::Auth;
use l0_stage::anyhow::{self, Context as _, anyhow};
use l0_stage::{Context, Secret};
use nkeys::KeyPair;

use crate::NatsConfig;

/// The credentials for the server. Files are read at every connect.
pub(crate) enum Credentials {
    Nobody,
    User { name: String, password: Text },
    Token(Secret),
    Nkey(Text),
    File(PathBuf),
}

/// A secret in the configuration or in a file.
pub(crate) enum Text {
    Given(Secret),
    File(&'static str, PathBuf),
}

impl Credentials {
    /// The credentials of a section that [`crate::check`] found right: at most one kind.
    pub fn of(config: &NatsConfig, context: &Context) -> Self {
        let text = |given: &Option<Secret>, file: &Option<PathBuf>, what| {
            let in_file = file.as_ref().map(|file| Text::File(what, context.path(file)));
            in_file.or_else(|| given.clone().map(Text::Given))
        };
        let password = text(&config.password, &config.password_file, "password file");
        if let Some((name, password)) = config.user.clone().zip(password) {
            Self::User { name, password }
        } else if let Some(token) = &config.token {
            Self::Token(token.clone())
        } else if let Some(seed) = text(&config.nkey, &config.nkey_file, "nkey file") {
            Self::Nkey(seed)
        } else if let Some(file) = &config.credentials_file {
            Self::File(context.path(file))
        } else {
            Self::Nobody
        }
    }

    /// Checks whether everything exists and can be read.
    pub fn check(&self) -> anyhow::Result<()> {
        self.read(&[]).map(|_| ())
    }

    /// What the server asks for. A key signs the server's nonce.
    pub fn read(&self, nonce: &[u8]) -> anyhow::Result<Auth> {
        let mut auth = Auth::new();
        match self {
            Self::Nobody => {}
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
                let text = Text::File("credentials file", file.clone()).read()?;
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

impl Text {
    fn read(&self) -> anyhow::Result<Secret> {
        match self {
            Self::Given(secret) => Ok(secret.clone()),
            Self::File(what, file) => {
                let text = fs::read_to_string(file)
                    .with_context(|| format!("cannot read {what} `{}`", file.display()))?;
                Ok(Secret::from(text.trim_end_matches(['\r', '\n']).to_owned()))
            }
        }
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

/// The text between the lines `-----BEGIN NAME-----` and `------END NAME------`, as `nsc` writes
/// them.
fn block<'a>(text: &'a str, name: &str) -> Option<&'a str> {
    let edge = |line: &str, word: &str| {
        line.starts_with("---") && line.trim_matches(['-', ' ']) == format!("{word} {name}")
    };
    let mut lines = text.lines().map(str::trim).skip_while(|line| !edge(line, "BEGIN"));
    let content = lines.nth(1)?;
    lines.next().filter(|line| edge(line, "END")).map(|_| content)
}
