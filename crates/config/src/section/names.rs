//! Finds unknown names of sections and kinds.

use figment::value::Value;

use super::path::join;
use crate::report::describe::Anchor;
use crate::report::suggest;
use crate::{Code, Config, Diagnostic, Report};

impl Config {
    /// Reports unknown sections, unknown kinds, and roles with more than one kind. `plain` are the
    /// sections without kinds. `roles` are the sections with kinds, each with its known kinds.
    pub fn check_names(&self, plain: &[&str], roles: &[(&str, &[&str])], report: &mut Report) {
        let known: Vec<_> = plain.iter().copied().chain(roles.iter().map(|(r, _)| *r)).collect();
        for (name, value) in self.merged.as_dict().into_iter().flatten() {
            let role = roles.iter().find(|(role, _)| role == name);
            match role {
                Some((role, kinds)) => self.check_role(role, kinds, value, report),
                None if plain.contains(&name.as_str()) => {}
                None => report.push(self.unknown_at_top(name, value, &known)),
            }
        }
    }

    fn unknown_at_top(&self, name: &str, value: &Value, known: &[&str]) -> Diagnostic {
        let (code, message) = match value {
            Value::Dict(..) | Value::Array(..) => {
                (Code::UnknownSection, format!("unknown section [{name}]"))
            }
            _ => (Code::UnknownField, format!("unknown field `{name}` outside of any section")),
        };
        let help = match code {
            Code::UnknownField => Some("write it below the header of its section".to_owned()),
            _ => suggest::help(name, known),
        };
        let diagnostic = Diagnostic::error(code, message).maybe_help(help);
        self.point(diagnostic, name, Anchor::Key, "not part of a pipeline")
    }

    fn check_role(&self, role: &str, kinds: &[&str], value: &Value, report: &mut Report) {
        let example = kinds.first().map(|kind| format!("write [{role}.{kind}]"));
        let kind = |(name, member): (&String, &Value)| {
            member.as_dict().is_some() || kinds.contains(&name.as_str())
        };
        let Some(members) = value.as_dict().filter(|members| members.iter().any(kind)) else {
            let message = format!("`{role}` must be a table with one kind of {role} in it");
            let help = example.map(|example| match kinds {
                [_] => example,
                kinds => format!("{example}, or another of the kinds {}", suggest::list(kinds)),
            });
            let diagnostic = Diagnostic::error(Code::InvalidValue, message).maybe_help(help);
            report.push(self.point(diagnostic, role, Anchor::Value, "no kind is named"));
            return;
        };
        for (name, member) in members {
            if member.as_dict().is_none() && !kinds.contains(&name.as_str()) {
                let message = format!("unknown field `{name}` in [{role}]");
                let diagnostic = Diagnostic::error(Code::UnknownField, message);
                let diagnostic = diagnostic.maybe_help(example.clone());
                let label = format!("the keys of a {role} belong into the section of its kind");
                report.push(self.point(diagnostic, &join(role, name), Anchor::Key, &label));
            } else if !kinds.contains(&name.as_str()) {
                let message = format!("unknown kind of {role} `{name}`");
                let diagnostic = Diagnostic::error(Code::UnknownKind, message)
                    .maybe_help(suggest::help(name, kinds));
                let label = format!("not a kind of {role}");
                report.push(self.point(diagnostic, &join(role, name), Anchor::Key, &label));
            }
        }
        let tables = members.iter().filter(|(_, member)| member.as_dict().is_some());
        let tables: Vec<_> = tables.map(|(name, _)| name.as_str()).collect();
        if tables.len() > 1 {
            report.push(self.several_kinds(role, &tables));
        }
    }

    /// A diagnostic for a role with several kinds. It points at the kind that comes last in the
    /// file.
    fn several_kinds(&self, role: &str, kinds: &[&str]) -> Diagnostic {
        let message = format!("more than one kind of {role}: {}", suggest::list(kinds));
        let diagnostic = Diagnostic::error(Code::SeveralKinds, message).help("keep one of them");
        let begin = |path: &String| self.file.place(path).map(|place| place.value.start);
        let last = kinds.iter().map(|kind| join(role, kind)).max_by_key(begin);
        let label = format!("a pipeline has one {role} at most");
        self.point(diagnostic, &last.unwrap_or_default(), Anchor::Value, &label)
    }
}
