//! What every query stage that speaks HTTP answers.

mod answers;
mod serving;

use std::future::Future;
use std::net::SocketAddr;

use l0_stage::Query;

pub use answers::*;

/// How the suite reaches a query stage.
pub trait QueryLab: Sized {
    /// Whether this machine has what the stage needs.
    fn is_available() -> bool {
        true
    }

    /// The stage with its defaults and its own port.
    fn open() -> impl Future<Output = Self>;

    /// The stage, and where it listens.
    fn into_stage(self) -> (Box<dyn Query>, SocketAddr);
}

/// Writes each of these behaviours as a test.
#[macro_export]
macro_rules! query_conformance {
    ($lab:ty) => {
        $crate::conformance_tests! { $lab, QueryLab, query,
            a_document_comes_byte_for_byte_first_as_a_miss_then_as_a_hit
            an_unknown_id_is_not_found_until_it_is_stored
            a_malformed_id_is_a_bad_request_and_reaches_no_reader
            documents_are_listed_the_newest_first_page_by_page
            head_has_the_headers_of_get_and_no_body
            other_methods_are_refused_with_what_is_allowed
            without_a_reader_documents_are_unavailable_and_then_they_are_there
            a_reader_that_fails_is_unavailable_without_its_words_and_heals
            it_is_ready_while_nobody_reports_a_reason_and_alive_all_the_time
            after_the_stop_begun_answers_are_finished_and_no_more_are_begun
            an_idle_client_does_not_hold_up_the_stop
        }
    };
}
