use l0_testkit::hostile::{Database, Schema, Twist};
use l0_testkit::require_services;

use super::ground::Ground;
use super::site;

async fn holds(schema: Schema) {
    if let Err(report) = site::run(&Ground::start().await, &schema).await {
        panic!("{report}");
    }
}

fn with(twist: Twist) -> Schema {
    Schema::of(Database::Postgres, [twist])
}

/// One document per batch: documents without child rows are stored beside those that cannot be.
fn alone(twist: Twist) -> Schema {
    Schema { max_batch: 1, workers: 2, ..with(twist) }
}

#[tokio::test]
async fn a_letter_is_counted_also_when_the_sequence_of_the_letters_was_restarted() {
    require_services!();
    holds(with(Twist::LettersBehind)).await;
}

#[tokio::test]
async fn ids_that_pass_their_type_bury_no_document() {
    require_services!();
    holds(with(Twist::IdPastType)).await;
}

#[tokio::test]
async fn an_identity_of_a_child_that_is_behind_buries_no_document() {
    require_services!();
    holds(alone(Twist::ChildIdBehind)).await;
}

#[tokio::test]
async fn ids_of_a_child_that_pass_their_type_bury_no_document() {
    require_services!();
    holds(alone(Twist::ChildIdPastType)).await;
}

#[tokio::test]
async fn an_unmapped_identity_that_is_behind_buries_no_document() {
    require_services!();
    holds(with(Twist::NumberBehind)).await;
}

#[tokio::test]
async fn a_partition_that_a_child_lacks_buries_no_document() {
    require_services!();
    holds(alone(Twist::ChildPartitionGap)).await;
}

#[tokio::test]
async fn a_rule_on_an_unmapped_column_buries_no_document() {
    require_services!();
    holds(with(Twist::CheckUnmapped)).await;
}

#[tokio::test]
async fn a_trigger_that_cannot_write_elsewhere_buries_no_document() {
    require_services!();
    holds(with(Twist::JournalRefuses)).await;
}

#[tokio::test]
async fn copies_that_meet_an_older_index_first_are_duplicates() {
    require_services!();
    let schema = with(Twist::UniqueOlder);
    holds(Schema { twins: 400, workers: 10, max_batch: 1, ..schema }).await;
}

#[tokio::test]
async fn a_document_that_a_trigger_swallows_stops_no_other() {
    require_services!();
    holds(with(Twist::TriggerSwallows)).await;
}

#[tokio::test]
async fn a_row_that_a_policy_hides_stops_no_document() {
    require_services!();
    holds(with(Twist::PolicyHides)).await;
}

#[tokio::test]
async fn a_document_that_a_policy_refuses_stops_no_other() {
    require_services!();
    holds(with(Twist::PolicyRefuses)).await;
}

#[tokio::test]
async fn a_document_that_a_trigger_refuses_with_a_code_of_its_own_stops_no_other() {
    require_services!();
    holds(with(Twist::TriggerRaisesItsOwn)).await;
}

#[tokio::test]
async fn a_document_whose_key_a_trigger_rewrites_is_not_halved() {
    require_services!();
    holds(with(Twist::TriggerRewritesKey)).await;
}

#[tokio::test]
async fn documents_that_refer_to_each_other_are_stored_in_whatever_order_they_come() {
    require_services!();
    let schema = with(Twist::References);
    holds(Schema { families: 500, workers: 10, max_batch: 20, hurry: 1, ..schema }).await;
}

#[tokio::test]
async fn a_row_of_a_child_that_a_trigger_swallows_is_in_the_log() {
    require_services!();
    holds(with(Twist::ChildSwallowed)).await;
}

#[tokio::test]
async fn a_document_that_a_trigger_refuses_when_it_is_committed_stops_no_other() {
    require_services!();
    holds(with(Twist::TriggerRaisesLate)).await;
}

#[tokio::test]
async fn a_document_for_which_there_is_no_partition_stops_no_other() {
    require_services!();
    holds(with(Twist::PartitionGap)).await;
}

#[tokio::test]
async fn a_sequence_of_the_ids_that_is_behind_buries_no_document() {
    require_services!();
    holds(with(Twist::IdBehind)).await;
}

#[tokio::test]
async fn a_document_against_a_rule_on_what_it_brought_is_buried_for_that_rule() {
    require_services!();
    let rules = [Twist::CheckMapped, Twist::CheckOfChild, Twist::NotNullMapped];
    let others = [Twist::UniqueYounger, Twist::Exclusion, Twist::GeneratedCheck];
    let schema = Schema::of(Database::Postgres, rules.into_iter().chain(others));
    holds(Schema { kills: 1, ..schema }).await;
}
