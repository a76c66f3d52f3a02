//! Everything that `doctor` asks about SQLite. Each check is made from one of these topics, and
//! the README shows them.

use l0_stage::doctor::Topic;

pub(super) const FOLDER: Topic = Topic {
    name: "folder",
    asks: "whether this user may write in the folder of the file, and whether every other user may",
    wrong: &[(
        "`folder ... cannot be written to`; `every user of this machine may write to folder ...`",
        "the permissions, or a file in another folder",
    )],
};

pub(super) const FILE: Topic = Topic {
    name: "file",
    asks: "permissions of the file, its `-wal` and `-shm`; an open as a reader; `journal_mode`",
    wrong: &[(
        "`file ... cannot be written to`; `is not a database`",
        "the permissions, or another file in `path`",
    )],
};

pub(super) const FILE_SYSTEM: Topic = Topic {
    name: "file system",
    asks: "`statfs` of the folder: NFS, SMB, CIFS",
    wrong: &[("`... is on a network file system`", "a disk of this machine")],
};

pub(super) const DISK: Topic = Topic {
    name: "disk",
    asks: "`statvfs` of the folder",
    wrong: &[(
        "`... free on the disk of ...`, below 1 GiB; below 1 MiB nothing can be stored",
        "room on the disk, or a file on another",
    )],
};

pub(super) const MIGRATIONS: Topic = Topic {
    name: "migrations",
    asks: "which files of `migrations` were applied; where the file is absent, they are tried in memory",
    wrong: &[("never wrong: what `run` will apply is named", "none is needed")],
};

pub(super) const MAPPING: Topic = Topic {
    name: "mapping",
    asks: "columns, declared types, defaults and unique indexes of the tables",
    wrong: &[(
        "`columns ... not found in table ...`; a type that cannot hold the value; `is NOT NULL and not mapped`; \
           a key that is not unique",
        "the line of the mapping, or the column that is named",
    )],
};

pub(super) const NUMBERS: Topic = Topic {
    name: "numbers",
    asks: "the digits that columns of numbers keep",
    wrong: &[("`... digits of a number are kept`", "a type that keeps all")],
};

pub(super) const INDEXES: Topic = Topic {
    name: "indexes",
    asks: "an index that begins with the parent's column of each child",
    wrong: &[("`no index begins with column ...`", "the `CREATE INDEX` that is printed")],
};

pub(super) const TRIGGERS: Topic = Topic {
    name: "triggers",
    asks: "triggers that work at an INSERT; named only if there are some",
    wrong: &[("never wrong: documents are read back after them", "none is needed")],
};

pub(super) const IDS: Topic = Topic {
    name: "ids",
    asks: "`sqlite_sequence` of the table of documents",
    wrong: &[(
        "`the ids of table ... are used up`",
        "the `UPDATE sqlite_sequence` that is printed",
    )],
};

#[cfg(test)]
mod tests {
    use super::*;

    const ALL: &[Topic] =
        &[FOLDER, FILE, FILE_SYSTEM, DISK, MIGRATIONS, MAPPING, NUMBERS, INDEXES, TRIGGERS, IDS];

    #[test]
    fn all_that_is_asked_is_in_the_list_and_the_readme() {
        l0_testkit::assert_topics(env!("CARGO_MANIFEST_DIR"), ALL);
    }
}
