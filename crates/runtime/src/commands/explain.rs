mod reasons;

use clap::Args;
use l0_config::{Code, Explanation, quoted, suggestion};
use l0_engine::Guide;
use serde_json::json;

use crate::answer::Answer;
use crate::cli::Cli;
use crate::exit::Exit;
use crate::program::spoken;
use reasons::Reason;

/// Options of `explain`.
#[derive(Debug, Args)]
pub struct Explain {
    /// A kind (`nats`, `source.http`), a role, a section, or a code (`E0102`, `timed_out`)
    #[arg(value_name = "KIND|CODE")]
    pub topic: String,
}

/// Sections that belong to no stage. A test keeps them complete.
const SECTIONS: &[Guide] = &[
    Guide {
        role: "pipeline",
        kind: "",
        about: "how the pipeline works",
        example: include_str!("../sections/pipeline.toml"),
        refusals: &[],
        reasons: &[],
        template: None,
    },
    Guide {
        role: "produce",
        kind: "",
        about: "what `l0-runtime produce` and the page's button publish",
        example: include_str!("../sections/produce.toml"),
        refusals: &[],
        reasons: &[],
        template: None,
    },
    Guide {
        role: "tests",
        kind: "",
        about: "what `l0-runtime test` expects of messages",
        example: include_str!("../sections/tests.toml"),
        refusals: &[],
        reasons: &[],
        template: None,
    },
];

/// Explains a kind, a role, a section or a code.
pub fn explain(cli: &Cli, Explain { topic }: &Explain) -> Result<Answer, Exit> {
    if let Some(code) = Code::named(topic) {
        let explanation = code.explanation();
        return Ok(told(&of_code(explanation)).with(json!({"code": explanation})));
    }
    if let Some(reason) = reasons::REASONS.iter().find(|reason| reason.code.as_str() == topic) {
        return Ok(told(&of_reason(reason)).with(json!({"reason": reason})));
    }
    let guides = cli.registry.guides().into_iter().chain(cli.registry.observer_guide());
    let guides: Vec<_> = guides.chain(SECTIONS.iter().copied()).collect();
    let name = topic.trim_matches(['[', ']']);
    let meant: Vec<_> = guides.iter().filter(|guide| is_meant(guide, name)).collect();
    if meant.is_empty() {
        return Err(Exit::usage(unknown(topic, &guides)));
    }
    let texts: Vec<_> = meant.iter().map(|guide| of_kind(guide)).collect();
    Ok(told(&texts.join("\n")).with(json!({"kinds": meant})))
}

fn told(text: &str) -> Answer {
    Answer::data(spoken(text).into_owned())
}

/// Whether a topic means this guide: `source.nats`, `nats`, or `source` for all kinds of the role.
fn is_meant(guide: &Guide, name: &str) -> bool {
    [guide.role, guide.kind, &section(guide)].contains(&name)
}

fn section(Guide { role, kind, .. }: &Guide) -> String {
    if kind.is_empty() { (*role).to_owned() } else { format!("{role}.{kind}") }
}

fn of_kind(guide: &Guide) -> String {
    let (section, about) = (section(guide), guide.about);
    let title = if about.is_empty() { section } else { format!("{section}: {about}") };
    let example = guide.example.trim_end();
    let refusals = listed("What the database refuses is the fault of", guide.refusals);
    let reasons = listed("Its own reasons for dead letters", guide.reasons);
    format!("{title}\n\n{example}\n{refusals}{reasons}")
}

/// Pairs below a heading; nothing if there are none.
fn listed(heading: &str, pairs: &[(&str, &str)]) -> String {
    match pairs {
        [] => String::new(),
        pairs => format!("\n{heading}\n{}", pairs.iter().map(pair).collect::<String>()),
    }
}

/// A pair of the list: a rule with whose fault a refusal by it is, or a name with its meaning.
fn pair((rule, fault): &(&str, &str)) -> String {
    let lines = |text: &str, by: &str| {
        wrapped(text).lines().map(|line| format!("{by}{line}\n")).collect::<String>()
    };
    format!("\n{}{}", lines(rule, "  "), lines(fault, "    "))
}

fn of_reason(reason: &Reason) -> String {
    let (meaning, cure) = (wrapped(reason.meaning), wrapped(reason.cure));
    let (code, place) = (reason.code.as_str(), reason.code.place());
    format!("{code}: {place}\n\n{meaning}\n\n{cure}\n")
}

fn of_code(explanation: &Explanation) -> String {
    let Explanation { code, meaning, cause, cure, wrong, right } = explanation;
    let (cause, cure) = (wrapped(cause), wrapped(cure));
    let (wrong, right) = (indented(wrong), indented(right));
    format!("{code}: {meaning}\n\n{cause}\n\n{cure}\n\nWrong:\n\n{wrong}\n\nRight:\n\n{right}\n")
}

/// Wraps a text for a terminal of the usual width.
fn wrapped(text: &str) -> String {
    const WIDTH: usize = 80;
    let mut lines = vec![String::new()];
    for word in text.split_whitespace() {
        match lines.last_mut() {
            Some(line) if line.is_empty() => line.push_str(word),
            Some(line) if line.chars().count() + 1 + word.chars().count() <= WIDTH => {
                line.push(' ');
                line.push_str(word);
            }
            _ => lines.push(word.to_owned()),
        }
    }
    lines.join("\n")
}

fn indented(text: &str) -> String {
    let lines = text.lines().map(|line| format!("    {line}").trim_end().to_owned());
    lines.collect::<Vec<_>>().join("\n")
}

fn unknown(topic: &str, guides: &[Guide]) -> String {
    let sections: Vec<_> = guides.iter().map(section).collect();
    let sections: Vec<_> = sections.iter().map(String::as_str).collect();
    let codes: Vec<_> = Code::ALL.iter().map(|code| code.as_str()).collect();
    let names = guides.iter().flat_map(|guide| [guide.role, guide.kind]);
    let names = names.filter(|name| !name.is_empty());
    let reasons: Vec<_> = reasons::REASONS.iter().map(|reason| reason.code.as_str()).collect();
    let known = sections.iter().copied().chain(names).chain(codes.clone());
    let known: Vec<_> = known.chain(reasons.clone()).collect();
    let near = suggestion(topic, &known).filter(|help| help.starts_with("did you mean"));
    let near = near.map(|help| format!("\nhelp: {help}")).unwrap_or_default();
    let (first, last) = (codes.first().unwrap_or(&""), codes.last().unwrap_or(&""));
    let (sections, reasons) = (quoted(&sections), quoted(&reasons));
    format!(
        "`{topic}` is not a kind and not a code\nknown are {sections}, \
         `{first}` to `{last}`, and the codes of /readyz, {reasons}{near}"
    )
}
