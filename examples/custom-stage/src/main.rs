//! The runtime with one more stage.

use std::process::ExitCode;

use l0_custom_stage::StdoutConfig;

fn main() -> ExitCode {
    l0_runtime::main(l0_runtime::registry().with::<StdoutConfig>())
}
