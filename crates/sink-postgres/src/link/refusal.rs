//! What Postgres answers when it refuses a statement, without the parts that may quote a value.

use l0_stage::{Reason, Rejection};
use sqlx::postgres::PgDatabaseError;

/// A refusal, by the fields of the server's answer.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Answer {
    /// SQLSTATE.
    pub code: String,
    pub schema: Option<String>,
    pub table: Option<String>,
    pub column: Option<String>,
    /// The domain whose rule refused the value.
    pub domain: Option<String>,
    pub constraint: Option<String>,
    /// Whether a function raised the error: a trigger's function, or one in a CHECK or a default.
    pub in_function: bool,
    /// The name of the function, if it is written in a procedural language.
    pub function: Option<String>,
}

impl Answer {
    pub fn of(error: &PgDatabaseError) -> Self {
        let owned = |text: Option<&str>| text.map(str::to_owned);
        Self {
            code: error.code().to_owned(),
            schema: owned(error.schema()),
            table: owned(error.table()),
            column: owned(error.column()),
            domain: owned(error.data_type()),
            constraint: owned(error.constraint()),
            in_function: is_in_function(error.r#where(), error.routine()),
            function: error.r#where().and_then(function),
        }
    }

    /// The rejection, with what a person needs to find the rule. The server's message is left out,
    /// because it may quote the value.
    pub fn rejection(&self) -> Rejection {
        let mut detail = format!("postgres refused it with {}", self.code);
        let places = [
            ("constraint", &self.constraint),
            ("domain", &self.domain),
            ("table", &self.table),
            ("column", &self.column),
        ];
        for (kind, name) in places {
            if let Some(name) = name {
                detail.push_str(&format!(", {kind} `{name}`"));
            }
        }
        match (self.code.as_str(), &self.constraint) {
            ("23514", None) if self.table.is_some() => {
                detail.push_str(": no partition takes its row");
            }
            ("42501", _) => detail.push_str(": a policy of row-level security"),
            _ if self.in_function => detail.push_str(&format!(", raised in {}", self.raiser())),
            _ => {}
        }
        Rejection::new(Reason::RejectedByDatabase, detail)
    }

    fn raiser(&self) -> String {
        match &self.function {
            Some(name) => format!("function `{name}`"),
            None => "a trigger or function".to_owned(),
        }
    }

    /// The rule by its name, if it has one.
    pub fn rule(&self) -> String {
        let on = |what: String| match (&self.table, &self.domain) {
            (Some(table), _) => format!("{what} of table `{table}`"),
            (None, Some(domain)) => format!("{what} of domain `{domain}`"),
            (None, None) => what,
        };
        match (&self.constraint, &self.column) {
            (Some(name), _) => on(format!("constraint `{name}`")),
            (None, Some(column)) => on(format!("{} at column `{column}`", self.code)),
            (None, None) if self.code == "42501" => "a policy of row-level security".to_owned(),
            (None, None) if self.code == "23514" && self.table.is_some() => {
                on("a missing partition".to_owned())
            }
            (None, None) if self.in_function => {
                on(format!("{} raises an exception ({})", self.raiser(), self.code))
            }
            (None, None) => on(self.code.clone()),
        }
    }
}

/// The innermost function of a procedural language in a context such as `PL/pgSQL function
/// refuse(text) line 3 at RAISE`. Its words depend on the server's language.
fn function(context: &str) -> Option<String> {
    let line = context.lines().find(|line| line.starts_with("PL/"))?;
    let (before, _) = line.split_once('(')?;
    let name = before.rsplit(' ').next().filter(|name| !name.is_empty())?;
    Some(name.to_owned())
}

/// The words around the names depend on the server's language, but `PL/` and the routine do not.
fn is_in_function(context: Option<&str>, routine: Option<&str>) -> bool {
    routine == Some("exec_stmt_raise")
        || context.is_some_and(|it| it.contains("PL/") || it.contains("function "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_innermost_function_is_named_in_every_language_of_the_server() {
        let inner = "PL/pgSQL function public.refuse(text,integer) line 3 at RAISE\n\
                     SQL statement \"SELECT check_it('secret(')\"\n\
                     PL/pgSQL function outer() line 1 at PERFORM";
        let named = [
            (inner, Some("public.refuse")),
            ("PL/pgSQL-Funktion nicht_heute() Zeile 1 bei RAISE", Some("nicht_heute")),
            ("SQL statement \"SELECT f('x')\"", None),
            ("", None),
        ];
        for (context, name) in named {
            assert_eq!(function(context).as_deref(), name, "{context}");
        }
    }
}
