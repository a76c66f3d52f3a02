use bytes::Bytes;
use fastrand::Rng;
use serde_json::{Value, json};

use super::{Database, Key, Schema, Twist};

/// Why a message must be buried.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refusal {
    /// It is not JSON.
    Malformed,
    /// Its key is stored with another content.
    Conflict,
    /// A value is missing; the letter names its column.
    Unfit(&'static str),
    /// A rule refuses its values. The name is given if the database tells it.
    Rule(Option<&'static str>),
    /// The fault is unclear, so it was tried several times before.
    Unexplained,
    /// The fault is unclear: its equal is stored where the worker cannot see it.
    Hidden,
}

/// What must become of a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fate {
    /// Stored once, however often it is published.
    Stored,
    /// One of all messages with this number is stored, and the others are buried.
    OneOf(u64, Refusal),
    /// Buried once for each time it is published.
    Buried(Refusal),
}

/// A message that is published, perhaps several times.
#[derive(Debug, Clone)]
pub struct Message {
    /// What is published.
    pub payload: Bytes,
    /// What must become of it.
    pub fate: Fate,
    /// The number of rows of its document in the child table.
    pub parts: usize,
    /// The number of its child rows that a trigger swallows.
    pub swallowed: usize,
}

/// Everything that is published in a run.
#[derive(Debug, Clone)]
pub struct Plan {
    /// What is stored before the database breaks.
    pub first: Vec<Message>,
    /// What is published after that, in this order.
    pub rest: Vec<Message>,
    schema: Schema,
    random: Rng,
    next: u64,
}

/// Documents that are stored before the database breaks.
const FIRST: usize = 10;

/// Documents for each twist that refuses some.
const EACH: usize = 2;

impl Plan {
    /// Plans the documents for a schema.
    #[must_use]
    pub fn new(schema: &Schema) -> Self {
        let random = Rng::with_seed(schema.seed ^ 0x646f_6373);
        let (schema, first, rest) = (schema.clone(), Vec::new(), Vec::new());
        let mut plan = Self { first, rest, schema, random, next: 1 };
        let good = (0..FIRST).map(|_| plan.good()).collect::<Vec<_>>();
        let bad = (0..FIRST / 3).map(|_| plan.malformed()).collect::<Vec<_>>();
        plan.first = [good, bad].concat();
        let mut groups = plan.ordinary();
        for twist in plan.schema.twists.clone() {
            (0..EACH).for_each(|_| groups.extend(plan.of(twist)));
        }
        plan.random.shuffle(&mut groups);
        plan.rest = groups.into_iter().flatten().collect();
        plan
    }

    /// One more good document, for example to keep the pipeline busy.
    pub fn good(&mut self) -> Message {
        let document = self.document();
        message(&document, Fate::Stored)
    }

    /// SQL that stores the documents which the worker cannot see.
    #[must_use]
    pub fn hiding(&self) -> String {
        let hidden = |message: &&Message| message.fate == Fate::Buried(Refusal::Hidden);
        let hide = |message: &Message| {
            let text = String::from_utf8_lossy(&message.payload);
            format!(
                "INSERT INTO docs (key, code, slot, kind, amount, document, hidden)
                 SELECT (d ->> 'key')::{}, d ->> 'code', d ->> 'slot', d ->> 'kind',
                        (d ->> 'amount')::bigint, $d${text}$d$, true
                 FROM (SELECT $d${text}$d$::json AS d) AS given;\n",
                self.key_type()
            )
        };
        let mut hidden: Vec<_> = self.rest.iter().filter(hidden).map(hide).collect();
        hidden.sort();
        hidden.dedup();
        hidden.concat()
    }

