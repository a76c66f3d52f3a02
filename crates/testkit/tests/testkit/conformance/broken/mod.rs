//! Small wrong stages, each of which breaks one promise: its suite finds it.

mod documents;
mod durable;
mod ending;
mod fault;
mod letters;
mod panics;
mod plugin;
mod reader;
mod sink;
mod source;
mod validator;
