use std::fmt::{Display, Write as _};

use l0_stage::observe::Histogram;

/// Builds a text in the Prometheus format 0.0.4. The caller must use each metric name once only.
#[derive(Debug)]
pub(super) struct Text {
    text: String,
    /// The label of the pipeline's name, which every sample has.
    pipeline: String,
}

/// The samples of one metric.
pub(super) struct Family<'a> {
    text: &'a mut String,
    pipeline: &'a str,
    name: String,
}

impl Text {
    pub fn of(pipeline: &str) -> Self {
        Self { text: String::new(), pipeline: format!("pipeline=\"{}\"", escaped(pipeline)) }
    }

    pub fn counter(&mut self, name: &'static str, help: &str) -> Family<'_> {
        self.family(name, "counter", help)
    }

    pub fn gauge(&mut self, name: &'static str, help: &str) -> Family<'_> {
        self.family(name, "gauge", help)
    }

    /// Begins a metric for a number that a stage measures.
    pub fn measured(&mut self, name: &str, help: &str, is_counter: bool) -> Family<'_> {
        self.family(name, if is_counter { "counter" } else { "gauge" }, help)
    }

    /// Writes a gauge, unless its value is `None`.
    pub fn gauge_if(&mut self, name: &'static str, help: &str, value: Option<impl Display>) {
        if let Some(value) = value {
            self.gauge(name, help).is(value);
        }
    }

    pub fn histogram(&mut self, name: &'static str, help: &str, histogram: &Histogram) {
        let family = self.family(name, "histogram", help);
        let Family { text, pipeline, .. } = family;
        for (bound, count) in &histogram.buckets {
            line(text, format_args!("{name}_bucket{{{pipeline},le=\"{bound}\"}} {count}"));
        }
        let Histogram { sum, count, .. } = histogram;
        line(text, format_args!("{name}_bucket{{{pipeline},le=\"+Inf\"}} {count}"));
        line(text, format_args!("{name}_sum{{{pipeline}}} {sum}"));
        line(text, format_args!("{name}_count{{{pipeline}}} {count}"));
    }

    pub fn into_bytes(self) -> Vec<u8> {
        self.text.into_bytes()
    }

    fn family(&mut self, name: &str, kind: &str, help: &str) -> Family<'_> {
        line(&mut self.text, format_args!("# HELP {name} {help}"));
        line(&mut self.text, format_args!("# TYPE {name} {kind}"));
        Family { text: &mut self.text, pipeline: &self.pipeline, name: name.to_owned() }
    }
}

impl Family<'_> {
    pub fn is(self, value: impl Display) {
        line(self.text, format_args!("{}{{{}}} {value}", self.name, self.pipeline));
    }

    /// Adds a sample. Labels and their values are fixed names of this code, so they need no
    /// escaping.
    pub fn with(&mut self, labels: &[(&str, &str)], value: impl Display) {
        let labels: Vec<_> =
            labels.iter().map(|(label, value)| format!("{label}=\"{value}\"")).collect();
        let Self { text, pipeline, name } = self;
        line(text, format_args!("{name}{{{pipeline},{}}} {value}", labels.join(",")));
    }
}

fn line(text: &mut String, content: std::fmt::Arguments<'_>) {
    // Writing to a `String` cannot fail.
    let _ = writeln!(text, "{content}");
}

/// Escapes the value of a label.
fn escaped(text: &str) -> String {
    text.replace('\\', r"\\").replace('"', "\\\"").replace('\n', r"\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_sample_has_the_pipeline_with_its_name_escaped() {
        let mut text = Text::of(r#"a "b" \c"#);
        text.gauge("l0_one", "One.").is(1);
        text.gauge("l0_two", "Two.").with(&[("code", "x")], 2);
        let text = String::from_utf8(text.into_bytes()).expect("text");
        let samples: Vec<_> = text.lines().filter(|line| !line.starts_with('#')).collect();
        let expected =
            [r#"l0_one{pipeline="a \"b\" \\c"} 1"#, r#"l0_two{pipeline="a \"b\" \\c",code="x"} 2"#];
        assert_eq!(samples, expected);
    }
}
