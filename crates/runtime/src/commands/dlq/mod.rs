mod letter;
mod mend;
mod options;
mod select;
mod show;

use l0_engine::{Needs, Replay, dead_letters};

use crate::answer::Answer;
use crate::cli::Cli;
use crate::exit::Exit;
use options::Filter;

pub use options::Dlq;

/// Lists, shows, replays and purges dead letters.
pub async fn dlq(cli: &Cli, action: &Dlq) -> Result<Answer, Exit> {
    if let Dlq::Replay(letters) | Dlq::Purge(letters) = action
        && !letters.all
        && letters.filter != Filter::default()
    {
        return Err(Exit::usage(
            "a filter needs --all: name letters by their ids, or by --all with a filter",
        ));
    }
    let (_, pipeline) = cli.load(Needs::DEAD_LETTERS)?;
    let of = action.pipeline();
    match action {
        Dlq::List { filter, limit, newest, .. } => {
            let kept = dead_letters(&pipeline, of).await?;
            show::list(&*kept, filter, limit.get(), *newest).await
        }
        Dlq::Show { id, .. } => {
            show::show(&*dead_letters(&pipeline, of).await?, *id, cli.json).await
        }
        Dlq::Purge(letters) => mend::purge(&*dead_letters(&pipeline, of).await?, letters).await,
        Dlq::Replay(letters) => {
            let mut replay = Replay::connect(&pipeline, of).await?;
            mend::replay(&mut replay, letters, cli.json).await
        }
    }
}
