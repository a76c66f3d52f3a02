mod letter;
mod mend;
mod select;
mod show;

use l0_engine::{Needs, Replay};

use crate::answer::Answer;
use crate::cli::{Cli, Dlq, Filter};
use crate::exit::Exit;

/// Lists, shows, replays and purges dead letters.
pub async fn dlq(cli: &Cli, action: &Dlq) -> Result<Answer, Exit> {
    if let Dlq::Replay(letters) | Dlq::Purge(letters) = action
        && !letters.all
        && letters.filter != Filter::default()
    {
        return Err(Exit::usage("a filter goes with --all: letters are named by id or by filter"));
    }
    let (_, pipeline) = cli.load(Needs::DEAD_LETTERS)?;
    let mut replay = Replay::connect(&pipeline, action.pipeline()).await?;
    match action {
        Dlq::List { filter, limit, .. } => show::list(&replay, filter, limit.get()).await,
        Dlq::Show { id, .. } => show::show(&replay, *id, cli.json).await,
        Dlq::Replay(letters) => mend::replay(&mut replay, letters, cli.json).await,
        Dlq::Purge(letters) => mend::purge(&replay, letters).await,
    }
}
