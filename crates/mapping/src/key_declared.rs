//! Checks the key of a declaration without a database, and checks that the source has the values
//! which the mapping needs.

use std::collections::{BTreeMap, BTreeSet};

use l0_stage::{Envelope, Finding};

use crate::table::check_identifier;
use crate::{Metadata, Table, ValueOf};

impl Table {
    /// Checks the key. A redelivered message must have the same key again, and two different
    /// messages must not share a key by chance.
    pub(crate) fn check_key(&self) -> Vec<Finding> {
        let (names, mut findings) = (self.key.columns(), Vec::new());
        let mut seen = BTreeSet::new();
        for (at, name) in names.iter().enumerate() {
            let place = self.key.place(at);
            check_identifier(&place, name, &mut findings);
            if !seen.insert(name) {
                let finding = Finding::new(place, format!("the key names `{name}` twice"));
                findings.push(finding.help("name each column once"));
                continue;
            }
            findings.extend(self.check_part(place, name));
        }
        if names.is_empty() {
            let help = "name the column that identifies a document, or several: `[\"a\", \"b\"]`";
            findings.push(Finding::new("key", "the key names no column").help(help));
        }
        if findings.is_empty() {
            findings.extend(self.check_identity());
        }
        findings
    }

    fn check_part(&self, place: String, name: &str) -> Option<Finding> {
        match self.columns.get(name) {
            Some(ValueOf::Message(Metadata::Deliveries)) => {
                let message =
                    format!("key `{name}` is `@deliveries`, which grows at each delivery");
                let help = "take the key from the document, or from what stays: `@id`, `@digest`";
                Some(Finding::new(format!("columns.{name}"), message).help(help))
            }
            Some(_) => None,
            None => {
                let finding = Finding::new(place, format!("key `{name}` is not a mapped column"));
                Some(finding.help(format!("add `{name} = \"/...\"` to its columns")))
            }
        }
    }

    /// Checks that at least one part of the key is specific to the document or the message.
    fn check_identity(&self) -> Option<Finding> {
        let parts =
            || self.key.columns().iter().filter_map(|name| self.columns.get_key_value(name));
        if parts().any(|(_, value)| identifies(value)) {
            return None;
        }
        let (name, value) = parts().find(|(_, value)| is_sequence(value)).or(parts().next())?;
        let why = match value {
            ValueOf::Message(Metadata::Sequence) => "which starts again with another stream",
            ValueOf::Message(Metadata::Published) => "which several messages may share",
            _ => "which all messages of a stream share",
        };
        let message = format!("key `{name}` is `{value}`, {why}");
        let help = "take the key from the document: `\"/...\"`; or use `@id`, which is different for each \
                    message, or `@digest`, the SHA-256 of its content";
        Some(Finding::new(format!("columns.{name}"), message).help(help))
    }

    /// Findings about mapped values that messages with this envelope do not have. The keys of the
    /// findings are relative to the table's section.
    #[must_use]
    pub fn check_envelope(&self, envelope: &Envelope) -> Vec<Finding> {
        let mut findings = Vec::new();
        let children = self.children.iter().enumerate();
        let children =
            children.map(|(at, child)| (format!("children.{at}.columns"), &child.columns));
        for (prefix, columns) in
            std::iter::once(("columns".to_owned(), &self.columns)).chain(children)
        {
            findings.extend(absent(&prefix, columns, envelope));
        }
        let is_time = |name: &&String| {
            self.columns.get(*name) == Some(&ValueOf::Message(Metadata::Published))
        };
        let times = self.key.columns().iter().filter(|_| !envelope.has_fixed_time).filter(is_time);
        findings.extend(times.map(|name| {
            let message = format!(
                "key `{name}` is `@published`, which this source may report differently at the next \
                 delivery, so a document would be stored twice"
            );
            let help = "take the time from the document: `\"/...\"`";
            Finding::new(format!("columns.{name}"), message).help(help)
        }));
        findings
    }
}

fn identifies(value: &ValueOf) -> bool {
    match value {
        ValueOf::Document(_) => true,
        ValueOf::Message(metadata) => !matches!(
            metadata,
            Metadata::Published | Metadata::Deliveries | Metadata::Sequence | Metadata::Stream
        ),
    }
}

fn is_sequence(value: &ValueOf) -> bool {
    *value == ValueOf::Message(Metadata::Sequence)
}

