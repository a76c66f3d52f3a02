//! Guesses by names and contents what is secret, and removes secrets from texts.

use std::collections::BTreeSet;

/// Names of secrets. A key that no schema knows is secret if its name is in this list. The same
/// holds for a name that ends with `_` and a name of this list (`admin_password`). A variable is
/// secret if its name contains such a name between underscores (`PG_PASSWORD_WORKER`).
const SECRET_NAMES: &[&str] = &[
    "password",
    "passwd",
    "passphrase",
    "pwd",
    "secret",
    "token",
    "credentials",
    "creds",
    "nkey",
    "seed",
    "private_key",
    "api_key",
    "apikey",
    "jwt",
];

/// Whether the value of a variable with this name must not be shown.
pub(crate) fn is_secret_variable(name: &str) -> bool {
    let name = format!("_{}_", name.to_ascii_lowercase());
    SECRET_NAMES.iter().any(|secret| name.contains(&format!("_{secret}_")))
}

/// Whether the value at a path that no schema knows must not be shown. This is so if a name of the
/// path is the name of a secret, or looks like a misspelt one.
pub(crate) fn resembles_secret_path(path: &str) -> bool {
    path.split('.').any(resembles_secret)
}

/// Whether a key has the name of a secret, or looks like a misspelling of one.
pub(crate) fn resembles_secret(key: &str) -> bool {
    let last = key.rsplit(['_', '-']).next().unwrap_or(key).to_ascii_lowercase();
    is_secret_key(key) || SECRET_NAMES.iter().any(|secret| is_slip(&last, secret))
}

/// Whether `word` may be a misspelling of `key`.
pub(crate) fn is_slip_of(word: &str, key: &str) -> bool {
    let most = if key.len() < 6 { 1 } else { 2 };
    word.chars().next() == key.chars().next() && strsim::osa_distance(word, key) <= most
}

/// Whether `word` may be a misspelling of the name `secret`. A short name resembles many harmless
/// words, such as `feed` for `seed`, so fewer letters may differ.
fn is_slip(word: &str, secret: &str) -> bool {
    let begins_alike = word.chars().next() == secret.chars().next();
    match secret.len() {
        0..=3 => false,
        4..=5 => begins_alike && strsim::osa_distance(word, secret) <= 1,
        _ => strsim::osa_distance(word, secret) <= 2,
    }
}

/// Whether a text may contain a private key, or an address with a password before `@` or in a URL
/// parameter. A password may contain any character, so some harmless addresses are hidden too.
pub(crate) fn holds_credentials(text: &str) -> bool {
    let has_scheme = text.split_once("://").is_some_and(|(_, rest)| rest.contains('@'));
    let parts = || text.split(['"', '\'', ',']).map(str::trim);
    has_scheme
        || text.contains("PRIVATE KEY-----")
        || parts().any(is_user_and_host)
        || text.split(['?', '&']).skip(1).any(is_secret_parameter)
}

/// Whether a text looks like an address with a password, without a scheme: `bob:hunter2@host`.
fn is_user_and_host(text: &str) -> bool {
    let plain = |c: char| c.is_alphanumeric() || matches!(c, '.' | '_' | '-' | '+' | '%');
    text.split_once(':').is_some_and(|(user, rest)| {
        let host = rest.rsplit_once('@').map(|(_, host)| host);
        !user.is_empty()
            && user.chars().all(plain)
            && host.is_some_and(|host| host.starts_with(|c: char| c.is_alphanumeric() || c == '['))
    })
}

/// Whether a URL parameter is secret: `password=hunter2`.
fn is_secret_parameter(text: &str) -> bool {
    text.split_once('=').is_some_and(|(name, value)| is_secret_key(name) && !value.is_empty())
}

fn is_secret_key(key: &str) -> bool {
    let key = key.to_ascii_lowercase().replace('-', "_");
    SECRET_NAMES.iter().any(|secret| {
        key.strip_suffix(secret).is_some_and(|rest| rest.is_empty() || rest.ends_with('_'))
    })
}

/// The secret values of one configuration. They are removed from texts that come from elsewhere,
/// such as errors of a library.
#[derive(Default)]
pub(crate) struct Secrets {
    hidden: BTreeSet<String>,
    open: BTreeSet<String>,
}

