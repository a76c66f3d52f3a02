//! The layers that a configuration is merged from: the file, variables, `L0_` overrides and
//! `--set`. Each value knows the place that it came from.

mod effective;
pub(crate) mod keys;
mod origin;
pub(crate) mod overrides;
pub(crate) mod reference;
pub(crate) mod secrets;
pub(crate) mod source_text;
mod syntax;
pub(crate) mod toml_file;
mod variable_name;
pub(crate) mod variables;
