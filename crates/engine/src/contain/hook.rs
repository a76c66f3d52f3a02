//! Catches panics, and learns from the panic hook where each happened.

use std::cell::{Cell, RefCell};
use std::panic::{AssertUnwindSafe, PanicHookInfo, catch_unwind, set_hook, take_hook};
use std::sync::Once;

/// A panic that was caught.
#[derive(Debug)]
pub(super) struct Seen {
    /// File, line and column of the panic.
    pub place: String,
    /// The message of the panic. It may quote a document.
    pub message: String,
}

thread_local! {
    static WATCHING: Cell<bool> = const { Cell::new(false) };
    static SEEN: RefCell<Option<Seen>> = const { RefCell::new(None) };
}

static HOOK: Once = Once::new();

/// Makes a call and catches its panic, without printing the panic to standard error.
pub(super) fn watch<T>(call: impl FnOnce() -> T) -> Result<T, Seen> {
    HOOK.call_once(install);
    let outer = WATCHING.replace(true);
    let done = catch_unwind(AssertUnwindSafe(call));
    WATCHING.set(outer);
    done.map_err(|_| SEEN.take().unwrap_or_else(unknown))
}

/// Installs a panic hook that records panics of watched calls. Other panics go to the previous
/// hook.
fn install() {
    let usual = take_hook();
    set_hook(Box::new(move |info| match WATCHING.get() {
        true => SEEN.set(Some(seen(info))),
        false => usual(info),
    }));
}

fn seen(info: &PanicHookInfo<'_>) -> Seen {
    let place = info.location().map(ToString::to_string);
    let message = info.payload_as_str().unwrap_or("a value that is not a text").to_owned();
    Seen { place: place.unwrap_or_else(|| unknown().place), message }
}

fn unknown() -> Seen {
    Seen { place: "an unknown place".to_owned(), message: String::new() }
}
