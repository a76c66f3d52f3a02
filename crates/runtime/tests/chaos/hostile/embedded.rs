use l0_testkit::hostile::{Database, Schema, Twist};
use l0_testkit::require_services;

use super::ground::Ground;
use super::site;

async fn holds<const N: usize>(twists: [Twist; N]) {
    let schema = Schema::of(Database::Sqlite, twists);
    if let Err(report) = site::run(&Ground::start().await, &schema).await {
        panic!("{report}");
    }
}

#[tokio::test]
async fn a_document_that_a_trigger_of_sqlite_swallows_stops_no_other() {
    require_services!();
    holds([Twist::TriggerSwallows]).await;
}

#[tokio::test]
async fn a_document_for_which_a_trigger_of_sqlite_rolls_back_stops_no_other() {
    require_services!();
    holds([Twist::TriggerRaisesItsOwn]).await;
}

#[tokio::test]
async fn a_unique_index_of_sqlite_on_an_unmapped_column_buries_no_document() {
    require_services!();
    holds([Twist::UniqueUnmapped]).await;
}

#[tokio::test]
async fn a_trigger_of_sqlite_that_cannot_write_elsewhere_buries_no_document() {
    require_services!();
    holds([Twist::JournalRefuses]).await;
}

#[tokio::test]
async fn a_row_of_a_child_that_a_trigger_of_sqlite_swallows_is_in_the_log() {
    require_services!();
    holds([Twist::ChildSwallowed]).await;
}

#[tokio::test]
async fn a_document_against_a_rule_of_sqlite_on_what_it_brought_is_buried_for_that_rule() {
    require_services!();
    let (check, child) = (Twist::CheckMapped, Twist::CheckOfChild);
    holds([check, child, Twist::NotNullMapped, Twist::UniqueYounger, Twist::GeneratedCheck]).await;
}
