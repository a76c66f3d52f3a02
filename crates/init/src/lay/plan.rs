//! The plan: which tables store the samples, and what goes where.

use std::collections::VecDeque;

use super::column::Column;
use super::names::{self, Names, SYSTEM_COLUMNS};
use crate::learn::decide::Identity;
use crate::learn::key;
use crate::learn::kind::Kind;
use crate::learn::shape::Shape;
use crate::pointer;

/// Objects nested deeper than this are stored as JSON.
const DEEPEST: usize = 3;
/// An object with more members than this is probably a map, and is stored as JSON.
const MOST_MEMBERS: usize = 60;
/// The most columns of one table.
const MOST_COLUMNS: usize = 200;
/// The most child tables.
const MOST_CHILDREN: usize = 20;
/// The most elements of an array that the mapping stores as rows.
const MOST_ROWS: usize = 10_000;

/// Columns of a new table that are not from the document.
pub const OWN_COLUMNS: [&str; 5] = ["id", "document", "published_at", "deliveries", "stored_at"];

/// The column of a new table for a key that is a value of the message.
const MESSAGE_KEY: &str = "message_id";

/// The planned tables.
#[derive(Debug)]
pub struct Plan {
    /// Name of the document's table.
    pub table: String,
    /// Its columns that are filled from the document.
    pub columns: Vec<Column>,
    /// What identifies a document.
    pub key: Key,
    /// Its other columns.
    pub own: Own,
    pub children: Vec<Child>,
    /// Pointers of members that no column holds.
    pub left_out: Vec<String>,
    /// The columns that can be searched, the key first. Each but the key has the name of its index.
    pub search: Vec<(String, Option<String>)>,
    /// What is to be said of tables that exist already. `None`: the migration creates them.
    pub existing: Option<Existing>,
}

/// What is to be said of tables that exist already.
#[derive(Debug, Default)]
pub struct Existing {
    /// Columns that need a value and get none.
    pub missing: Vec<Missing>,
    /// Values of the samples that do not fit, as texts.
    pub misfits: Vec<String>,
    /// Whether a trigger may change what is stored, and nothing that is kept tells the message again.
    pub is_doubtful: bool,
    /// Tables that refer to the document's table and stay as they are, and why.
    pub unfilled: Vec<(String, String)>,
}

/// A column that needs a value and gets none.
#[derive(Debug)]
pub struct Missing {
    pub table: String,
    pub column: String,
    /// Its type.
    pub declared: String,
}

