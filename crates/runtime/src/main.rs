//! The binary with the stages of this repository.

use std::process::ExitCode;

fn main() -> ExitCode {
    l0_runtime::main(l0_runtime::registry())
}
