use anyhow::Context;
use bytes::Bytes;
use fastrand::Rng;
use l0_testkit::set;
use serde_json::Value;

/// The composition of a backlog, per thousand messages. The others are good and new.
#[derive(Debug, Clone, Copy, Default)]
pub struct Mix {
    /// Not JSON.
    pub broken: u32,
    /// A value that its column cannot hold.
    pub unfit: u32,
    /// An earlier message again.
    pub repeated: u32,
    /// A value that only a constraint of the table refuses: a negative amount.
    pub refused: u32,
}

/// Messages, and what a correct pipeline makes of them.
#[derive(Debug, Default)]
pub struct Backlog {
    /// In the order of publishing.
    pub messages: Vec<Bytes>,
    /// Documents to be stored.
    pub stored: usize,
    /// Dead letters to be buried.
    pub buried: usize,
}

/// Copies of the sample, each with a new key.
pub struct Orders {
    sample: Value,
    made: u64,
}

enum Kind {
    Good,
    Broken,
    Unfit,
    Repeated,
    Refused,
}

impl Mix {
    fn pick(self, random: &mut Rng) -> Kind {
        let mut dice = random.u32(0..1000);
        let kinds = [
            (self.broken, Kind::Broken),
            (self.unfit, Kind::Unfit),
            (self.repeated, Kind::Repeated),
            (self.refused, Kind::Refused),
        ];
        for (share, kind) in kinds {
            if dice < share {
                return kind;
            }
            dice -= share;
        }
        Kind::Good
    }
}

impl Orders {
    /// Keys are not in order, like those of real shops: an odd multiplier scatters the counter.
    const SCATTER: u64 = 0x9E37_79B9_7F4A_7C15;

    /// From the text of the sample.
    pub fn new(sample: &str) -> anyhow::Result<Self> {
        let sample = serde_json::from_str(sample).context("the sample order is not JSON")?;
        Ok(Self { sample, made: 0 })
    }

    /// The next order, and its key.
    pub fn order(&mut self) -> (String, Value) {
        self.made += 1;
        let scattered = self.made.wrapping_mul(Self::SCATTER);
        let key = format!("WBIL{scattered:016X}");
        let mut order = self.sample.clone();
        set(&mut order, "/order_uid", format!("{scattered:016x}test"));
        for pointer in ["/track_number", "/items/0/track_number", "/items/1/track_number"] {
            set(&mut order, pointer, key.clone());
        }
        (key, order)
    }

    /// The same mix has the same positions in every round, but keys never repeat.
    pub fn backlog(&mut self, length: usize, mix: Mix) -> Backlog {
        let mut random = Rng::with_seed(7);
        let mut good: Vec<Bytes> = Vec::with_capacity(length);
        let mut backlog = Backlog::default();
        for _ in 0..length {
            let kind = mix.pick(&mut random);
            let message = match kind {
                Kind::Repeated if !good.is_empty() => good[random.usize(0..good.len())].clone(),
                _ => self.message(&kind),
            };
            match kind {
                Kind::Good => good.push(message.clone()),
                Kind::Repeated => {}
                Kind::Broken | Kind::Unfit | Kind::Refused => backlog.buried += 1,
            }
            backlog.messages.push(message);
        }
        backlog.stored = good.len();
        backlog
    }

    fn message(&mut self, kind: &Kind) -> Bytes {
        let (_, mut order) = self.order();
        match kind {
            Kind::Unfit => set(&mut order, "/payment/payment_dt", "1637907727.5"),
            Kind::Refused => set(&mut order, "/payment/amount", -1),
            Kind::Good | Kind::Repeated | Kind::Broken => {}
        }
        let mut text = order.to_string();
        if matches!(kind, Kind::Broken) {
            text.pop();
        }
        text.into()
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn a_backlog_says_what_becomes_of_it() {
        let sample = include_str!("../../../schemas/order.sample.json");
        let mut orders = Orders::new(sample).unwrap();
        let mix = Mix { broken: 5, unfit: 5, repeated: 50, refused: 5 };
        let backlog = orders.backlog(10_000, mix);
        let different: HashSet<_> = backlog.messages.iter().collect();
        assert_eq!(backlog.messages.len(), 10_000);
        assert_eq!(different.len(), backlog.stored + backlog.buried);
        assert!((100..200).contains(&backlog.buried), "{}", backlog.buried);
        let json = |message: &&Bytes| serde_json::from_slice::<Value>(message).is_err();
        assert!((25..75).contains(&backlog.messages.iter().filter(json).count()));
    }
}
