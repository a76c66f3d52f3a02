use std::fs::File;
use std::path::Path;

use l0_intake::{Documents, Failure};
use l0_stage::Bytes;
use l0_stage::anyhow::{self, Context as _, anyhow};

/// The largest sample document that is read, in bytes.
const LONGEST: usize = 64 << 20;

/// Reads the only document of a sample file. The file may have any form that sources read: gzip,
/// with a byte order mark, an array.
pub(super) fn read_one(file: &Path) -> anyhow::Result<String> {
    let told = || format!("cannot read sample `{}`", file.display());
    let input = File::open(file).with_context(told)?;
    let documents = read_two(input).map_err(|failure| anyhow!("{failure}")).with_context(told)?;
    let one = match &documents[..] {
        [one] => String::from_utf8(one.to_vec()).map_err(|_| anyhow!("not UTF-8")),
        [] => Err(anyhow!("the file holds no document")),
        _ => Err(anyhow!("the file holds more than one document")),
    };
    one.with_context(told)
}

/// Reads at most the first two documents of a file, so that a second one is noticed.
fn read_two(input: File) -> Result<Vec<Bytes>, Failure> {
    let mut documents = Documents::open(Box::new(input), LONGEST)?;
    let mut found = Vec::new();
    while found.len() < 2
        && let Some(chunk) = documents.read()?
    {
        found.extend(chunk.pieces.into_iter().map(|piece| piece.content));
    }
    Ok(found)
}