/// The key of the document's table.
#[derive(Debug)]
pub enum Key {
    /// Indexes of columns.
    Columns(Vec<usize>),
    /// A column with a value of the message, which is the second.
    Message(String, &'static str),
}

/// Columns of the document's table that are not filled from the document.
#[derive(Debug)]
pub struct Own {
    pub id: String,
    /// The column with the payload. `None`: the table keeps no documents.
    pub document: Option<String>,
    /// The column with the time of the commit.
    pub stored: Option<String>,
    /// Columns with a value of the message, that value, and why. The key is not among them.
    pub of_message: Vec<(String, &'static str, &'static str)>,
}

impl Own {
    /// Those of a new table.
    fn new() -> Self {
        let [id, document, published, deliveries, stored] = OWN_COLUMNS.map(str::to_owned);
        let of_message = vec![
            (published, "@published", "when the message was published"),
            (deliveries, "@deliveries", "how often the message had been delivered"),
        ];
        Self { id, document: Some(document), stored: Some(stored), of_message }
    }
}

/// A table with one row per element of an array.
#[derive(Debug)]
pub struct Child {
    pub table: String,
    /// The column with the id of the row's document.
    pub parent: String,
    /// The index of that column.
    pub index: String,
    /// The path of the array.
    pub path: Vec<String>,
    pub columns: Vec<Column>,
}

impl Plan {
    /// Plans the tables. The members of `key` are scalars of the shape. No table or index gets a name with a
    /// reserved prefix.
    pub fn new(
        table: &str,
        root: &Shape,
        key: &Identity,
        search: &[Vec<String>],
        reserved: &[&'static str],
    ) -> Self {
        let mut relations = names::relations(reserved);
        let table = claim(&mut relations, names::cut(table, 40));
        let (mut places, mut left_out) = places(root);
        for member in key.members().iter().rev() {
            if !places.iter().any(|place| place.path == *member) {
                places.insert(0, Place { path: member.clone(), rows: false });
                let member = pointer::of(member);
                left_out.retain(|pointer| *pointer != member);
            }
        }
        let rows = places.iter().filter(|place| place.rows).take(MOST_CHILDREN);
        let children = rows.filter_map(|place| {
            let (child, rest) = child(&table, root, &place.path, &mut relations)?;
            left_out
                .extend(rest.iter().map(|rest| format!("{}/*{rest}", pointer::of(&child.path))));
            Some(child)
        });
        let children: Vec<_> = children.collect();
        let is_child = |path: &[String]| children.iter().any(|child| child.path == path);
        let columns = places.iter().filter(|place| !is_child(&place.path));
        let columns = self::columns(
            root,
            columns.map(|place| place.path.as_slice()),
            key.members(),
            Names::new(own_columns(key).chain(SYSTEM_COLUMNS.iter().copied()), "document_"),
        );
        let key = match key {
            Identity::Message(value) => Key::Message(MESSAGE_KEY.to_owned(), value),
            Identity::Members(paths) => {
                let place = |path: &Vec<String>| columns.iter().position(|it| it.path == *path);
                Key::Columns(paths.iter().filter_map(place).collect())
            }
        };
        let own = Own::new();
        let search_by = search;
        let (search, existing) = (Vec::new(), None);
        let mut plan = Self { table, columns, key, own, children, left_out, search, existing };
        plan.search = plan.searched(search_by, &mut relations);
        plan
    }

    /// The key's columns that are filled from the document.
    pub fn key_columns(&self) -> Vec<&Column> {
        match &self.key {
            Key::Columns(places) => places.iter().map(|at| &self.columns[*at]).collect(),
            Key::Message(..) => Vec::new(),
        }
    }

    /// The names of the key's columns.
    pub fn key_names(&self) -> Vec<&str> {
        match &self.key {
            Key::Columns(_) => self.key_columns().iter().map(|it| it.name.as_str()).collect(),
            Key::Message(column, _) => vec![column],
        }
    }

    /// Whether a column is one of the key's.
    pub fn is_key(&self, column: &Column) -> bool {
        self.key_names().contains(&column.name.as_str())
    }

    fn searched(
        &self,
        paths: &[Vec<String>],
        relations: &mut Names,
    ) -> Vec<(String, Option<String>)> {
        // The index of several columns finds documents by the first of them.
        let key = self.key_names().first().map(|name| ((*name).to_owned(), None));
        let others = paths.iter().filter_map(|path| {
            let column = self.columns.iter().find(|column| column.path == *path)?;
            let index = claim(relations, &format!("{}_{}", self.table, column.name));
            Some((column.name.clone(), Some(index)))
        });
        key.into_iter().chain(others).collect()
    }

    /// Whether documents can be searched by this column.
    pub fn is_searched(&self, column: &Column) -> bool {
        self.search.iter().any(|(name, _)| *name == column.name)
    }
}

fn own_columns(key: &Identity) -> impl Iterator<Item = &'static str> {
    let of_key = matches!(key, Identity::Message(_)).then_some(MESSAGE_KEY);
    OWN_COLUMNS.into_iter().chain(of_key)
}

/// A member that becomes a column or rows.
#[derive(Debug)]
struct Place {
    path: Vec<String>,
    rows: bool,
}

/// The members that become columns or rows, and the pointers of those for which there is no room.
/// It descends as deep as the number of columns allows.
fn places(shape: &Shape) -> (Vec<Place>, Vec<String>) {
    let deepest = (0..=DEEPEST).rev();
    let mut fitting = deepest.map(|depth| (depth, flatten(shape, depth)));
    let found = fitting.find(|(depth, places)| places.len() <= MOST_COLUMNS || *depth == 0);
    let mut places = found.map(|(_, places)| places).unwrap_or_default();
    let left_out = places.split_off(places.len().min(MOST_COLUMNS));
    (places, left_out.iter().map(|place| pointer::of(&place.path)).collect())
}

fn flatten(shape: &Shape, depth: usize) -> Vec<Place> {
    let mut places = Vec::new();
    let mut open: VecDeque<_> = members(&[], shape).collect();
    while let Some((path, shape)) = open.pop_front() {
        let size = shape.members.len();
        if shape.is_object() && path.len() <= depth && (1..=MOST_MEMBERS).contains(&size) {
            let inner: Vec<_> = members(&path, shape).collect();
            inner.into_iter().rev().for_each(|member| open.push_front(member));
        } else {
            places.push(Place { rows: is_rows(shape), path });
        }
    }
    places
}

fn members<'a>(
    path: &[String],
    shape: &'a Shape,
) -> impl Iterator<Item = (Vec<String>, &'a Shape)> + use<'a> {
    let path = path.to_vec();
    shape.members.iter().map(move |(name, shape)| {
        let path = path.iter().cloned().chain([name.to_owned()]).collect();
        (path, shape)
    })
}

/// Whether every element of every array is an object with members.
fn is_rows(shape: &Shape) -> bool {
    shape.is_array()
        && shape.most_elements <= MOST_ROWS
        && shape.element.as_ref().is_some_and(|element| {
            element.is_object() && element.nulls == 0 && element.members.len() > 0
        })
}

/// The child table, and the pointers of an element's members for which there is no room.
fn child(
    table: &str,
    root: &Shape,
    path: &[String],
    relations: &mut Names,
) -> Option<(Child, Vec<String>)> {
    let element = root.get(path)?.element.as_ref()?;
    let parent = format!("{}_id", names::cut(table, 40));
    let (places, left_out) = places(element);
    let taken = SYSTEM_COLUMNS.iter().copied().chain([parent.as_str()]);
    let names = Names::new(taken, "element_");
    let columns = columns(element, places.iter().map(|it| it.path.as_slice()), &[], names);
    let wanted = format!("{table}_{}", names::identifier(path, "rows"));
    let name = claim(relations, &wanted);
    let index = claim(relations, &format!("{}_{parent}", names::cut(&name, 40)));
    Some((Child { table: name, parent, index, path: path.to_vec(), columns }, left_out))
}

fn columns<'a>(
    shape: &Shape,
    paths: impl Iterator<Item = &'a [String]>,
    key: &[Vec<String>],
    mut names: Names,
) -> Vec<Column> {
    let column = |path: &'a [String]| {
        let shape = shape.get(path)?;
        let kind = if key.iter().any(|key| key == path) {
            Kind::of_key(shape)
        } else {
            Kind::of_column(shape, path.last().is_some_and(|name| key::is_named_like_one(name)))
        };
        let name = names.claim(&names::identifier(path, "column"));
        Some(Column { name, path: path.to_vec(), kind, shape: shape.clone(), existing: None })
    };
    paths.filter_map(column).collect()
}

/// A name for a table or index that no database gives to an object of its own.
fn claim(relations: &mut Names, wanted: &str) -> String {
    match relations.is_of_database(wanted) {
        true => relations.claim(&format!("l0_{}_", wanted.trim_matches('_'))),
        false => relations.claim(wanted),
    }
}
