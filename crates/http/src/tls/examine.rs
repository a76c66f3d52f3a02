//! What `l0-runtime doctor` checks about a certificate and its key.

use l0_stage::Finding;
use l0_stage::doctor::Check;
use l0_stage::time::{Duration, OffsetDateTime};

use super::TlsFiles;
use super::pair::Pair;

const NAME: &str = "certificate";

/// A certificate that is renewed automatically should have been renewed if less time than this is
/// left.
const SOON: Duration = Duration::days(14);

/// Checks whether the pair can be used, until when, and who may read its key.
#[must_use]
pub fn check_certificate(files: &TlsFiles) -> Vec<Check> {
    let pair = match Pair::read(files) {
        Ok(pair) => pair,
        Err(finding) => return vec![Check::trouble(NAME, finding)],
    };
    let found = [ending(pair.ends, OffsetDateTime::now_utc()), open_key(files)];
    let seen = match pair.ends {
        Some(ends) => format!("valid until {}", ends.date()),
        None => "its end is not known".to_owned(),
    };
    Check::warnings(NAME, found.into_iter().flatten().collect(), || seen)
}

fn ending(ends: Option<OffsetDateTime>, now: OffsetDateTime) -> Option<Finding> {
    let ends = ends?;
    let left = ends - now;
    let message = match left {
        _ if left.is_negative() => format!("the certificate expired on {}", ends.date()),
        _ if left < SOON => {
            format!("the certificate expires on {}: less than two weeks are left", ends.date())
        }
        _ => return None,
    };
    let help = "renew it and replace both files; a running instance takes the new ones by itself";
    Some(Finding::new("tls_cert_file", message).help(help))
}

fn open_key(files: &TlsFiles) -> Option<Finding> {
    let shown = files.key.display();
    // An unreadable key was reported before.
    files.is_key_open().is_ok_and(|open| open).then(|| {
        let message = format!("every user of this machine may read the private key in `{shown}`");
        Finding::new("tls_key_file", message).help(format!("chmod 600 {shown}"))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_certificate_is_renewed_before_its_last_two_weeks() {
        let now = OffsetDateTime::UNIX_EPOCH + Duration::days(100);
        let of = |left| ending(Some(now + left), now).map(|finding| finding.message);
        assert_eq!(of(SOON), None);
        let days = |text: &str| Some(format!("the certificate {text}"));
        assert_eq!(
            of(Duration::hours(47)),
            days("expires on 1970-04-12: less than two weeks are left")
        );
        assert_eq!(of(Duration::seconds(-1)), days("expired on 1970-04-10"));
    }
}