/// Findings about mapped values that no message of the source has.
fn absent(prefix: &str, columns: &BTreeMap<String, ValueOf>, envelope: &Envelope) -> Vec<Finding> {
    let finding = |(name, value): (&String, &ValueOf)| {
        let (why, help) = match value {
            ValueOf::Message(Metadata::Id) if !envelope.has_id => (
                "the messages of this source have no unique id",
                "use `@digest`, the SHA-256 of the content, or a part of the document",
            ),
            ValueOf::Message(Metadata::Header(_)) if !envelope.has_headers => {
                ("messages of this source have no headers", "take it from the document: `\"/...\"`")
            }
            _ => return None,
        };
        let finding = Finding::new(format!("{prefix}.{name}"), format!("no `{value}`: {why}"));
        Some(finding.help(help))
    };
    columns.iter().filter_map(finding).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A table with these columns and this key, for tests.
    fn table(key: &[&str], columns: &[(&str, &str)]) -> Table {
        let columns = columns.iter().map(|(name, value)| (*name, *value));
        let columns: BTreeMap<_, _> = columns.collect();
        let table = serde_json::json!({
            "name": "t", "id": "id", "key": key, "document": "document", "columns": columns,
        });
        serde_json::from_value(table).unwrap()
    }

    fn found(findings: &[Finding]) -> (&str, &str) {
        let [finding] = findings else { panic!("{findings:?}") };
        (&finding.key, &finding.message)
    }

    #[test]
    fn each_part_of_the_key_must_be_a_mapped_column_named_once() {
        let of = |key: &[&str]| table(key, &[("a", "/a"), ("b", "/b")]).check();
        assert!(of(&["a"]).is_empty() && of(&["b", "a"]).is_empty());
        assert_eq!(found(&of(&["c"])), ("key", "key `c` is not a mapped column"));
        assert_eq!(found(&of(&["a", "c"])), ("key.1", "key `c` is not a mapped column"));
        assert_eq!(found(&of(&["a", "b", "a"])), ("key.2", "the key names `a` twice"));
        assert_eq!(found(&of(&[])), ("key", "the key names no column"));
    }

    #[test]
    fn a_key_may_be_what_tells_messages_apart() {
        for value in ["@id", "@digest", "@subject", "@subject.2", "@header.ce-id"] {
            assert!(table(&["k"], &[("k", value)]).check().is_empty(), "{value}");
        }
        for value in ["@published", "@sequence", "@stream"] {
            let with_own = table(&["k", "own"], &[("k", value), ("own", "/own")]);
            assert!(with_own.check().is_empty(), "{value}");
        }
    }

    #[test]
    fn a_key_that_messages_share_or_a_delivery_changes_is_refused_at_its_column() {
        for (value, why) in [
            ("@sequence", "starts again with another stream"),
            ("@published", "several messages may share"),
            ("@stream", "all messages of a stream share"),
            ("@deliveries", "grows at each delivery"),
        ] {
            let findings = table(&["k"], &[("k", value)]).check();
            let (key, message) = found(&findings);
            assert!(key == "columns.k" && message.contains(why), "{message}");
            assert!(findings[0].help.as_ref().unwrap().contains("@id"), "{findings:?}");
        }
        let both = table(&["at", "n"], &[("at", "@published"), ("n", "@sequence")]).check();
        assert_eq!(found(&both).0, "columns.n");
        let grows = table(&["k", "d"], &[("k", "/k"), ("d", "@deliveries")]).check();
        assert_eq!(found(&grows).0, "columns.d");
    }

    #[test]
    fn what_no_message_of_the_source_has_is_found() {
        let bare = Envelope { has_id: false, has_fixed_time: false, has_headers: false };
        let columns = [("k", "/k"), ("i", "@id"), ("h", "@header.a"), ("at", "@published")];
        let alone = table(&["k"], &columns);
        let places = |table: &Table| {
            table.check_envelope(&bare).into_iter().map(|it| it.key).collect::<Vec<_>>()
        };
        assert_eq!(places(&alone), ["columns.h", "columns.i"]);
        let with_time = table(&["k", "at"], &columns);
        assert_eq!(places(&with_time), ["columns.h", "columns.i", "columns.at"]);
        let full = Envelope { has_id: true, has_fixed_time: true, has_headers: true };
        assert!(with_time.check_envelope(&full).is_empty());
    }
}
