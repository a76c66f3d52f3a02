use hyper::HeaderMap;
use hyper::header::AUTHORIZATION;
use l0_stage::anyhow::{self, bail};
use l0_stage::section::{GivenSecret, SecretKeys};
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
    #[must_use]
    pub fn finding(keys: SecretKeys<'_>, exposed: bool) -> Option<Finding> {
        // A finding of the section, not of the key: the line of the key would show the token.
        let finding = |problem| Finding::new("", format!("`token` {problem}")).help(MAKE_ONE);
        keys.finding().or_else(|| Self::problem(keys.here()?, exposed).map(finding))
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
        keys: SecretKeys<'_>,
        context: &Context,
        exposed: bool,
    ) -> Result<Option<Self>, Error> {
        let read = keys.given(context).map(|given| read(&given, exposed)).transpose();
        let token = read.map_err(|error| Error::retryable(Why::Mismatch, error))?;
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

/// A token in the section was checked by [`Token::finding`]; one in a file is checked here.
fn read(given: &GivenSecret, exposed: bool) -> anyhow::Result<Secret> {
    let token = given.read()?;
    if let GivenSecret::InFile { path, .. } = given
        && let Some(problem) = Token::problem(&token, exposed)
    {
        bail!("the token in `{}` {problem}: {MAKE_ONE}", path.display());
    }
    Ok(token)
}

/// Compares in a time that does not depend on where the texts differ, nor on their lengths.
fn equal(one: &[u8], other: &[u8]) -> bool {
    let (one, other) = (Sha256::digest(one), Sha256::digest(other));
    one.iter().zip(&other).fold(0, |differing, (a, b)| differing | (a ^ b)) == 0
}
