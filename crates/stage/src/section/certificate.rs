use std::path::Path;

use crate::Finding;

const CERT: &str = "tls_cert_file";
const KEY: &str = "tls_key_file";

/// What is wrong with the keys `tls_cert_file` and `tls_key_file` of a section: one is absent, or one holds PEM
/// instead of the name of a file.
#[must_use]
pub fn certificate_pair(cert: Option<&Path>, key: Option<&Path>) -> Option<Finding> {
    if [cert, key].into_iter().flatten().any(is_pem) {
        // About the section, not the key: its line is shown with it, and it would show the key.
        let message = format!("`{CERT}` and `{KEY}` name files, and one holds PEM itself");
        return Some(Finding::new("", message).help("write it to a file, and name that"));
    }
    let (alone, absent, holds) = match (cert, key) {
        (Some(_), None) => (CERT, KEY, "the private key of the certificate"),
        (None, Some(_)) => (KEY, CERT, "the certificate of the key"),
        _ => return None,
    };
    let help = format!("add `{absent}`, the file with {holds}, or remove `{alone}`");
    Some(Finding::new(alone, format!("`{alone}` without `{absent}`")).help(help))
}

fn is_pem(path: &Path) -> bool {
    path.to_string_lossy().contains("-----BEGIN")
}
