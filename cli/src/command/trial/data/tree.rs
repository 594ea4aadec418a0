//! Trees over leaves that are at hand, and the siblings on the way up.

use galen_batch::Sha;
use galen_rules::merkle::{parent, Node, EMPTY};

/// The root of the tree of height `depth` over `leaves`, what is missing being empty, and the siblings from the leaf at `place` up to it.
pub fn climb(leaves: &[Node], depth: u8, place: usize) -> (Node, Vec<Node>) {
    let mut row = leaves.to_vec();
    let mut place = place;
    let mut siblings = Vec::with_capacity(usize::from(depth));
    for height in 1..=depth {
        siblings.push(row.get(place ^ 1).copied().unwrap_or(EMPTY));
        row = row
            .chunks(2)
            .map(|pair| {
                let right = pair.get(1).unwrap_or(&EMPTY);
                parent::<Sha>(height, pair.first().unwrap_or(&EMPTY), right)
            })
            .collect();
        place /= 2;
    }
    (row.first().copied().unwrap_or(EMPTY), siblings)
}

#[cfg(test)]
mod tests {
    use super::*;
    use galen_rules::merkle::fold;
    use galen_rules::trial::data_log::{append, Peaks, LOG_DEPTH};

    fn leaves(count: u8) -> Vec<Node> {
        (1..=count).map(|n| [n; 32]).collect()
    }

    #[test]
    fn every_leaf_leads_to_the_root() {
        for count in 1..=9 {
            let leaves = leaves(count);
            for (place, leaf) in leaves.iter().enumerate() {
                let (root, siblings) = climb(&leaves, 4, place);
                let place = u64::try_from(place).expect("small");
                assert_eq!(fold::<Sha>(*leaf, 0, place, &siblings), Some(root));
            }
        }
    }

    #[test]
    fn it_is_the_root_that_the_ledger_comes_to() {
        let mut peaks: Peaks = [EMPTY; LOG_DEPTH as usize];
        let all = leaves(11);
        for (count, leaf) in (0..).zip(&all) {
            let on_ledger = append::<Sha>(&mut peaks, count, *leaf).expect("room");
            let so_far = &all[..=usize::try_from(count).expect("small")];
            assert_eq!(climb(so_far, LOG_DEPTH, 0).0, on_ledger);
        }
    }
}
