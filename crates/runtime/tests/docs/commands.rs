use l0_testkit::require_services;

use crate::page::{Page, read};
use crate::script::{Step, steps};
use crate::session::{Session, WITH_SERVICES};

fn of(page: &Page) -> Vec<Step> {
    let blocks = page.blocks().into_iter().filter(|block| block.language == "console");
    blocks.flat_map(|block| steps(&block).unwrap()).collect()
}

fn page(path: &str) -> Page {
    Page { path: path.to_owned(), text: read(path) }
}

/// All commands in all texts.
pub fn all() -> Vec<String> {
    Page::all().iter().flat_map(of).map(|step| step.bare().to_owned()).collect()
}

async fn assert_run(page: &Page) {
    let wrong = Session::run(page).await;
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[tokio::test]
async fn the_commands_of_the_readme_do_what_it_shows() {
    require_services!();
    assert_run(&page("README.md")).await;
}

#[tokio::test]
async fn the_commands_of_the_russian_readme_do_what_it_shows() {
    require_services!();
    assert_run(&page("README.ru.md")).await;
}

#[tokio::test]
async fn the_commands_of_all_other_texts_do_what_they_show() {
    let others =
        Page::all().into_iter().filter(|page| !WITH_SERVICES.contains(&page.path.as_str()));
    let mut wrong = Vec::new();
    for page in others.filter(|page| page.text.contains("```console")) {
        wrong.extend(Session::run(&page).await);
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn both_readmes_have_the_same_commands() {
    let commands = ["README.md", "README.ru.md"].map(|path| of(&page(path)));
    let [english, russian] = commands.map(|steps| {
        steps.iter().map(|step| (step.bare().to_owned(), step.shown.clone())).collect::<Vec<_>>()
    });
    assert!(english.len() > 5);
    assert_eq!(english, russian);
}

/// Running the text checks that it is today's `pipeline.toml`.
#[test]
fn the_pipeline_is_drawn_by_its_own_command() {
    for path in ["README.md", "README.ru.md", "ARCHITECTURE.md"] {
        let steps = of(&page(path));
        let drawn = steps.iter().find(|step| step.bare() == "l0-runtime graph");
        let drawn = drawn.unwrap_or_else(|| panic!("no picture in {path}"));
        assert!(!drawn.shown.is_empty() && !crate::pattern::is_open(&drawn.shown), "{path}");
    }
}
