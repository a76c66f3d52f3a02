use std::fmt::Write as _;

use clap::{Args, ValueEnum};
use l0_engine::{Needs, Pipeline, Settings, Slot, Stage};
use serde::Serialize;
use serde_json::json;

use crate::answer::Answer;
use crate::cli::Cli;
use crate::exit::Exit;

/// Options of `graph`.
#[derive(Debug, Args)]
pub struct Graph {
    /// Format of the picture
    #[arg(long, value_name = "FORM", default_value = "text")]
    pub format: GraphFormat,
}

/// `--format`
#[derive(Debug, Clone, Copy, ValueEnum)]
pub enum GraphFormat {
    /// For a terminal
    Text,
    /// For a Markdown page
    Mermaid,
}

/// Draws the pipeline. Needs the variables that `run` needs.
pub fn graph(cli: &Cli, Graph { format }: &Graph) -> Result<Answer, Exit> {
    let (config, pipeline) = cli.load(Needs::RUN)?;
    let mut nodes = nodes(&pipeline);
    nodes.iter_mut().for_each(|node| node.summary = config.printable(&node.summary));
    let picture = match format {
        GraphFormat::Text => text(&pipeline.settings, &nodes),
        GraphFormat::Mermaid => mermaid(&pipeline.settings, &nodes),
    };
    let Settings { name, workers, max_batch, .. } = &pipeline.settings;
    let result = json!({
        "pipeline": name, "workers": workers, "max_batch": max_batch, "stages": nodes,
        "picture": picture,
    });
    Ok(Answer::data(picture).with(result))
}

/// A stage in the picture.
#[derive(Debug, Serialize)]
struct Node {
    role: &'static str,
    kind: String,
    summary: String,
}

/// The stages in the order in which documents pass them.
fn nodes(pipeline: &Pipeline) -> Vec<Node> {
    let Pipeline { source, validator, sink, query, .. } = pipeline;
    let nodes = [node("source", source), node("validate", validator), node("sink", sink)];
    nodes.into_iter().chain([node("query", query)]).flatten().collect()
}

fn node<S: Slot + ?Sized>(role: &'static str, stage: &Option<Stage<S>>) -> Option<Node> {
    let stage = stage.as_ref()?;
    let kind = stage.section.rsplit('.').next().unwrap_or_default().to_owned();
    Some(Node { role, kind, summary: stage.summary() })
}

fn text(settings: &Settings, nodes: &[Node]) -> String {
    if nodes.is_empty() {
        return format!("{}: no stages\n", settings.name);
    }
    let flow: Vec<_> = nodes.iter().map(|node| node.role).collect();
    let mut text = format!("{}: {}\n\n", settings.name, flow.join(" ──► "));
    let width = nodes.iter().map(|node| node.kind.len()).max().unwrap_or_default();
    for Node { role, kind, summary } in nodes {
        let _ = writeln!(text, "{role:8}  {kind:width$}  {summary}");
    }
    if has(nodes, "source") {
        let Settings { workers, max_batch, .. } = settings;
        text.push('\n');
        let _ = writeln!(text, "{workers} workers, up to {max_batch} documents in a batch");
        text.push_str("rejected documents ──► dead letters in the sink\n");
    }
    text
}

fn mermaid(settings: &Settings, nodes: &[Node]) -> String {
    let mut text = "flowchart LR\n".to_owned();
    for Node { role, kind, .. } in nodes {
        let _ = writeln!(text, "    {role}[\"{role}<br/>{kind}\"]");
    }
    let steps: Vec<_> = nodes.iter().map(|node| node.role).collect();
    for (from, to) in steps.iter().zip(steps.iter().skip(1)) {
        let label = match *from {
            "source" => format!("|{} workers|", settings.workers),
            _ => String::new(),
        };
        let _ = writeln!(text, "    {from} -->{label} {to}");
    }
    if has(nodes, "source") {
        text.push_str("    dead_letters[(\"dead letters\")]\n");
        if has(nodes, "validate") {
            text.push_str("    validate -.->|rejected| dead_letters\n");
        }
        text.push_str("    sink -.->|conflict, misfit| dead_letters\n");
    }
    text
}

fn has(nodes: &[Node], role: &str) -> bool {
    nodes.iter().any(|node| node.role == role)
}
