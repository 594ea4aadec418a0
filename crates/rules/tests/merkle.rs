//! The tree of a batch: what is in it is proved, nothing else is.

mod support;

use galen_rules::merkle::{
    fold, leaf, parent, proves, proves_subtree, Frontier, Hasher, Layout, Level, Node, Subtree,
    EMPTY,
};
use sha2::{Digest, Sha256};
use support::random::Random;

struct Native;

impl Hasher for Native {
    fn hash(parts: &[&[u8]]) -> Node {
        let mut hasher = Sha256::new();
        for part in parts {
            hasher.update(part);
        }
        hasher.finalize().into()
    }
}

const GTIN: &[u8] = b"09524000059109";

fn pack(number: u64) -> Node {
    leaf::<Native>(GTIN, &[7; 16], format!("S{number}").as_bytes()).unwrap()
}

/// All levels of the tree, the plain way: leaves padded, then pair by pair.
fn levels(leaves: &[Node], depth: u8) -> Vec<Vec<Node>> {
    let mut level = leaves.to_vec();
    level.resize(1 << depth, EMPTY);
    let mut all = vec![level];
    for height in 1..=depth {
        let below = all.last().unwrap();
        let level = below
            .chunks(2)
            .map(|pair| parent::<Native>(height, &pair[0], &pair[1]))
            .collect();
        all.push(level);
    }
    all
}

fn siblings(levels: &[Vec<Node>], height: u8, index: u64) -> Vec<Node> {
    let depth = levels.len() - 1;
    (usize::from(height)..depth)
        .map(|at| levels[at][((index >> (at - usize::from(height))) ^ 1) as usize])
        .collect()
}

#[test]
fn hashes_are_what_the_documentation_says() {
    // SHA-256 over the bytes written out, by another implementation (Python's hashlib).
    let hex = |node: Node| {
        node.iter()
            .map(|byte| format!("{byte:02x}"))
            .collect::<String>()
    };
    assert_eq!(
        hex(leaf::<Native>(GTIN, &[1; 16], b"AB12").unwrap()),
        "b2254d44648264eca95686d72fd01bee9471440cc392342c73e93fb5c54111d0"
    );
    assert_eq!(
        hex(parent::<Native>(3, &[2; 32], &[3; 32])),
        "7700a037179046f13d8fb9424c51eb7bf8c880f881511f6f4dede94c46d14b82"
    );
    assert_eq!(parent::<Native>(1, &EMPTY, &EMPTY), EMPTY);
    assert_ne!(parent::<Native>(1, &EMPTY, &[3; 32]), EMPTY);
    // A single bit anywhere makes a node that is not empty.
    for byte in 0..EMPTY.len() {
        let mut node = EMPTY;
        node[byte] = 1;
        let above = [(&node, &EMPTY), (&EMPTY, &node)].map(|(l, r)| parent::<Native>(1, l, r));
        assert!(!above.contains(&EMPTY) && above[0] != above[1], "{byte}");
    }
    assert_eq!(leaf::<Native>(b"9524000059109", &[0; 16], b"A"), None);
    assert_eq!(leaf::<Native>(GTIN, &[0; 16], b""), None);
    assert_eq!(leaf::<Native>(GTIN, &[0; 16], &[b'A'; 21]), None);
}

#[test]
fn the_stream_gives_the_root_of_the_whole() {
    for count in 0..70_u64 {
        let leaves: Vec<Node> = (0..count)
            .map(|number| if number % 5 == 4 { EMPTY } else { pack(number) })
            .collect();
        let mut frontier = Frontier::<Native>::default();
        let mut completed = Vec::new();
        for leaf in &leaves {
            frontier
                .push(*leaf, |height, node| {
                    if height == 2 {
                        completed.push(*node);
                    }
                })
                .unwrap();
        }
        let least = u8::try_from(count.max(1).next_power_of_two().trailing_zeros()).unwrap();
        for depth in least..=least + 3 {
            let levels = levels(&leaves, depth);
            assert_eq!(
                frontier.root(depth),
                Some(levels[usize::from(depth)][0]),
                "{count} {depth}"
            );
            if depth >= 2 {
                assert_eq!(completed, levels[2][..completed.len()]);
            }
        }
        if least > 0 {
            assert_eq!(frontier.root(least - 1), None, "{count}");
        }
    }
}

