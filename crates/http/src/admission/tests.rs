//! Which connection gives way to which, without a socket.

use std::net::Ipv4Addr;
use std::time::Duration;

use tokio::time::{advance, timeout};

use super::*;

/// Admits a connection of the client with this number.
async fn admit(admission: &Admission, client: u32) -> Arc<Place> {
    let room = timeout(Duration::from_secs(1), admission.room()).await;
    let room = room.expect("something leaves").expect("open");
    // The clock advances, so that one of two connections is older.
    advance(Duration::from_millis(1)).await;
    Arc::new(admission.admit(room, Client::of(Ipv4Addr::from_bits(client).into()), false))
}

/// Admits a connection whose request was answered, so that it is idle.
async fn admit_idle(admission: &Admission, client: u32) -> Arc<Place> {
    let place = admit(admission, client).await;
    drop(place.begins());
    place
}

/// Admits a connection with a request under way, until the second value is dropped.
async fn admit_busy(admission: &Admission, client: u32) -> (Arc<Place>, UnderWay) {
    let place = admit(admission, client).await;
    let under_way = place.begins();
    (place, under_way)
}

async fn is_given_away(place: &Place) -> bool {
    timeout(Duration::from_micros(1), place.is_given_away()).await.is_ok()
}

const SECOND: Duration = Duration::from_secs(1);

