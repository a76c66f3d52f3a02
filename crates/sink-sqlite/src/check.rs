use l0_stage::{Context, Finding};

use crate::SqliteConfig;
use crate::tables::fit::below_table;

/// Everything wrong with the section that can be known without opening the database.
pub(crate) fn findings(config: &SqliteConfig, context: &Context) -> Vec<Finding> {
    let mut findings: Vec<_> = config.table.check().into_iter().map(below_table).collect();
    findings.extend(path(config, context));
    findings.extend(config.migrations(context).err());
    findings
}

fn path(config: &SqliteConfig, context: &Context) -> Option<Finding> {
    let refuse = |message: String, help: &str| Some(Finding::new("path", message).help(help));
    let named = config.path.to_string_lossy();
    if named.is_empty() || named == ":memory:" {
        let message = "a database in memory has no write-ahead log: its readers would meet \
                       locked tables, and nothing in it is durable";
        return refuse(message.to_owned(), "name a file, for example in a temporary folder");
    }
    if named.starts_with("file:") {
        let help = "name the file by its path";
        return refuse(format!("`{named}` is a URI, not a path"), help);
    }
    let path = context.path(&config.path);
    if path.is_dir() {
        return refuse(format!("`{named}` is a folder"), "name a file in it");
    }
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty())?;
    (!folder.is_dir()).then(|| {
        let message = format!("folder `{}` not found", folder.display());
        Finding::new("path", message).help("create it, or name a file in another")
    })
}
