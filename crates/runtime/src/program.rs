//! What this binary is called: one with stages of one's own has a name of its own.

use std::borrow::Cow;
use std::path::PathBuf;
use std::sync::OnceLock;

use l0_stage::text::called;

/// The name that texts are written with.
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

/// Its version: that of the runtime within.
pub fn version() -> &'static str {
    match name() {
        RUNTIME => env!("CARGO_PKG_VERSION"),
        _ => concat!("(runtime ", env!("CARGO_PKG_VERSION"), ")"),
    }
}

/// A text whose commands can be typed as they stand.
pub fn spoken(text: &str) -> Cow<'_, str> {
    called(text, name())
}