#[tokio::test(start_paused = true)]
async fn half_a_request_of_the_client_with_most_of_them_gives_way_first() {
    let admission = Admission::new(6, 64);
    let (idle, other) = (admit_idle(&admission, 1).await, admit_idle(&admission, 1).await);
    let single = admit(&admission, 2).await;
    let (first, second) = (admit(&admission, 3).await, admit(&admission, 3).await);
    let spoken = admit_idle(&admission, 3).await;
    advance(SECOND).await;
    let newcomer = admit(&admission, 4).await;
    assert!(!newcomer.peer.is_crowded);
    assert!(is_given_away(&first).await);
    for stays in [&idle, &other, &single, &second, &spoken, &newcomer] {
        assert!(!is_given_away(stays).await, "{stays:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn the_longest_idle_of_the_client_with_most_of_them_gives_way_next() {
    let admission = Admission::new(4, 64);
    let (busy, _under_way) = admit_busy(&admission, 1).await;
    let other = admit_idle(&admission, 2).await;
    let (first, second) = (admit_idle(&admission, 3).await, admit_idle(&admission, 3).await);
    advance(SECOND).await;
    drop(first.begins());
    advance(SECOND).await;
    let newcomer = admit(&admission, 4).await;
    assert!(!newcomer.peer.is_crowded);
    assert!(is_given_away(&second).await);
    for stays in [&busy, &other, &first] {
        assert!(!is_given_away(stays).await, "{stays:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn what_waits_for_less_than_a_second_gives_way_by_how_many_its_client_has() {
    let admission = Admission::new(4, 64);
    let single = admit(&admission, 1).await;
    let (_busy, _under_way) = admit_busy(&admission, 2).await;
    let (_more, _more_way) = admit_busy(&admission, 2).await;
    let idle = admit_idle(&admission, 2).await;
    assert!(!admit(&admission, 3).await.peer.is_crowded);
    assert!(is_given_away(&idle).await);
    assert!(!is_given_away(&single).await, "its request may be on its way");
}

#[tokio::test(start_paused = true)]
async fn a_flood_of_new_connections_does_not_close_the_only_one_of_another_client() {
    let admission = Admission::new(3, 64);
    let (_one, _first) = admit_busy(&admission, 1).await;
    let (_two, _second) = admit_busy(&admission, 1).await;
    let single = admit(&admission, 2).await;
    for _ in 0..10 {
        assert!(admit(&admission, 1).await.peer.is_crowded);
    }
    assert!(!is_given_away(&single).await, "its request may be on its way");
    advance(SECOND).await;
    assert!(!admit(&admission, 1).await.peer.is_crowded);
    assert!(is_given_away(&single).await);
}

#[tokio::test(start_paused = true)]
async fn an_answer_that_is_not_taken_is_under_way() {
    let admission = Admission::new(2, 64);
    let stalled = admit_idle(&admission, 1).await;
    stalled.is_stalled().store(true, std::sync::atomic::Ordering::Relaxed);
    let idle = admit_idle(&admission, 1).await;
    let _newcomer = admit(&admission, 2).await;
    assert!(is_given_away(&idle).await);
    assert!(!is_given_away(&stalled).await);
}

#[tokio::test(start_paused = true)]
async fn of_many_that_are_busy_the_longest_of_the_client_with_most_connections_gives_way() {
    let admission = Admission::new(3, 64);
    let (single, _under_way) = admit_busy(&admission, 1).await;
    let (first, _first) = admit_busy(&admission, 2).await;
    let (second, _second) = admit_busy(&admission, 2).await;
    let newcomer = admit(&admission, 3).await;
    assert!(!newcomer.peer.is_crowded);
    assert!(is_given_away(&first).await);
    assert!(!is_given_away(&single).await && !is_given_away(&second).await);
}

#[tokio::test(start_paused = true)]
async fn where_all_are_busy_and_equal_a_newcomer_is_for_probes_alone() {
    let admission = Admission::new(2, 64);
    let (one, _one) = admit_busy(&admission, 1).await;
    let (other, _other) = admit_busy(&admission, 2).await;
    assert!(admit(&admission, 3).await.peer.is_crowded);
    assert!(!is_given_away(&one).await && !is_given_away(&other).await);
    drop((one, _one));
    assert!(!admit(&admission, 3).await.peer.is_crowded);
}

#[tokio::test(start_paused = true)]
async fn a_proxy_stands_for_many_clients_and_is_not_cut_while_it_works() {
    let admission = Admission::new(2, 1);
    let mut held = Vec::new();
    for _ in 0..2 {
        let room = admission.room().await.expect("open");
        let place = Arc::new(admission.admit(room, Client::of([10, 0, 0, 1].into()), true));
        assert!(!place.peer.is_crowded, "no limit of its own");
        held.push((place.begins(), place));
    }
    assert!(admit(&admission, 1).await.peer.is_crowded);
    for (_, place) in &held {
        assert!(!is_given_away(place).await);
    }
}

#[tokio::test(start_paused = true)]
async fn the_reserve_for_probes_always_has_a_place_for_one_more() {
    let admission = Admission::new(1, 64);
    let _busy = admit_busy(&admission, 1).await;
    let mut probes = Vec::new();
    for client in 0..200 {
        let probe = admit(&admission, 100 + client % 40).await;
        assert!(probe.peer.is_crowded && !is_given_away(&probe).await);
        probes.push(probe);
        // Connections that are told to end leave.
        let mut stay = Vec::new();
        for probe in probes {
            if !is_given_away(&probe).await {
                stay.push(probe);
            }
        }
        probes = stay;
    }
    assert_eq!(probes.len(), seats::PROBES);
}

#[tokio::test(start_paused = true)]
async fn an_idle_connection_gives_way_to_another_one_of_its_client() {
    let admission = Admission::new(10, 2);
    let idle = admit_idle(&admission, 1).await;
    let (busy, _under_way) = admit_busy(&admission, 1).await;
    assert!(admit(&admission, 1).await.peer.is_crowded, "its next request may be on its way");
    advance(SECOND).await;
    assert!(!admit(&admission, 1).await.peer.is_crowded);
    assert!(is_given_away(&idle).await && !is_given_away(&busy).await);
}

#[tokio::test(start_paused = true)]
async fn a_probe_that_is_being_answered_is_not_the_first_to_go() {
    let admission = Admission::new(10, 1);
    let _busy = admit_busy(&admission, 1).await;
    let (answered, _under_way) = admit_busy(&admission, 1).await;
    let silent = admit(&admission, 1).await;
    let mut others = Vec::new();
    for _ in 0..3 {
        others.push(admit(&admission, 1).await);
    }
    assert!(is_given_away(&silent).await && !is_given_away(&answered).await);
}

#[tokio::test(start_paused = true)]
async fn of_a_client_with_many_half_requests_the_further_ones_have_two_seconds() {
    let admission = Admission::new(100, 64);
    let mut held = Vec::new();
    for _ in 0..SILENT {
        held.push(admit(&admission, 1).await);
    }
    let further = admit(&admission, 1).await;
    let spoken = admit(&admission, 1).await;
    drop(spoken.begins());
    let longest = Duration::from_secs(3);
    assert!(timeout(longest, further.is_given_away()).await.is_ok());
    assert!(timeout(longest, spoken.is_given_away()).await.is_err());
    assert!(timeout(longest, held[0].is_given_away()).await.is_err());
    let other = admit(&admission, 2).await;
    assert!(timeout(longest, other.is_given_away()).await.is_err());
}

#[tokio::test(start_paused = true)]
async fn nothing_is_remembered_of_those_who_left() {
    let admission = Admission::new(2, 64);
    let mut places = Vec::new();
    for client in 0..10 {
        places.push(admit(&admission, client).await);
        let mut stay = Vec::new();
        for place in places {
            if !is_given_away(&place).await {
                stay.push(place);
            }
        }
        places = stay;
    }
    drop(places);
    assert_eq!(
        format!("{:?}", admission.seats.lock()),
        format!("{:?}", Mutex::new(Seats::default()).lock())
    );
}
