//! Describes a session that was refused: its cause, and what helps.

use l0_stage::doctor::{Check, Condition, Topic};
use l0_stage::{Finding, Why};

use super::connections::cure;
use crate::PostgresConfig;
use crate::link::unopened::Unopened;
use crate::tables::quote::quote;

/// A role that is refused, and its keys in the section.
pub(super) struct Entry<'a> {
    pub topic: Topic,
    pub user: &'a str,
    pub user_key: &'static str,
    /// The key of its password.
    pub password_key: &'static str,
    /// The connections that it needs.
    pub needed: usize,
    pub config: &'a PostgresConfig,
}

const PASSWORD: &str = "correct the password, or run `l0-runtime migrate`: it creates a missing \
    role; with `--set-passwords` it changes the password for every program that uses the role";

impl Entry<'_> {
    pub fn refused(&self, unopened: &Unopened) -> Vec<Check> {
        if let Some(findings) = unopened.error.findings() {
            return self.topic.troubles(findings.0.clone(), String::new);
        }
        let (key, help) = self.place(unopened);
        let finding = Finding::new(key, unopened.error.to_string()).help(help);
        let condition = match unopened.is_unreachable() {
            true => Condition::Unreachable,
            false => Condition::Trouble,
        };
        vec![self.topic.check(condition(finding))]
    }

    fn place(&self, unopened: &Unopened) -> (&'static str, String) {
        let Self { user, config, .. } = self;
        let database = quote(&config.database);
        if let Some(limit) = unopened.limit {
            return ("", cure(limit, self.needed, user, &config.database));
        }
        match unopened.code.as_deref() {
            Some("28000") => {
                let help = format!(
                    "ALTER ROLE {} LOGIN, or let `pg_hba.conf` of postgres admit this machine",
                    quote(user)
                );
                (self.user_key, help)
            }
            Some("42501") => {
                (self.user_key, format!("GRANT CONNECT ON DATABASE {database} TO {}", quote(user)))
            }
            Some("55000") => {
                ("database", format!("ALTER DATABASE {database} ALLOW_CONNECTIONS true"))
            }
            Some("3D000") => (
                "database",
                format!(
                    "correct the name, or CREATE DATABASE {database} and run `l0-runtime migrate`"
                ),
            ),
            Some("57P03") => ("host", "wait until postgres has started, or start it".to_owned()),
            _ => {
                let (key, help) = self.place_of(unopened.why());
                (key, help.to_owned())
            }
        }
    }

    fn place_of(&self, why: Option<Why>) -> (&'static str, &'static str) {
        match why {
            Some(Why::Denied) => (self.password_key, PASSWORD),
            Some(Why::Contended) => ("", "close connections of other programs"),
            Some(Why::Mismatch) => (
                "database",
                "name the primary of postgres, version 14 or newer, and a database in UTF8",
            ),
            Some(Why::TimedOut) => {
                ("host", "check whether postgres hangs, or a firewall drops packets")
            }
            _ => ("host", "start postgres, or correct `host` and `port`"),
        }
    }
}
