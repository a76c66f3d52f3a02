//! The files of the page, from the binary or from a folder.

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use l0_stage::Bytes;
use tracing::debug;
use warp::http::header::{ACCEPT_ENCODING, CONTENT_ENCODING, VARY};
use warp::http::{HeaderMap, HeaderValue};
use warp::reply::Response;

use crate::content::{Content, REVALIDATE, head};
use crate::security;

/// The files of `static/` at build time: the path below it, the bytes, and the same compressed.
const EMBEDDED: &[(&str, &[u8], &[u8])] = include!(concat!(env!("OUT_DIR"), "/embedded.rs"));

/// All views are one file: the page reads the path to find out which view it is.
const VIEWS: [&str; 3] = ["pipeline", "dead-letters", "system"];

/// The files of the page.
#[derive(Debug)]
pub(crate) enum Assets {
    /// The files in the binary.
    Embedded(HashMap<&'static str, Embedded>),
    /// The files of a folder, read for each answer, so that a change shows on reload.
    Folder(PathBuf),
}

/// A file as it is, and compressed.
#[derive(Debug)]
pub(crate) struct Embedded {
    plain: Content,
    gzip: Content,
}

/// One file of the page.
#[derive(Debug)]
pub(crate) struct Asset {
    content: Content,
    content_type: &'static str,
    gzip: bool,
}

impl Asset {
    pub fn reply(self) -> Response {
        let mut head = head(self.content_type, REVALIDATE);
        head.insert(VARY, HeaderValue::from_static("accept-encoding"));
        if self.gzip {
            head.insert(CONTENT_ENCODING, HeaderValue::from_static("gzip"));
        }
        security::page(&mut head);
        self.content.reply(&head)
    }
}

/// Whether a client accepts gzip: RFC 9110, section 12.5.3.
pub(crate) fn takes_gzip(request: &HeaderMap) -> bool {
    let lists = request.get_all(ACCEPT_ENCODING).iter().filter_map(|list| list.to_str().ok());
    let codings = lists.flat_map(|list| list.split(','));
    codings.map(|coding| coding.split(';').map(str::trim)).any(|mut coding| {
        let is_gzip = coding.next().is_some_and(|name| name.eq_ignore_ascii_case("gzip"));
        is_gzip && !coding.any(is_zero)
    })
}

/// Whether a weight refuses its coding: `q=0`, up to `q=0.000`.
fn is_zero(weight: &str) -> bool {
    let value = weight.strip_prefix(['q', 'Q']).and_then(|rest| rest.strip_prefix('='));
    value.is_some_and(|value| {
        value.strip_prefix('0').is_some_and(|rest| rest.bytes().all(|it| matches!(it, b'.' | b'0')))
    })
}

impl Assets {
    /// The folder if it exists, otherwise the embedded files.
    pub fn choose(folder: Option<PathBuf>) -> Self {
        match folder.and_then(|folder| folder.canonicalize().ok()) {
            Some(folder) if folder.is_dir() => Self::Folder(folder),
            _ => {
                let embed = |bytes| Content::new(Bytes::from_static(bytes));
                let files = EMBEDDED.iter().map(|(name, plain, gzip)| {
                    (*name, Embedded { plain: embed(plain), gzip: embed(gzip) })
                });
                Self::Embedded(files.collect())
            }
        }
    }

    /// The origin of the page, for the log.
    pub fn origin(&self) -> String {
        match self {
            Self::Embedded(_) => "embedded".to_owned(),
            Self::Folder(folder) => folder.display().to_string(),
        }
    }

    /// The file at a request's path.
    pub async fn find(&self, path: &str, takes_gzip: bool) -> Option<Asset> {
        let name = file_name(path)?;
        let (content, gzip) = match self {
            Self::Embedded(files) if takes_gzip => (files.get(name)?.gzip.clone(), true),
            Self::Embedded(files) => (files.get(name)?.plain.clone(), false),
            Self::Folder(folder) => (Content::new(read_below(folder, name).await?), false),
        };
        Some(Asset { content, content_type: content_type(name), gzip })
    }
}

/// The file for a path. No escape sequence is decoded, and no segment may be hidden or lead out of
/// the folder: a path that needs either is not a file of the page.
fn file_name(path: &str) -> Option<&str> {
    let name = match path.strip_prefix('/')? {
        "" => "index.html",
        view if VIEWS.contains(&view) => "index.html",
        name => name,
    };
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_');
    let file = |segment: &str| {
        !segment.is_empty() && !segment.starts_with('.') && segment.chars().all(plain)
    };
    name.split('/').all(file).then_some(name)
}

/// Reads a file below the folder. A link that leads out of it is not followed.
async fn read_below(folder: &Path, name: &str) -> Option<Bytes> {
    let file = tokio::fs::canonicalize(folder.join(name)).await.ok()?;
    let metadata = tokio::fs::metadata(&file).await.ok()?;
    if !file.starts_with(folder) || !metadata.is_file() {
        return None;
    }
    tokio::fs::read(&file)
        .await
        .inspect_err(|error| debug!(name, %error, "file of the page cannot be read"))
        .ok()
        .map(Bytes::from)
}

fn content_type(name: &str) -> &'static str {
    match name.rsplit_once('.').map(|(_, extension)| extension) {
        Some("html") => "text/html; charset=utf-8",
        Some("css") => "text/css; charset=utf-8",
        Some("js" | "mjs") => "text/javascript; charset=utf-8",
        Some("json" | "map") => "application/json",
        Some("txt" | "md") => "text/plain; charset=utf-8",
        Some("svg") => "image/svg+xml",
        Some("png") => "image/png",
        Some("ico") => "image/x-icon",
        Some("woff2") => "font/woff2",
        Some("webmanifest") => "application/manifest+json",
        _ => "application/octet-stream",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn gzip_is_for_those_who_name_it_and_do_not_refuse_it() {
        let takes = |text: &'static str| {
            takes_gzip(&HeaderMap::from_iter([(ACCEPT_ENCODING, HeaderValue::from_static(text))]))
        };
        for text in ["gzip", "deflate, GZIP;q=0.5, br", "br, gzip;q=1.0"] {
            assert!(takes(text), "{text}");
        }
        for text in
            ["", "identity", "gzip;q=0", "br, gzip; q=0.0", "gzip;Q=0", "gzip;q=0.", "xgzip"]
        {
            assert!(!takes(text), "{text}");
        }
        assert!(!takes_gzip(&HeaderMap::new()));
    }

    #[test]
    fn only_plain_names_are_files() {
        assert_eq!(file_name("/"), Some("index.html"));
        assert_eq!(file_name("/vendor/preact.js"), Some("vendor/preact.js"));
        assert_eq!(file_name("/dead-letters"), Some("index.html"));
        for path in ["", "*", "//", "/..", "/../a", "/a/../b", "/.env", "/a/", "/%2e%2e/a", "/a\\b"]
        {
            assert_eq!(file_name(path), None, "{path}");
        }
    }
}
