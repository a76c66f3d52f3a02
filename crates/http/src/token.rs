use std::fs;
use std::path::Path;

use hyper::HeaderMap;
use hyper::header::AUTHORIZATION;
use l0_stage::anyhow::{self, Context as _, anyhow};
use l0_stage::{Context, Error, Finding, Secret, Why};
use sha2::{Digest, Sha256};

/// What a client must prove to know: the `token` of a section, or the content of its `token_file`.
#[derive(Debug)]
pub struct Token(Secret);

impl Token {
    /// What is wrong with the two keys of a section.
    pub fn finding(token: Option<&Secret>, file: Option<&Path>) -> Option<Finding> {
        let token = token?;
        if file.is_some() {
            let help = "keep `token` or `token_file`";
            return Some(Finding::new("token_file", "two tokens").help(help));
        }
        // About the section, not the key: its line is shown with it, and it would show the token.
        Self::problem(token).map(|problem| Finding::new("", format!("`token` {problem}")))
    }

    /// Why a text cannot be a token: it has to fit into a header.
    #[must_use]
    pub fn problem(token: &Secret) -> Option<&'static str> {
        match token.expose() {
            "" => Some("is empty"),
            text if text.bytes().all(|byte| byte.is_ascii_graphic()) => None,
            _ => Some("has characters other than visible ASCII"),
        }
    }

    /// The token of a section without a [`finding`](Self::finding), if it has one.
    ///
    /// # Errors
    /// [`Error::Retryable`] when the file cannot be read, or holds what cannot be a token.
    pub fn of(
        token: Option<&Secret>,
        file: Option<&Path>,
        context: &Context,
    ) -> Result<Option<Self>, Error> {
        let token = match file {
            Some(file) => {
                let read = read(&context.path(file));
                Some(read.map_err(|error| Error::retryable(Why::Mismatch, error))?)
            }
            None => token.cloned(),
        };
        Ok(token.map(Self))
    }

    /// The value of the header that proves it.
    #[must_use]
    pub fn header(&self) -> String {
        format!("Bearer {}", self.0.expose())
    }

    /// Whether a request carries it.
    #[must_use]
    pub fn is_in(&self, headers: &HeaderMap) -> bool {
        let given = headers.get(AUTHORIZATION).map(|value| value.as_bytes()).unwrap_or_default();
        let Some((scheme, given)) = given.split_at_checked("Bearer ".len()) else { return false };
        scheme.eq_ignore_ascii_case(b"Bearer ") && equal(given, self.0.expose().as_bytes())
    }
}

fn read(path: &Path) -> anyhow::Result<Secret> {
    let shown = path.display();
    let text =
        fs::read_to_string(path).with_context(|| format!("cannot read token file `{shown}`"))?;
    let token = Secret::from(text.trim_end_matches(['\r', '\n']).to_owned());
    match Token::problem(&token) {
        None => Ok(token),
        Some(problem) => Err(anyhow!("the token in `{shown}` {problem}")),
    }
}

/// In a time that tells nothing of where they differ, nor of their lengths.
fn equal(one: &[u8], other: &[u8]) -> bool {
    let (one, other) = (Sha256::digest(one), Sha256::digest(other));
    one.iter().zip(&other).fold(0, |differing, (a, b)| differing | (a ^ b)) == 0
}
