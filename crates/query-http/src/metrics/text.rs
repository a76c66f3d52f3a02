use std::fmt::{Display, Write as _};

use l0_stage::Histogram;

/// The text format 0.0.4 of Prometheus. The caller uses every name once.
#[derive(Debug, Default)]
pub(super) struct Text(String);

/// The samples of one name.
pub(super) struct Family<'a> {
    text: &'a mut String,
    name: String,
}

impl Text {
    pub fn counter(&mut self, name: &'static str, help: &str) -> Family<'_> {
        self.family(name, "counter", help)
    }

    pub fn gauge(&mut self, name: &'static str, help: &str) -> Family<'_> {
        self.family(name, "gauge", help)
    }

    /// What a stage measures.
    pub fn measured(&mut self, name: &str, help: &str, is_counter: bool) -> Family<'_> {
        self.family(name, if is_counter { "counter" } else { "gauge" }, help)
    }

    /// Nothing, if it is not known.
    pub fn gauge_if(&mut self, name: &'static str, help: &str, value: Option<impl Display>) {
        if let Some(value) = value {
            self.gauge(name, help).is(value);
        }
    }

    pub fn histogram(&mut self, name: &'static str, help: &str, histogram: &Histogram) {
        let family = self.family(name, "histogram", help);
        for (bound, count) in &histogram.buckets {
            line(family.text, format_args!("{name}_bucket{{le=\"{bound}\"}} {count}"));
        }
        let Histogram { sum, count, .. } = histogram;
        line(family.text, format_args!("{name}_bucket{{le=\"+Inf\"}} {count}"));
        line(family.text, format_args!("{name}_sum {sum}"));
        line(family.text, format_args!("{name}_count {count}"));
    }

    pub fn into_bytes(self) -> Vec<u8> {
        self.0.into_bytes()
    }

    fn family(&mut self, name: &str, kind: &str, help: &str) -> Family<'_> {
        line(&mut self.0, format_args!("# HELP {name} {help}"));
        line(&mut self.0, format_args!("# TYPE {name} {kind}"));
        Family { text: &mut self.0, name: name.to_owned() }
    }
}

impl Family<'_> {
    pub fn is(self, value: impl Display) {
        line(self.text, format_args!("{} {value}", self.name));
    }

    /// Labels and their values are names of ours: nothing in them has to be escaped.
    pub fn with(&mut self, labels: &[(&str, &str)], value: impl Display) {
        let labels: Vec<_> =
            labels.iter().map(|(label, value)| format!("{label}=\"{value}\"")).collect();
        line(self.text, format_args!("{}{{{}}} {value}", self.name, labels.join(",")));
    }
}

fn line(text: &mut String, content: std::fmt::Arguments<'_>) {
    // Writing to a text cannot fail.
    let _ = writeln!(text, "{content}");
}
