//! A session may act as another role than the one that logs in: `ALTER ROLE … SET role`.

use l0_stage::{Error, Finding, Findings, Why};
use sqlx::postgres::PgConnection;

use crate::tables::quote::quote;

/// A role that a session acts as, and that lacks privileges on our tables which the login role has.
pub(super) struct Lacking {
    role: String,
    privileges: Vec<String>,
}

/// The privileges that a session lacks because it acts as another role. `None` if it lacks none.
pub(super) async fn lacking(
    connection: &mut PgConnection,
    tables: &[String],
) -> Result<Option<Lacking>, sqlx::Error> {
    let (schemas, names): (Vec<_>, Vec<_>) =
        tables.iter().map(|name| name.split_once('.').unwrap_or(("public", name))).unzip();
    let asked = sqlx::query_as::<_, (String, Vec<String>)>(
        "SELECT current_user::text, ARRAY(
             SELECT format('%s on %s', privilege, c.relname)
             FROM unnest($1::text[], $2::text[]) AS u (schema, name)
             JOIN pg_namespace n ON n.nspname = u.schema
             JOIN pg_class c ON c.relnamespace = n.oid AND c.relname = u.name
             CROSS JOIN unnest(ARRAY['SELECT', 'INSERT', 'UPDATE', 'DELETE']) AS privilege
             WHERE current_user <> session_user
               AND has_table_privilege(session_user, c.oid, privilege)
               AND NOT has_table_privilege(current_user, c.oid, privilege)
             ORDER BY c.relname, privilege)",
    );
    let (role, privileges) = asked.bind(schemas).bind(names).fetch_one(connection).await?;
    Ok((!privileges.is_empty()).then_some(Lacking { role, privileges }))
}

impl Lacking {
    /// The error of a session that `user` opened.
    pub fn error(self, user: &str) -> Error {
        let Self { role, privileges } = self;
        let message = format!(
            "role `{user}` acts as role `{role}` (ALTER ROLE ... SET role), which lacks {}",
            privileges.join(", ")
        );
        let help = format!("ALTER ROLE {} RESET role, or grant these privileges", quote(user));
        let finding = Finding::new("user", message).help(help);
        Error::retryable(Why::Denied, Findings(vec![finding]))
    }
}
