//! The name of this binary. A binary with a user's own stages has another name than `l0-runtime`.

use std::borrow::Cow;
use std::path::PathBuf;
use std::sync::OnceLock;

use l0_stage::text::called;

/// The name of the binary as our texts contain it.
const RUNTIME: &str = "l0-runtime";

/// The file name that the process was started by.
pub fn name() -> &'static str {
    static NAME: OnceLock<String> = OnceLock::new();
    NAME.get_or_init(|| {
        let started = std::env::args_os().next().map(PathBuf::from);
        let stem = started.as_ref().and_then(|path| path.file_stem());
        stem.map_or(Cow::Borrowed(RUNTIME), |stem| stem.to_string_lossy()).into_owned()
    })
}

/// The version of this binary, which is the version of the runtime crate in it.
pub fn version() -> &'static str {
    match name() {
        RUNTIME => env!("CARGO_PKG_VERSION"),
        _ => concat!("(runtime ", env!("CARGO_PKG_VERSION"), ")"),
    }
}

/// Replaces `l0-runtime` in a text by the name of this binary, so that a person can type its
/// commands as they are.
pub fn spoken(text: &str) -> Cow<'_, str> {
    called(text, name())
}