impl Secrets {
    /// A secret with fewer bytes than this is removed only where it is a whole word. Otherwise the
    /// password `a` would make every text unreadable.
    const SHORT: usize = 8;

    pub fn hide(&mut self, text: impl Into<String>) {
        let text = text.into();
        let escaped = text.escape_debug().to_string();
        self.hidden.extend([text, escaped].into_iter().filter(|text| !text.is_empty()));
    }

    /// Marks a text as public, so that it is not removed although a secret has the same text. For
    /// example, a user `worker` with the password `worker` is shown. Removing such a word would
    /// only make messages hard to read.
    pub fn show(&mut self, text: impl Into<String>) {
        self.open.insert(text.into());
    }

    pub fn scrub(&self, text: &str) -> String {
        let mut secrets: Vec<_> = self.hidden.difference(&self.open).collect();
        secrets.sort_by_key(|secret| std::cmp::Reverse(secret.len()));
        secrets.into_iter().fold(text.to_owned(), |text, secret| remove(&text, secret))
    }
}

fn remove(text: &str, secret: &str) -> String {
    let anywhere = secret.len() >= Secrets::SHORT;
    let mut result = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find(secret) {
        let (before, after) = (&rest[..at], &rest[at + secret.len()..]);
        let in_word = |c: Option<char>| c.is_some_and(char::is_alphanumeric);
        let previous = before.chars().next_back().or_else(|| result.chars().next_back());
        let part_of_word = in_word(previous) || in_word(after.chars().next());
        result.push_str(before);
        result.push_str(if anywhere || !part_of_word { "[secret]" } else { secret });
        rest = after;
    }
    result + rest
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_secret_by_its_last_word_and_a_misspelt_one_is_taken_for_it() {
        for key in ["password", "admin_password", "TOKEN", "nkey", "api-key"] {
            assert!(is_secret_key(key), "{key}");
        }
        for key in ["password_file", "workers", "key", "stream"] {
            assert!(!is_secret_key(key), "{key}");
        }
        for key in ["pasword", "passwrod", "tokne", "Password", "admin_pasword"] {
            assert!(resembles_secret(key), "{key}");
        }
        for key in ["workrs", "key", "pid", "feed", "stored"] {
            assert!(!resembles_secret(key), "{key}");
        }
        assert!(resembles_secret_path("sink.postgres.pasword.x"));
    }

    #[test]
    fn a_private_key_in_the_place_of_its_file_is_hidden() {
        assert!(holds_credentials("-----BEGIN EC PRIVATE KEY-----\nMHc"));
        assert!(!holds_credentials("/run/secrets/key.pem"));
    }

    #[test]
    fn a_variable_is_secret_by_any_word_of_its_name() {
        assert!(is_secret_variable("PG_PASSWORD_WORKER"));
        assert!(!is_secret_variable("PG_USER_WORKER"));
    }

    #[test]
    fn a_short_secret_is_removed_as_a_word_and_a_long_one_everywhere() {
        let mut secrets = Secrets::default();
        secrets.hide("ab");
        secrets.hide("correct-horse");
        assert_eq!(secrets.scrub("about `ab` xcorrect-horsex"), "about `[secret]` x[secret]x");
    }

    #[test]
    fn a_text_that_is_no_secret_elsewhere_is_kept() {
        let mut secrets = Secrets::default();
        secrets.hide("worker");
        secrets.show("worker");
        assert_eq!(secrets.scrub("role `worker`"), "role `worker`");
    }

    #[test]
    fn an_address_with_a_password_is_recognised() {
        assert!(holds_credentials("nats://user:pw@host:4222"));
        assert!(holds_credentials("nats://user:/p w@host:4222"));
        for text in ["bob:hunter2@host:4222", "a:1, bob:p w@[::1]", "url = \"bob:hunter2@host\""] {
            assert!(holds_credentials(text), "{text}");
        }
        for text in ["nats://host?password=hunter2", "host/db?a=b&token=hunter2"] {
            assert!(holds_credentials(text), "{text}");
        }
        let open = ["a@b sees nats://host:4222", "published_at = \"@published\"", "host:4222"];
        let messages =
            [r#"{"email": "bob@example.com"}"#, "/a?tokens=1", "host?token=", "at 10:30 @home"];
        for text in open.into_iter().chain(messages) {
            assert!(!holds_credentials(text), "{text}");
        }
    }
}
