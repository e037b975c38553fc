//! What can be taken of an update in which something lies too deep: all but that and what its client wrote after it, which
//! then waits, as it does where an update is missing. Nothing is made up in its place: whoever has it all later has the
//! same as everybody.

use std::collections::BTreeMap;

use yrs::encoding::write::Write;

use super::nested::{Id, Items};
use super::{DEPTH_MAX, Walk};
use crate::workspace::error::Refusal;

/// How deep values are followed to find their end. What lies deeper is refused whole.
const FOLLOWED_MAX: usize = 1 << 20;

/// The blocks of one client that follow each other.
struct Run<'a> {
    first: Id,
    blocks: Vec<(Id, &'a [u8])>,
}

/// An update without what lies too deep in it.
pub(in crate::workspace) fn shallow(bytes: &[u8]) -> Result<Vec<u8>, Refusal> {
    let mut items = Items::default();
    let mut runs: BTreeMap<u64, Run<'_>> = BTreeMap::new();
    let mut deep = Vec::new();
    let deleted = Walk::new(bytes, &mut items, FOLLOWED_MAX).update(|run, block| {
        if block.depth > DEPTH_MAX {
            deep.push(block.id);
        }
        let run = runs.entry(run).or_insert_with(|| Run { first: block.id, blocks: Vec::new() });
        run.blocks.push((block.id, block.bytes));
    })?;
    deep.extend(items.deeper(DEPTH_MAX)?);
    // Of each client, where it first goes too deep.
    let mut ends: BTreeMap<u64, u64> = BTreeMap::new();
    for (client, clock) in deep {
        ends.entry(client).and_modify(|end| *end = clock.min(*end)).or_insert(clock);
    }
    for run in runs.values_mut() {
        if let Some(end) = ends.get(&run.first.0) {
            run.blocks.retain(|((_, clock), _)| clock < end);
        }
    }
    runs.retain(|_, run| !run.blocks.is_empty());
    let mut cut = Vec::with_capacity(bytes.len());
    cut.write_var(runs.len() as u64);
    for Run { first: (client, clock), blocks } in runs.into_values() {
        cut.write_var(blocks.len() as u64);
        cut.write_var(client);
        cut.write_var(clock);
        blocks.into_iter().for_each(|(_, block)| cut.extend_from_slice(block));
    }
    cut.extend_from_slice(deleted);
    Ok(cut)
}

#[cfg(test)]
mod tests {
    use yrs::updates::decoder::Decode;
    use yrs::{Any, Doc, Map, MapPrelim, ReadTxn, StateVector, Transact, Update};

    use super::*;
    use crate::workspace::walk::update;

    /// What several peers made of one document, and one of them something deep.
    fn whole(deep: impl FnOnce(&Doc)) -> Vec<u8> {
        let [good, bad] = [3, 8].map(Doc::with_client_id);
        let write = |doc: &Doc, key: &str| {
            let map = doc.get_or_insert_map("map");
            map.insert(&mut doc.transact_mut(), key, "a value");
        };
        write(&good, "good");
        write(&bad, "before");
        deep(&bad);
        write(&bad, "after");
        let there = good.transact().encode_state_as_update_v1(&StateVector::default());
        let mut txn = bad.transact_mut();
        txn.apply_update(Update::decode_v1(&there).unwrap()).unwrap();
        txn.encode_state_as_update_v1(&StateVector::default())
    }

    fn keys(update: &[u8]) -> Vec<String> {
        let doc = Doc::new();
        let map = doc.get_or_insert_map("map");
        doc.transact_mut().apply_update(Update::decode_v1(update).unwrap()).unwrap();
        let mut keys: Vec<_> = map.keys(&doc.transact()).map(str::to_owned).collect();
        keys.sort_unstable();
        keys
    }

    #[test]
    fn what_is_not_deep_stays_as_it_is() {
        let whole = whole(|_| {});
        assert_eq!(shallow(&whole), Ok(whole.clone()));
        assert_eq!(keys(&whole), ["after", "before", "good"]);
    }

    #[test]
    fn what_lies_too_deep_goes_with_what_its_client_wrote_after_it() {
        let values = whole(|doc| {
            let deep = (0..200).fold(Any::Null, |inner, _| Any::Array([inner].into()));
            let map = doc.get_or_insert_map("map");
            map.insert(&mut doc.transact_mut(), "deep", deep);
        });
        let maps = whole(|doc| {
            let mut map = doc.get_or_insert_map("other");
            for _ in 0..200 {
                map = map.insert(&mut doc.transact_mut(), "in", MapPrelim::default());
            }
        });
        for whole in [values, maps] {
            assert_eq!(update(&whole), Err(Refusal::Deep(DEPTH_MAX)));
            let cut = shallow(&whole).unwrap();
            assert_eq!(update(&cut), Ok(()));
            assert_eq!(keys(&cut), ["before", "good"]);
        }
    }

    #[test]
    fn what_is_no_update_or_deeper_than_is_followed_is_refused() {
        assert!(shallow(b"rubbish").is_err());
        let mut bytes = vec![1, 1, 1, 0, 0x28, 1, 1, b't', 1, b'f', 1];
        (0..FOLLOWED_MAX).for_each(|_| bytes.extend([117, 1]));
        bytes.extend([126, 0]);
        assert_eq!(shallow(&bytes), Err(Refusal::Deep(DEPTH_MAX)));
    }
}
