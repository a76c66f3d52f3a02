use std::path::Path;

use crate::Finding;

const CERT: &str = "tls_cert_file";
const KEY: &str = "tls_key_file";

/// A finding about the keys `tls_cert_file` and `tls_key_file` of a section: only one of them is
/// set, or one holds PEM text instead of a file's name.
#[must_use]
pub fn certificate_pair(cert: Option<&Path>, key: Option<&Path>) -> Option<Finding> {
    if [cert, key].into_iter().flatten().any(is_pem) {
        // The finding names the section instead of the key. A finding shows the line of its key,
        // and that line would show the private key.
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
