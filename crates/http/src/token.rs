use std::fs;
use std::path::Path;

use hyper::HeaderMap;
use hyper::header::AUTHORIZATION;
use l0_stage::anyhow::{self, Context as _, anyhow};
use l0_stage::{Context, Error, Finding, Secret, Why};
use sha2::{Digest, Sha256};

/// How a request's token compares with the configured one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Proof {
    /// The request carries the token.
    Right,
    /// It carries another token.
    Wrong,
    /// It carries no token.
    Absent,
}

/// The secret that a client must send: the `token` of a section, or the content of its
/// `token_file`.
#[derive(Debug)]
pub struct Token(Secret);

/// Fewest characters of a token if other machines can reach the listener and guess.
const LEAST: usize = 16;
const MAKE_ONE: &str = "`openssl rand -hex 16` creates one";

impl Token {
    /// What is wrong with the two keys of a section. `exposed` says whether other machines can
    /// reach its listener.
    pub fn finding(token: Option<&Secret>, file: Option<&Path>, exposed: bool) -> Option<Finding> {
        let token = token?;
        if file.is_some() {
            let help = "keep `token` or `token_file`";
            return Some(Finding::new("token_file", "two tokens").help(help));
        }
        // A finding of the section, not of the key: the line of the key would show the token.
        let finding = |problem| Finding::new("", format!("`token` {problem}")).help(MAKE_ONE);
        Self::problem(token, exposed).map(finding)
    }

    /// Why a text cannot be a token: it must fit into a header, and must be hard to guess.
    #[must_use]
    pub fn problem(token: &Secret, exposed: bool) -> Option<&'static str> {
        match token.expose() {
            "" => Some("is empty"),
            text if !text.bytes().all(|byte| byte.is_ascii_graphic()) => {
                Some("has characters other than visible ASCII")
            }
            text if exposed && text.len() < LEAST => {
                Some("has fewer than 16 characters, and other machines may try to guess it")
            }
            _ => None,
        }
    }

    /// The token of a section. [`finding`](Self::finding) must have found nothing. `None` if the
    /// section has no token.
    ///
    /// # Errors
    /// [`Error::Retryable`] if the file cannot be read, or its content cannot be a token.
    pub fn of(
        token: Option<&Secret>,
        file: Option<&Path>,
        context: &Context,
        exposed: bool,
    ) -> Result<Option<Self>, Error> {
        let token = match file {
            Some(file) => {
                let read = read(&context.path(file), exposed);
                Some(read.map_err(|error| Error::retryable(Why::Mismatch, error))?)
            }
            None => token.cloned(),
        };
        Ok(token.map(Self))
    }

    /// The value of the `Authorization` header that carries the token.
    #[must_use]
    pub fn header(&self) -> String {
        format!("Bearer {}", self.0.expose())
    }

    /// Compares the token that a request carries.
    #[must_use]
    pub fn proof(&self, headers: &HeaderMap) -> Proof {
        let given = headers.get(AUTHORIZATION).map(|value| value.as_bytes()).unwrap_or_default();
        match given.split_at_checked("Bearer ".len()) {
            Some((scheme, given)) if scheme.eq_ignore_ascii_case(b"Bearer ") => {
                match equal(given, self.0.expose().as_bytes()) {
                    true => Proof::Right,
                    false => Proof::Wrong,
                }
            }
            // Credentials of another scheme are meant for a proxy: they are not a guess at the
            // token.
            _ => Proof::Absent,
        }
    }
}

fn read(path: &Path, exposed: bool) -> anyhow::Result<Secret> {
    let shown = path.display();
    let text =
        fs::read_to_string(path).with_context(|| format!("cannot read token file `{shown}`"))?;
    let token = Secret::from(text.trim_end_matches(['\r', '\n']).to_owned());
    match Token::problem(&token, exposed) {
        None => Ok(token),
        Some(problem) => Err(anyhow!("the token in `{shown}` {problem}: {MAKE_ONE}")),
    }
}

/// Compares in a time that does not depend on where the texts differ, nor on their lengths.
fn equal(one: &[u8], other: &[u8]) -> bool {
    let (one, other) = (Sha256::digest(one), Sha256::digest(other));
    one.iter().zip(&other).fold(0, |differing, (a, b)| differing | (a ^ b)) == 0
}
