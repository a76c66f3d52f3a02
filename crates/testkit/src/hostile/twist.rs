/// The kind of database of a schema.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Database {
    /// A database of a Postgres server.
    Postgres,
    /// A file of SQLite.
    Sqlite,
}

/// One thing that makes a schema hostile.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Twist {
    /// A CHECK on a mapped column.
    CheckMapped,
    /// A CHECK on a mapped column of the child.
    CheckOfChild,
    /// A mapped column that is NOT NULL.
    NotNullMapped,
    /// A second unique column whose index is younger than that of the key.
    UniqueYounger,
    /// A second unique column whose index is older than that of the key.
    UniqueOlder,
    /// An exclusion rule on a mapped column.
    Exclusion,
    /// Documents that refer to each other by their keys.
    References,
    /// A CHECK on a generated column.
    GeneratedCheck,
    /// A generated column that cannot be computed for some documents.
    GeneratedRaises,
    /// A trigger that refuses some documents.
    TriggerRaises,
    /// A trigger that refuses some documents with its own code; in SQLite, one that rolls back.
    TriggerRaisesItsOwn,
    /// A trigger that refuses some only when they are committed.
    TriggerRaisesLate,
    /// A trigger that refuses some rows of the child.
    ChildRaises,
    /// A trigger that swallows some documents.
    TriggerSwallows,
    /// A trigger that changes the key of some documents.
    TriggerRewritesKey,
    /// A policy that refuses some documents.
    PolicyRefuses,
    /// A policy that hides a stored row.
    PolicyHides,
    /// Partitions by the key, with a gap.
    PartitionGap,
    /// The sequence of the ids is behind.
    IdBehind,
    /// The sequence of the ids passes the type of their column.
    IdPastType,
    /// The sequence of the child's own ids is behind.
    ChildIdBehind,
    /// The sequence of the child's own ids passes the type of their column.
    ChildIdPastType,
    /// The sequence of an unmapped unique identity is behind.
    NumberBehind,
    /// A CHECK that reads only an unmapped column.
    CheckUnmapped,
    /// An unmapped column that is NOT NULL and has lost its default.
    NotNullUnmapped,
    /// A unique index on an unmapped column only.
    UniqueUnmapped,
    /// Partitions of the child by the parent's id, with a gap.
    ChildPartitionGap,
    /// A trigger that writes to a table which refuses the row.
    JournalRefuses,
    /// The sequence of the letters' ids was restarted.
    LettersBehind,
    /// A trigger that swallows some rows of the child.
    ChildSwallowed,
    /// A trigger that changes a column which is not the key.
    TriggerRewritesAnother,
}

/// Whose fault it is if a twist refuses a document.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Class {
    /// The document's, as the catalog proves.
    Document,
    /// It is unclear.
    Unknown,
    /// The database's, until it is repaired.
    Environment,
    /// No document is refused.
    Harmless,
}

use Twist::*;

impl Twist {
    /// All twists.
    pub const ALL: [Self; 31] = [
        CheckMapped,
        CheckOfChild,
        NotNullMapped,
        UniqueYounger,
        UniqueOlder,
        Exclusion,
        References,
        GeneratedCheck,
        GeneratedRaises,
        TriggerRaises,
        TriggerRaisesItsOwn,
        TriggerRaisesLate,
        ChildRaises,
        TriggerSwallows,
        TriggerRewritesKey,
        PolicyRefuses,
        PolicyHides,
        PartitionGap,
        IdBehind,
        IdPastType,
        ChildIdBehind,
        ChildIdPastType,
        NumberBehind,
        CheckUnmapped,
        NotNullUnmapped,
        UniqueUnmapped,
        ChildPartitionGap,
        JournalRefuses,
        LettersBehind,
        ChildSwallowed,
        TriggerRewritesAnother,
    ];

    /// Whose fault its refusals are.
    #[must_use]
    pub fn class(self) -> Class {
        match self {
            CheckMapped | CheckOfChild | NotNullMapped | UniqueYounger | UniqueOlder
            | Exclusion | References | GeneratedCheck => Class::Document,
            GeneratedRaises | TriggerRaises | TriggerRaisesItsOwn | TriggerRaisesLate
            | ChildRaises | TriggerSwallows | TriggerRewritesKey | PolicyRefuses | PolicyHides
            | PartitionGap => Class::Unknown,
            IdBehind | IdPastType | ChildIdBehind | ChildIdPastType | NumberBehind
            | CheckUnmapped | NotNullUnmapped | UniqueUnmapped | ChildPartitionGap
            | JournalRefuses | LettersBehind => Class::Environment,
            ChildSwallowed | TriggerRewritesAnother => Class::Harmless,
        }
    }

    /// Whether a database can have this twist. In SQLite a trigger cannot change the row that is
    /// about to be stored, and there is no sequence that could be behind.
    #[must_use]
    pub fn exists_in(self, database: Database) -> bool {
        let in_sqlite = [
            CheckMapped,
            CheckOfChild,
            NotNullMapped,
            UniqueYounger,
            UniqueOlder,
            References,
            GeneratedCheck,
            TriggerRaises,
            TriggerRaisesItsOwn,
            ChildRaises,
            TriggerSwallows,
            UniqueUnmapped,
            JournalRefuses,
            ChildSwallowed,
        ];
        database == Database::Postgres || in_sqlite.contains(&self)
    }

    /// Whether no schema can have both, or the expected result of both would be unclear.
    #[must_use]
    pub fn clashes(self, other: Self) -> bool {
        self.excludes(other) || other.excludes(self)
    }

    fn excludes(self, other: Self) -> bool {
        match self {
            IdBehind | IdPastType => matches!(other, IdBehind | IdPastType | ChildPartitionGap),
            ChildIdBehind | ChildIdPastType => {
                matches!(other, ChildIdBehind | ChildIdPastType | ChildPartitionGap)
            }
            // Every unique index of a partitioned table contains its partition key, and rows stay
            // in their partition.
            PartitionGap => matches!(
                other,
                UniqueOlder
                    | UniqueYounger
                    | Exclusion
                    | NumberBehind
                    | UniqueUnmapped
                    | IdBehind
                    | IdPastType
                    | TriggerRewritesKey
                    | TriggerRaisesLate
            ),
            // A value that the database computes from a document may pass its type as well.
            GeneratedCheck | GeneratedRaises => matches!(other, IdPastType | ChildIdPastType),
            UniqueOlder => matches!(other, UniqueYounger | IdPastType | ChildIdPastType),
            // A document that waits for another one must not wait longer than that one takes.
            References => matches!(other.class(), Class::Unknown | Class::Environment),
            // A trigger could have taken the unmapped value from the document.
            _ if self.is_trigger() => {
                other.class() == Class::Environment && other != LettersBehind && other != self
            }
            _ => false,
        }
    }

    fn is_trigger(self) -> bool {
        matches!(
            self,
            TriggerRaises
                | TriggerRaisesItsOwn
                | TriggerRaisesLate
                | ChildRaises
                | TriggerSwallows
                | TriggerRewritesKey
                | TriggerRewritesAnother
                | ChildSwallowed
                | JournalRefuses
        )
    }
}
