use clap::ValueEnum;

/// What is not read from samples.
#[derive(Debug)]
pub struct Choice {
    /// Of the pipeline and its files; an identifier.
    pub name: String,
    pub source: Source,
    pub sink: Sink,
}

/// `--source`
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Source {
    /// A stream of NATS JetStream
    Nats,
    /// POST /documents
    Http,
}

/// `--sink`
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Sink {
    /// A Postgres server
    Postgres,
    /// A file
    Sqlite,
}

impl Choice {
    pub fn schema_file(&self) -> String {
        format!("schemas/{}.schema.json", self.name)
    }

    pub fn sample_file(&self) -> String {
        format!("schemas/{}.sample.json", self.name)
    }

    /// What the names of its roles begin with. Roles belong to the whole server: each pipeline has its
    /// own. Postgres keeps names that begin with `pg_` for itself.
    fn role(&self) -> String {
        match self.name.starts_with("pg_") {
            true => format!("l0_{}", self.name),
            false => self.name.clone(),
        }
    }

    /// A template with its names.
    pub fn fill(&self, template: &str) -> String {
        let named = template.replace("{name}", &self.name).replace("{role}", &self.role());
        let named = named.replace("{STREAM}", &self.name.to_uppercase());
        named.replace("{workers}", self.sink.workers())
    }
}

impl Source {
    pub fn title(self) -> &'static str {
        match self {
            Self::Nats => "NATS JetStream",
            Self::Http => "POST /documents",
        }
    }

    pub fn config(self) -> &'static str {
        match self {
            Self::Nats => include_str!("templates/source_nats.toml"),
            Self::Http => include_str!("templates/source_http.toml"),
        }
    }

    pub fn environment(self) -> &'static str {
        match self {
            Self::Nats => include_str!("templates/source_nats.env"),
            Self::Http => include_str!("templates/source_http.env"),
        }
    }
}

impl Sink {
    pub fn title(self) -> &'static str {
        match self {
            Self::Postgres => "Postgres",
            Self::Sqlite => "SQLite",
        }
    }

    /// The `postgres` of `[sink.postgres]`.
    pub fn kind(self) -> &'static str {
        match self {
            Self::Postgres => "postgres",
            Self::Sqlite => "sqlite",
        }
    }

    pub fn workers(self) -> &'static str {
        match self {
            Self::Postgres => "10",
            Self::Sqlite => "2",
        }
    }

    /// Everything above its table.
    pub fn config(self) -> &'static str {
        match self {
            Self::Postgres => include_str!("templates/sink_postgres.toml"),
            Self::Sqlite => include_str!("templates/sink_sqlite.toml"),
        }
    }

    pub fn environment(self) -> &'static str {
        match self {
            Self::Postgres => include_str!("templates/sink_postgres.env"),
            Self::Sqlite => include_str!("templates/sink_sqlite.env"),
        }
    }
}
