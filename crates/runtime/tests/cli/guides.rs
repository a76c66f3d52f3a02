use l0_config::Inputs;
use l0_engine::Registry;

use crate::folder::{Folder, assert_text, read};

const HELP: &str = "crates/runtime/tests/cli/texts";

#[test]
fn list_shows_each_kind_with_a_line() {
    let ran = Folder::new().run(&["list"]);
    assert_eq!(ran.code, 0);
    assert_text(&format!("{HELP}/list.txt"), &ran.stdout);
    let guides = l0_runtime::registry().guides();
    assert!(guides.iter().all(|guide| !guide.about.is_empty()));
    assert!(guides.len() >= 7);
}

#[test]
fn explain_shows_the_example_of_a_kind_by_any_of_its_names() {
    let folder = Folder::new();
    let shows = |name: &str, example: &str| {
        let ran = folder.run(&["explain", name]);
        assert!(ran.stdout.contains(example.trim_end()), "{name}: {}", ran.stdout);
    };
    for guide in l0_runtime::registry().guides() {
        let section = format!("{}.{}", guide.role, guide.kind);
        for name in [section.as_str(), guide.kind, guide.role, &format!("[{section}]")] {
            shows(name, guide.example);
        }
    }
    let observer = l0_runtime::registry().observer_guide().unwrap();
    shows("observe", observer.example);
    shows("[observe]", observer.example);
}

/// A text on one line, however it was wrapped.
fn unwrapped(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[test]
fn explain_and_the_guarantees_tell_whose_fault_each_refusal_of_a_sink_is() {
    let folder = Folder::new();
    let guarantees = read("docs/guarantees.md");
    let guides = l0_runtime::registry().guides();
    assert!(guides.iter().filter(|guide| !guide.refusals.is_empty()).count() >= 2);
    for guide in guides {
        let explained = unwrapped(&folder.run(&["explain", guide.kind]).stdout);
        for (rule, fault) in guide.refusals {
            assert!(explained.contains(&unwrapped(rule)), "{rule}");
            assert!(explained.contains(&unwrapped(fault)), "{fault}");
            let row = format!("| {rule} | {fault} |");
            assert!(guarantees.contains(&row), "docs/guarantees.md lacks {row}");
        }
    }
}

#[test]
fn explain_of_an_unknown_name_tells_the_nearest_and_all_there_are() {
    let folder = Folder::new();
    for (topic, near) in [("postgre", "`postgres`"), ("sorce", "`source`"), ("E012", "`E0102`")] {
        let ran = folder.run(&["explain", topic]);
        assert_eq!((ran.code, ran.stdout.as_str()), (2, ""));
        let near = format!("did you mean {near}?");
        for part in [&near, "`sink.postgres`", "`pipeline`", "`E0101`"] {
            assert!(ran.stderr.contains(part), "no {part} in {}", ran.stderr);
        }
    }
}

/// Without the guide a key of `[pipeline]` would not be found by users.
#[test]
fn the_guides_of_the_plain_sections_are_complete_and_show_the_defaults() {
    let folder = Folder::new();
    folder.write("produce/example.toml", "");
    for (section, fields) in [("pipeline", 6), ("produce", 2), ("tests", 10)] {
        let example = read(&format!("crates/runtime/src/sections/{section}.toml"));
        let name = if section == "pipeline" { "" } else { "[pipeline]\nname = \"o\"\n" };
        let check = |text: &str| {
            folder.write("example.toml", text);
            let file = folder.path().join("example.toml");
            let inputs = Inputs { file, ..Inputs::default() };
            l0_runtime::check(inputs, &Registry::default())
        };
        let pipeline = check(&format!("{name}{example}")).unwrap_or_else(|it| panic!("{it}"));
        let report = check(&format!("{name}{example}no_such_key_at_all = 1\n")).err().unwrap();
        let help = report.iter().next().and_then(|finding| finding.help.clone()).unwrap();
        let known: Vec<_> = help.split('`').skip(1).step_by(2).collect();
        assert_eq!(known.len(), fields, "{help}");
        assert!(known.iter().all(|key| example.contains(&format!("\n{key} = "))), "{help}");
        if section == "pipeline" {
            let bare = check("[pipeline]\nname = \"orders\"\n").unwrap_or_else(|it| panic!("{it}"));
            assert_eq!(format!("{:?}", bare.settings), format!("{:?}", pipeline.settings));
        }
    }
}

#[test]
fn the_graph_is_drawn_as_text_and_for_a_page() {
    let folder = Folder::new();
    for (format, file) in [("text", "graph.txt"), ("mermaid", "graph.mermaid")] {
        let ran = folder.run(&["graph", "--format", format]);
        assert_eq!((ran.code, ran.stderr.as_str()), (0, ""));
        assert_text(&format!("{HELP}/{file}"), &ran.stdout);
    }
}

#[test]
fn the_graph_of_a_part_shows_that_part() {
    let folder = Folder::new();
    let name = "[pipeline]\nname = \"o\"\n";
    folder.write("pipeline.toml", &format!("{name}[query.http]\nlisten = \"127.0.0.1:1\"\n"));
    let ran = folder.run(&["graph"]);
    assert!(ran.stdout.starts_with("o: query\n"), "{}", ran.stdout);
    assert!(!ran.stdout.contains("workers"), "{}", ran.stdout);
    folder.write("pipeline.toml", name);
    assert_eq!(folder.run(&["graph"]).stdout, "o: no stages\n");
}

#[test]
fn every_shell_gets_its_completions() {
    let folder = Folder::new();
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        let ran = folder.run(&["completions", shell]);
        assert_eq!((ran.code, ran.stderr.as_str()), (0, ""));
        for verb in ["validate", "explain", "completions"] {
            assert!(ran.stdout.contains(verb), "no {verb} for {shell}");
        }
    }
}

#[test]
fn lint_is_validate() {
    let ran = Folder::new().run(&["lint"]);
    assert_eq!((ran.code, ran.stdout.as_str()), (0, ""));
    assert_eq!(ran.stderr, "pipeline.toml: pipeline `orders` is valid\n");
}
