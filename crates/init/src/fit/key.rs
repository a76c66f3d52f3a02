//! Which unique columns of a table that exists are the key.

use std::collections::BTreeSet;

use l0_stage::existing::{Holds, Table};

use crate::lay::column::Column;
use crate::lay::names::quoted;
use crate::lay::plan;
use crate::learn::decide::{Identity, Key, OF_MESSAGE};
use crate::learn::key::{candidates, refusal, twins};
use crate::learn::samples::Samples;
use crate::learn::shape::Shape;
use crate::pointer;

/// What the key is chosen from.
pub struct Choosing<'a> {
    pub table: &'a Table,
    /// The column of the sequential id, which is never the key.
    pub id: &'a str,
    /// The columns that members fill.
    pub columns: &'a [Column],
    pub shape: &'a Shape,
    pub samples: &'a Samples,
}

/// The key of the plan, and the decision for the user.
pub type Chosen = (plan::Key, Key);

impl Choosing<'_> {
    /// The unique columns that the members of `named` fill, or the likeliest ones if it is empty.
    ///
    /// # Errors
    /// A text for the user: no unique columns are filled by members, or not by these.
    pub fn choose(&self, named: &[String]) -> Result<Chosen, String> {
        match named {
            [] => self.likeliest(),
            [text] if text.starts_with('@') => self.of_message(text),
            named => self.named(named),
        }
    }

    fn likeliest(&self) -> Result<Chosen, String> {
        let messages = &self.samples.messages;
        let order = candidates(&self.table.name, self.shape, messages);
        let likely = |places: &Vec<usize>| {
            let path = |at: &usize| self.columns.get(*at).map(|column| &column.path);
            let place = |path| order.iter().position(|it| Some(&it.path) == path);
            places.iter().filter_map(|at| place(path(at))).min().unwrap_or(usize::MAX)
        };
        let usable = self.usable();
        let best = usable.iter().min_by_key(|places| {
            (twins(&self.paths(places), messages).is_some(), places.len(), likely(places))
        });
        match best {
            Some(places) => {
                let unique = if places.len() == 1 { "is unique" } else { "are unique together" };
                let reason = format!("taken: {} {unique} in the table", self.names(places));
                Ok(self.chosen(places.clone(), reason))
            }
            None => Err(self.nothing()),
        }
    }

    fn named(&self, named: &[String]) -> Result<Chosen, String> {
        let place = |text: &String| {
            let path = pointer::parse(text).map_err(|problem| format!("--key: {problem}"))?;
            let place = self.columns.iter().position(|column| column.path == path);
            place.ok_or_else(|| format!("--key: {text} fills no column of `{}`", self.table.name))
        };
        let places = named.iter().map(place).collect::<Result<Vec<_>, _>>()?;
        let wanted: BTreeSet<_> = places.iter().collect();
        let usable = self.usable();
        match usable.iter().any(|it| it.iter().collect::<BTreeSet<_>>() == wanted) {
            true => Ok(self.chosen(places, "named by --key".to_owned())),
            false => {
                let columns = self.names(&places);
                Err(format!(
                    "--key: {columns} cannot be the key of `{}`: {}",
                    self.table.name,
                    self.uniques()
                ))
            }
        }
    }

    fn of_message(&self, text: &str) -> Result<Chosen, String> {
        let Some((value, _)) = OF_MESSAGE.iter().find(|(value, _)| *value == text) else {
            let values = OF_MESSAGE.map(|(value, _)| value).join(" or ");
            return Err(format!("--key: {text} is not {values}"));
        };
        let column = self.for_message().ok_or_else(|| {
            let (table, uniques) = (&self.table.name, self.uniques());
            format!(
                "--key: {value} needs a unique text column of `{table}` that no member fills: {uniques}"
            )
        })?;
        let of = Identity::Message(value);
        let key = Key { of, reason: "named by --key".to_owned(), warning: None };
        Ok((plan::Key::Message(column, value), key))
    }

    fn chosen(&self, places: Vec<usize>, reason: String) -> Chosen {
        let paths = self.paths(&places);
        let of = Identity::Members(paths.clone());
        let warning = twins(&paths, &self.samples.messages).map(|(one, other)| {
            let shown = of.shown();
            format!(
                "messages {one} and {other} differ but have the same {shown}: the later one becomes a \
                 conflict"
            )
        });
        (plan::Key::Columns(places), Key { of, reason, warning })
    }

    /// The unique sets of columns that members fill in all samples, as places in the columns.
    fn usable(&self) -> Vec<Vec<usize>> {
        let place = |name: &String| {
            let place = self.columns.iter().position(|column| column.name == *name)?;
            let shape = &self.columns.get(place)?.shape;
            refusal(shape, self.samples.messages.len()).is_none().then_some(place)
        };
        let unique = self.unique();
        unique.filter_map(|columns| columns.iter().map(place).collect()).collect()
    }

    fn unique(&self) -> impl Iterator<Item = &Vec<String>> {
        self.table.unique.iter().filter(|columns| !columns.iter().any(|name| name == self.id))
    }

    /// A unique column for a value of the message.
    fn for_message(&self) -> Option<String> {
        let is_free = |name: &String| {
            let is_text = |holds| holds == Holds::Text;
            let column = self.table.columns.iter().find(|column| column.name == *name);
            column.is_some_and(|column| is_text(column.holds))
                && self.columns.iter().all(|column| column.name != *name)
        };
        self.unique().find_map(|columns| match &columns[..] {
            [name] if is_free(name) => Some(name.clone()),
            _ => None,
        })
    }

    fn nothing(&self) -> String {
        let table = &self.table.name;
        if let Some(column) = self.for_message() {
            let of_message = OF_MESSAGE.map(|(value, what)| format!("\n  --key {value}  {what}"));
            return format!(
                "no member of the samples fills unique columns of `{table}`\nhelp: unique column \
                 `{column}` can hold what identifies the message{}",
                of_message.concat()
            );
        }
        let likeliest = candidates(table, self.shape, &self.samples.messages);
        let likeliest = likeliest
            .iter()
            .find_map(|candidate| self.columns.iter().find(|column| column.path == candidate.path));
        let column = likeliest.map_or("COLUMN", |column| column.name.as_str());
        let index = quoted(&format!("{}_{column}", table.replace('.', "_")));
        let (on, column) =
            (table.split('.').map(quoted).collect::<Vec<_>>().join("."), quoted(column));
        format!(
            "no member of the samples fills unique columns of `{table}`, so nothing would tell whether a \
             document is stored already: {}\nhelp: samples that have these members, or `CREATE UNIQUE \
             INDEX {index} ON {on} ({column})`",
            self.uniques()
        )
    }

    fn uniques(&self) -> String {
        let is_filled = |name: &&String| self.columns.iter().any(|column| column.name == **name);
        let unique = self.unique().map(|columns| {
            let open: Vec<_> = columns.iter().filter(|name| !is_filled(name)).cloned().collect();
            let shown = format!("({})", columns.join(", "));
            match open.is_empty() {
                true => shown,
                false => format!("{shown}, where no member fits {}", open.join(" and ")),
            }
        });
        let unique: Vec<_> = unique.collect();
        match unique.is_empty() {
            true if !self.table.unsuited.is_empty() => {
                format!(
                    "unique columns that cannot be the key are {}",
                    self.table.unsuited.join("; ")
                )
            }
            true => "it has no unique columns beside its id".to_owned(),
            false => format!("its unique columns are {}", unique.join("; ")),
        }
    }

    fn paths(&self, places: &[usize]) -> Vec<Vec<String>> {
        let columns = places.iter().filter_map(|at| self.columns.get(*at));
        columns.map(|column| column.path.clone()).collect()
    }

    fn names(&self, places: &[usize]) -> String {
        let columns = places.iter().filter_map(|at| self.columns.get(*at));
        columns.map(|column| column.name.as_str()).collect::<Vec<_>>().join(" and ")
    }
}