    fn key_type(&self) -> &'static str {
        match self.schema.key {
            Key::Text => "text",
            Key::BigInt => "bigint",
            Key::Uuid => "uuid",
        }
    }

    /// Groups of messages that keep their order: good ones, copies, conflicts, and text that is not
    /// JSON.
    fn ordinary(&mut self) -> Vec<Vec<Message>> {
        let mut groups: Vec<Vec<Message>> = Vec::new();
        for number in 0..self.schema.good {
            let one = self.good();
            match number % 8 {
                // One copy follows at once, so that another worker may get it, and one later.
                0 => groups.push(vec![one.clone(), one]),
                1 => groups.extend([vec![one.clone()], vec![one]]),
                2 => groups.push(self.conflicting()),
                _ => groups.push(vec![one]),
            }
        }
        groups.extend((0..EACH).map(|_| vec![self.malformed()]));
        if self.schema.has(Twist::UniqueOlder) {
            groups.extend(self.twins());
        }
        if self.schema.has(Twist::References) {
            groups.extend((0..self.schema.families).map(|_| self.family()));
        }
        groups
    }

    /// The messages for a twist.
    fn of(&mut self, twist: Twist) -> Vec<Vec<Message>> {
        let rule = Some(match twist {
            Twist::UniqueYounger | Twist::UniqueOlder => {
                return vec![self.rivals("code", "docs_code")];
            }
            Twist::Exclusion => return vec![self.rivals("slot", "slot_free")],
            Twist::References => self.orphan(),
            Twist::ChildSwallowed => return vec![vec![self.losing_a_part()]],
            Twist::CheckMapped => {
                self.refused("amount", json!(5000), Refusal::Rule(Some("amount_small")))
            }
            Twist::NotNullMapped => self.refused("amount", Value::Null, Refusal::Unfit("amount")),
            Twist::GeneratedCheck => {
                self.refused("kind", json!("loud"), Refusal::Rule(Some("not_loud")))
            }
            Twist::GeneratedRaises => self.refused("amount", json!(-7), Refusal::Unexplained),
            Twist::CheckOfChild => {
                let parts = json!([{"name": "a", "weight": 1}, {"name": "b", "weight": 5000}]);
                self.refused("parts", parts, Refusal::Rule(Some("part_light")))
            }
            Twist::TriggerRaises => self.refused("kind", json!("raise"), Refusal::Unexplained),
            Twist::TriggerRaisesItsOwn => self.refused("kind", json!("own"), Refusal::Unexplained),
            Twist::TriggerRaisesLate => self.refused("kind", json!("late"), Refusal::Unexplained),
            Twist::ChildRaises => {
                let parts = json!([{"name": "a", "weight": 1}, {"name": "raise", "weight": 1}]);
                self.refused("parts", parts, Refusal::Unexplained)
            }
            Twist::TriggerSwallows => self.refused("kind", json!("swallow"), Refusal::Unexplained),
            Twist::TriggerRewritesKey => {
                self.refused("kind", json!("rewrite"), Refusal::Unexplained)
            }
            Twist::PolicyRefuses => self.refused("kind", json!("secret"), Refusal::Unexplained),
            Twist::PolicyHides => self.refused("kind", json!("hidden"), Refusal::Hidden),
            Twist::PartitionGap => self.in_the_gap(),
            _ => return Vec::new(),
        });
        let mut groups: Vec<_> = rule.into_iter().map(|message| vec![message]).collect();
        // One of them is published again.
        if self.random.bool() {
            groups.push(groups[0].clone());
        }
        groups
    }

    fn malformed(&mut self) -> Message {
        let mut message = self.refused("kind", json!("broken"), Refusal::Malformed);
        message.payload.truncate(message.payload.len() - 1);
        message
    }

    /// A document that is refused for one of its values.
    fn refused(&mut self, name: &str, value: Value, refusal: Refusal) -> Message {
        let mut document = self.document();
        document[name] = value;
        if refusal == Refusal::Hidden {
            document["parts"] = json!([]);
        }
        message(&document, Fate::Buried(refusal))
    }

    fn in_the_gap(&mut self) -> Message {
        let mut document = self.document();
        document["key"] = json!(format!("m{}", self.next));
        message(&document, Fate::Buried(Refusal::Unexplained))
    }

    /// Two contents of one key.
    fn conflicting(&mut self) -> Vec<Message> {
        let fate = Fate::OneOf(self.next, Refusal::Conflict);
        let mut document = self.document();
        let one = message(&document, fate);
        document["other"] = json!(true);
        vec![one, message(&document, fate)]
    }

    /// Two keys that want the same value of a column.
    fn rivals(&mut self, column: &str, rule: &'static str) -> Vec<Message> {
        let name = match self.schema.database {
            Database::Postgres => rule,
            Database::Sqlite => "docs.code",
        };
        let fate = Fate::OneOf(self.next, Refusal::Rule(Some(name)));
        let (mut one, mut other) = (self.document(), self.document());
        let value = json!(format!("r{}", self.next));
        one[column] = value.clone();
        other[column] = value;
        vec![message(&one, fate), message(&other, fate)]
    }

    /// About one batch of documents, and the same again for another worker.
    fn twins(&mut self) -> Vec<Vec<Message>> {
        let batch = self.schema.max_batch.min(self.schema.twins);
        let groups = self.schema.twins / batch;
        let group = |_| {
            let once: Vec<_> = (0..batch).map(|_| self.good()).collect();
            [once.clone(), once].concat()
        };
        (0..groups).map(group).collect()
    }

    /// A document and the one that it refers to, in either order.
    fn family(&mut self) -> Vec<Message> {
        let (mut child, parent) = (self.document(), self.document());
        child["up"] = parent["key"].clone();
        let mut family = vec![message(&child, Fate::Stored), message(&parent, Fate::Stored)];
        self.random.shuffle(&mut family);
        family
    }

    /// A document that refers to one which is never published.
    fn orphan(&mut self) -> Message {
        let (mut orphan, absent) = (self.document(), self.document());
        orphan["up"] = absent["key"].clone();
        let name = (self.schema.database == Database::Postgres).then_some("docs_up");
        message(&orphan, Fate::Buried(Refusal::Rule(name)))
    }

    /// A document of which a trigger swallows a row.
    fn losing_a_part(&mut self) -> Message {
        let mut document = self.document();
        document["parts"] = json!([{"name": "a", "weight": 1}, {"name": "drop", "weight": 1}]);
        let message = message(&document, Fate::Stored);
        Message { parts: 1, swallowed: 1, ..message }
    }

    /// A document with a new key that violates no rule.
    fn document(&mut self) -> Value {
        let number = self.next;
        self.next += 1;
        let key = match self.schema.key {
            Key::Text => json!(format!("k{number}")),
            Key::BigInt => json!(number),
            Key::Uuid => json!(format!("00000000-0000-4000-8000-{number:012}")),
        };
        // Codes that a trigger may trim.
        let code = match number % 5 {
            0 if self.schema.has(Twist::TriggerRewritesAnother) => format!(" c{number} "),
            _ => format!("c{number}"),
        };
        let parts: Vec<_> = (0..self.random.usize(0..=3))
            .map(|part| json!({"name": format!("p{part}"), "weight": self.random.u32(0..1000)}))
            .collect();
        let (slot, amount) = (format!("s{number}"), self.random.i64(0..1000));
        json!({"key": key, "code": code, "slot": slot, "kind": "plain", "amount": amount, "parts": parts})
    }
}

fn message(document: &Value, fate: Fate) -> Message {
    let parts = document["parts"].as_array().map_or(0, Vec::len);
    Message { payload: document.to_string().into(), fate, parts, swallowed: 0 }
}
