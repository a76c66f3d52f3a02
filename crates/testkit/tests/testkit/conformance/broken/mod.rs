//! Small wrong stages, each of which breaks one promise: its suite finds it.

mod durable;
mod ending;
mod panics;
mod plugin;
mod sink;
mod source;
mod validator;
