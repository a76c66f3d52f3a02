use std::collections::HashMap;
use std::path::{Path, PathBuf};

use l0_stage::Bytes;
use tracing::debug;

use crate::content::Content;

/// The files of `static/` at build time: path below it and bytes.
const EMBEDDED: &[(&str, &[u8])] = include!(concat!(env!("OUT_DIR"), "/embedded.rs"));

/// The files of the page.
#[derive(Debug)]
pub(crate) enum Assets {
    /// Those of the binary.
    Embedded(HashMap<&'static str, Content>),
    /// Those of a folder, read for each answer: what is edited shows on reload.
    Folder(PathBuf),
}

/// One file of the page.
#[derive(Debug)]
pub(crate) struct Asset {
    pub content: Content,
    pub content_type: &'static str,
}

impl Assets {
    /// The folder if it exists, else the embedded files.
    pub fn choose(folder: Option<PathBuf>) -> Self {
        match folder.and_then(|folder| folder.canonicalize().ok()) {
            Some(folder) if folder.is_dir() => Self::Folder(folder),
            _ => {
                Self::Embedded(EMBEDDED.iter().map(|(name, bytes)| (*name, embed(bytes))).collect())
            }
        }
    }

    /// For the log: where the page comes from.
    pub fn origin(&self) -> String {
        match self {
            Self::Embedded(_) => "embedded".to_owned(),
            Self::Folder(folder) => folder.display().to_string(),
        }
    }

    /// The file at a request's path.
    pub async fn find(&self, path: &str) -> Option<Asset> {
        let name = file_name(path)?;
        let content = match self {
            Self::Embedded(files) => files.get(name)?.clone(),
            Self::Folder(folder) => Content::new(read_below(folder, name).await?),
        };
        Some(Asset { content, content_type: content_type(name) })
    }
}

fn embed(bytes: &'static [u8]) -> Content {
    Content::new(Bytes::from_static(bytes))
}

/// The file a path stands for. No escape sequence is decoded, and no segment may be hidden or
/// lead elsewhere: a path that needs either is no file of the page.
fn file_name(path: &str) -> Option<&str> {
    let name = match path.strip_prefix('/')? {
        "" => "index.html",
        name => name,
    };
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_');
    let file = |segment: &str| {
        !segment.is_empty() && !segment.starts_with('.') && segment.chars().all(plain)
    };
    name.split('/').all(file).then_some(name)
}

/// A link that leads out of the folder is not followed.
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
    fn only_plain_names_are_files() {
        assert_eq!(file_name("/"), Some("index.html"));
        assert_eq!(file_name("/vendor/preact.js"), Some("vendor/preact.js"));
        for path in ["", "*", "//", "/..", "/../a", "/a/../b", "/.env", "/a/", "/%2e%2e/a", "/a\\b"]
        {
            assert_eq!(file_name(path), None, "{path}");
        }
    }
}
