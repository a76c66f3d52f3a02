//! The runtime with three more stages.

use std::process::ExitCode;

use l0_csv_sink::CsvConfig;
use l0_rules_validator::RulesConfig;
use l0_tail_source::TailConfig;

fn main() -> ExitCode {
    let registry = l0_runtime::registry().with::<TailConfig>();
    l0_runtime::main(registry.with::<RulesConfig>().with::<CsvConfig>())
}
