mod mend;
mod select;
mod show;

use std::process::ExitCode;

use l0_engine::{Needs, Replay};

use crate::cli::{Cli, Dlq};
use crate::exit::Exit;

/// Lists, shows, replays and purges dead letters.
pub async fn dlq(cli: &Cli, action: &Dlq) -> Result<ExitCode, Exit> {
    let (_, pipeline) = cli.load(Needs::DEAD_LETTERS)?;
    let mut replay = Replay::connect(&pipeline).await?;
    match action {
        Dlq::List { filter, limit } => show::list(&replay, filter, limit.get()).await,
        Dlq::Show { id } => show::show(&replay, *id).await,
        Dlq::Replay(letters) => mend::replay(&mut replay, letters).await,
        Dlq::Purge(letters) => mend::purge(&replay, letters).await,
    }
}
