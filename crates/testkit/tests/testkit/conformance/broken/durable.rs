//! On a notebook, a sink on two files, honest but for one fault.

use l0_testkit::conformance::{SinkLab, durable};

use crate::conformance::notebook::{
    FORGETFUL, HALF, HONEST, LATE, LETTERS_IN_MEMORY, Notebook, OWN_COUNT,
};

mod honest {
    use super::{HONEST, Notebook};

    l0_testkit::sink_conformance!(Notebook<HONEST>);
    l0_testkit::durable_conformance!(Notebook<HONEST>);
}

#[tokio::test]
#[should_panic(expected = "[Stored(1), Stored(2)]")]
async fn a_sink_that_forgets_what_it_has_stored_is_found() {
    let lab = Notebook::<FORGETFUL>::open().await;
    durable::what_was_stored_is_a_duplicate_for_the_next_sink(lab).await;
}

#[tokio::test]
#[should_panic(expected = "left: 1")]
async fn a_sink_that_forgets_what_it_has_buried_is_found() {
    let lab = Notebook::<LETTERS_IN_MEMORY>::open().await;
    durable::what_was_buried_is_there_for_the_next_sink(lab).await;
}

#[tokio::test]
#[should_panic(expected = "stored by the second")]
async fn two_sinks_that_know_nothing_of_each_other_are_found() {
    let lab = Notebook::<OWN_COUNT>::open().await;
    durable::a_second_sink_beside_a_live_one_agrees_with_it_or_waits(lab).await;
}

#[tokio::test]
#[should_panic(expected = "a part of a document was stored")]
async fn a_sink_that_stores_a_part_of_a_document_is_found() {
    let lab = Notebook::<HALF>::open().await;
    durable::after_a_failed_write_writing_again_ends_the_same(lab).await;
}

mod late {
    use super::{LATE, Notebook, durable};

    /// The process that is killed runs this test too, and by its name.
    #[tokio::test]
    #[should_panic(expected = "not all of it is stored")]
    async fn what_was_confirmed_outlives_ten_kills() {
        let module = module_path!();
        durable::what_was_confirmed_outlives_ten_kills::<Notebook<LATE>>(module).await;
    }
}
