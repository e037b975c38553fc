use proptest::prelude::*;
use yrs::updates::decoder::Decode;
use yrs::{Doc, GetString, Map, MapPrelim, ReadTxn, StateVector, Text, Transact, Update};

use super::*;

/// One block of one client: a field `f` of a root `t` that holds lists in lists.
fn nested(depth: usize) -> Vec<u8> {
    let mut bytes = vec![1, 1, 1, 0, 0x28, 1, 1, b't', 1, b'f', 1];
    for _ in 0..depth {
        bytes.extend([117, 1]);
    }
    bytes.extend([126, 0]);
    bytes
}

#[test]
fn values_that_lie_too_deep_are_refused_before_they_are_decoded() {
    assert_eq!(update(&nested(DEPTH_MAX - 1)), Ok(()));
    assert_eq!(update(&nested(DEPTH_MAX)), Err(Refusal::Deep(DEPTH_MAX)));
    assert_eq!(update(&nested(1_000_000)), Err(Refusal::Deep(DEPTH_MAX)));
}

/// Shared maps in shared maps: each block lies in the one before it.
fn maps(depth: u8) -> Vec<u8> {
    let mut bytes = vec![1, depth + 1, 1, 0, 0x27, 1, 1, b't', 1, b'k', 1];
    for clock in 0..depth {
        bytes.extend([0x27, 0, 1, clock, 1, b'k', 1]);
    }
    bytes.push(0);
    bytes
}

#[test]
fn shared_types_that_lie_too_deep_are_refused() {
    let deepest = u8::try_from(DEPTH_MAX).unwrap();
    assert_eq!(update(&maps(deepest)), Ok(()));
    assert_eq!(update(&maps(deepest + 1)), Err(Refusal::Deep(DEPTH_MAX)));
}

#[test]
fn what_lies_in_another_update_is_as_deep_as_that_and_deeper() {
    let deepest = u8::try_from(DEPTH_MAX).unwrap();
    // One map more, in the innermost of those: of another client, and by itself not deep at all.
    let more = |clock: u8| vec![1, 1, 2, 0, 0x27, 0, 1, clock, 1, b'k', 1, 0];
    assert_eq!(update(&more(deepest)), Ok(()));
    for (outer, told) in [(deepest - 1, Ok(())), (deepest, Err(Refusal::Deep(DEPTH_MAX)))] {
        let (maps, more) = (maps(deepest), more(outer));
        assert_eq!(updates([maps.as_slice(), &more]), told);
        assert_eq!(updates([more.as_slice(), &maps]), told, "in whatever order they come");
    }
}

#[test]
fn what_is_cut_off_or_goes_on_is_no_update() {
    let whole = nested(3);
    for cut in 0..whole.len() {
        assert!(update(&whole[..cut]).is_err(), "cut at {cut}");
    }
    let more = [whole.as_slice(), &[0]].concat();
    assert_eq!(update(&more), Err(Unreadable::Decode.into()));
}

/// Does one of a few things as any application may, and returns the update. One of them is to bring what another has.
fn step(peers: &[Doc], (peer, what, place): (usize, u8, u32)) -> Vec<u8> {
    let doc = &peers[peer];
    let (text, map) = (doc.get_or_insert_text("text"), doc.get_or_insert_map("map"));
    let key = format!("key {}", place % 3);
    let mut txn = doc.transact_mut();
    let length = u32::try_from(text.get_string(&txn).len()).unwrap();
    match what {
        0 | 1 => text.insert(&mut txn, place % (length + 1), "words"),
        2 if length > 0 => {
            let at = place % length;
            text.remove_range(&mut txn, at, (length - at).min(3));
        }
        3 => {
            let inner = map.insert(&mut txn, key.as_str(), MapPrelim::default());
            inner.insert(&mut txn, "in", MapPrelim::from([("value", 1.0)]));
        }
        4 => {
            map.insert(&mut txn, key.as_str(), "a value");
        }
        5 => {
            map.remove(&mut txn, key.as_str());
        }
        _ => {
            let from = peers[(peer + 1 + place as usize % 2) % peers.len()].transact();
            let lacked = from.encode_state_as_update_v1(&txn.state_vector());
            txn.apply_update(Update::decode_v1(&lacked).unwrap()).unwrap();
            return lacked;
        }
    }
    txn.encode_update_v1()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]

    /// Each by itself, in parts, merged with others, and whole: nothing of it is deep, and nothing lies in itself.
    #[test]
    fn what_honest_peers_write_is_taken_together(steps in prop::collection::vec((0..3_usize, 0..8_u8, any::<u32>()), 0..60)) {
        let peers = [1, 2, 3].map(Doc::with_client_id);
        let mut all: Vec<Vec<u8>> = steps.into_iter().map(|one| step(&peers, one)).collect();
        all.extend(peers.iter().map(|doc| doc.transact().encode_state_as_update_v1(&StateVector::default())));
        prop_assert_eq!(updates(all.iter().map(Vec::as_slice)), Ok(()));
    }
}
