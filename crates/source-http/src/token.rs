use std::fs;

use hyper::HeaderMap;
use hyper::header::AUTHORIZATION;
use l0_stage::anyhow::{self, Context as _, anyhow};
use l0_stage::{Context, Error, Secret, Why};
use sha2::{Digest, Sha256};

use crate::HttpConfig;

/// What a client must prove to know.
#[derive(Debug)]
pub(crate) struct Token(Secret);

/// Of a section that was found right: at most one of the two keys.
pub(crate) fn of(config: &HttpConfig, context: &Context) -> Result<Option<Token>, Error> {
    let read = |path| -> anyhow::Result<Secret> {
        let path = context.path(path);
        let text = fs::read_to_string(&path)
            .with_context(|| format!("cannot read token file `{}`", path.display()))?;
        let token = Secret::from(text.trim_end_matches(['\r', '\n']).to_owned());
        match problem(&token) {
            None => Ok(token),
            Some(problem) => Err(anyhow!("the token in `{}` {problem}", path.display())),
        }
    };
    let token = match &config.token_file {
        Some(path) => Some(read(path).map_err(|error| Error::retryable(Why::Mismatch, error))?),
        None => config.token.clone(),
    };
    Ok(token.map(Token))
}

/// Why a text cannot be a token: it has to fit into a header.
pub(crate) fn problem(token: &Secret) -> Option<&'static str> {
    match token.expose() {
        "" => Some("is empty"),
        text if text.bytes().all(|byte| byte.is_ascii_graphic()) => None,
        _ => Some("has characters other than visible ASCII"),
    }
}

impl Token {
    /// The value of the header that proves it.
    pub fn header(&self) -> String {
        format!("Bearer {}", self.0.expose())
    }

    /// Whether a request carries it.
    pub fn is_in(&self, headers: &HeaderMap) -> bool {
        let given = headers.get(AUTHORIZATION).map(|value| value.as_bytes()).unwrap_or_default();
        let Some((scheme, given)) = given.split_at_checked("Bearer ".len()) else { return false };
        scheme.eq_ignore_ascii_case(b"Bearer ") && equal(given, self.0.expose().as_bytes())
    }
}

/// In a time that tells nothing of where they differ, nor of their lengths.
fn equal(one: &[u8], other: &[u8]) -> bool {
    let (one, other) = (Sha256::digest(one), Sha256::digest(other));
    one.iter().zip(&other).fold(0, |differing, (a, b)| differing | (a ^ b)) == 0
}