#[test]
fn every_pack_case_and_pallet_is_proved_at_its_place_only() {
    // Cases of 3 in 4, pallets of 3 in 4, 5 pallets in 8.
    let layout = Layout::fitting(3, 3, 42).unwrap();
    let mut leaves = vec![EMPTY; 1 << layout.depth()];
    for number in 0..42 {
        let index = layout.pack(number / 9, number / 3 % 3, number % 3).unwrap();
        leaves[index as usize] = pack(number);
    }
    let levels = levels(&leaves, layout.depth());
    let root = levels.last().unwrap()[0];
    for level in Level::ALL {
        let height = layout.height(level);
        for index in 0..layout.places(level) {
            let node = levels[usize::from(height)][index as usize];
            let proof = siblings(&levels, height, index);
            for other in 0..layout.places(level) + 2 {
                let place = Subtree {
                    level,
                    index: other,
                };
                let proved = proves_subtree::<Native>(&root, layout, place, node, &proof);
                assert_eq!(proved, node != EMPTY && other == index, "{place:?} {index}");
            }
            // The same node is not proved as one of another level.
            for wrong in Level::ALL.into_iter().filter(|wrong| *wrong != level) {
                let place = Subtree {
                    level: wrong,
                    index,
                };
                assert!(!proves_subtree::<Native>(
                    &root, layout, place, node, &proof
                ));
            }
        }
    }
    assert!(!proves::<Native>(
        &EMPTY,
        layout,
        0,
        EMPTY,
        &vec![EMPTY; usize::from(layout.depth())]
    ));
}

#[test]
fn forged_proofs_are_refused() {
    let rounds = if std::env::var_os("GALEN_SOAK").is_some() {
        10_000_000
    } else {
        20_000
    };
    let layout = Layout::fitting(48, 10, 5_000).unwrap();
    let mut leaves = vec![EMPTY; 1 << layout.depth()];
    for number in 0..5_000 {
        let index = layout
            .pack(number / 480, number / 48 % 10, number % 48)
            .unwrap();
        leaves[index as usize] = pack(number);
    }
    let levels = levels(&leaves, layout.depth());
    let root = levels.last().unwrap()[0];
    let other = levels_of_another_batch(layout);
    let mut random = Random::new(11);
    for round in 0..rounds {
        let number = random.below(5_000);
        let index = layout
            .pack(number / 480, number / 48 % 10, number % 48)
            .unwrap();
        let node = pack(number);
        let proof = siblings(&levels, 0, index);
        let proved =
            |index, node, proof: &[Node]| proves::<Native>(&root, layout, index, node, proof);
        if round % 64 == 0 {
            assert!(proved(index, node, &proof), "{number}");
        }
        let mut changed = proof.clone();
        let place = random.below(proof.len() as u64) as usize;
        match random.below(8) {
            0 => changed[place][random.below(32) as usize] ^= 1 << random.below(8),
            1 => drop(changed.remove(place)),
            2 => changed.insert(place, [random.below(256) as u8; 32]),
            3 => changed.push(EMPTY),
            4 if proof[place] != proof[(place + 1) % proof.len()] => {
                changed.swap(place, (place + 1) % proof.len())
            }
            5 => {
                let wrong = index ^ (1 << random.below(u64::from(layout.depth()) + 3));
                assert!(!proved(wrong, node, &proof));
                continue;
            }
            6 => {
                assert!(!proved(index, pack(number + 5_000), &proof));
                assert!(!proved(index, EMPTY, &proof));
                // A node passed off as a leaf, with the proof from its height on.
                assert!(!proved(
                    index >> 1,
                    fold::<Native>(node, 0, index & 1, &proof[..1]).unwrap(),
                    &proof[1..]
                ));
                continue;
            }
            _ => {
                let foreign = siblings(&other, 0, index);
                assert!(!proved(index, node, &foreign));
                continue;
            }
        }
        assert!(!proved(index, node, &changed), "{round}");
    }
}

fn levels_of_another_batch(layout: Layout) -> Vec<Vec<Node>> {
    let leaves: Vec<Node> = (0..1 << layout.depth())
        .map(|number| pack(number + 1_000_000))
        .collect();
    levels(&leaves, layout.depth())
}
