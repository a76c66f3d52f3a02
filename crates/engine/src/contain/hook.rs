//! Where a panic happened: only the panic hook is told.

use std::cell::{Cell, RefCell};
use std::panic::{AssertUnwindSafe, PanicHookInfo, catch_unwind, set_hook, take_hook};
use std::sync::Once;

/// A panic that was caught.
#[derive(Debug)]
pub(super) struct Seen {
    /// File, line and column.
    pub place: String,
    /// What it says; may quote anything.
    pub message: String,
}

thread_local! {
    static WATCHING: Cell<bool> = const { Cell::new(false) };
    static SEEN: RefCell<Option<Seen>> = const { RefCell::new(None) };
}

static HOOK: Once = Once::new();

/// Calls, and says nothing on standard error when that panics.
pub(super) fn watch<T>(call: impl FnOnce() -> T) -> Result<T, Seen> {
    HOOK.call_once(install);
    let outer = WATCHING.replace(true);
    let done = catch_unwind(AssertUnwindSafe(call));
    WATCHING.set(outer);
    done.map_err(|_| SEEN.take().unwrap_or_else(unknown))
}

/// Panics elsewhere are told as before.
fn install() {
    let usual = take_hook();
    set_hook(Box::new(move |info| match WATCHING.get() {
        true => SEEN.set(Some(seen(info))),
        false => usual(info),
    }));
}

fn seen(info: &PanicHookInfo<'_>) -> Seen {
    let place = info.location().map(ToString::to_string);
    let message = info.payload_as_str().unwrap_or("a value that is no text").to_owned();
    Seen { place: place.unwrap_or_else(|| unknown().place), message }
}

fn unknown() -> Seen {
    Seen { place: "an unknown place".to_owned(), message: String::new() }
}
