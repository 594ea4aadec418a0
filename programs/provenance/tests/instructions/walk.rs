//! A random walk over everything that can happen to a batch: whatever comes, each place has one custodian, nothing
//! is dispensed twice, recalled, expired or from somebody else's hands, and what is final stays. A failure prints its seed.

use std::collections::{BTreeMap, BTreeSet};

use crate::common::*;
use crate::{walk_records, walk_watch};

/// What the walk knows apart from the ledger.
#[derive(Default)]
pub struct Model {
    /// Packs that patients have.
    pub dispensed: BTreeSet<u64>,
    /// What was filled from each bottle, the last at the end.
    pub fills: BTreeMap<u64, Vec<u32>>,
    /// Packs whose last dispense has left the pharmacy.
    pub handed_out: BTreeSet<u64>,
    dispenses: u64,
    undos: u64,
    /// Reports and silences that were an excursion.
    pub excursions: u64,
    /// What the last step has released.
    pub released_at: Option<Place>,
    /// How often a doubt ended by a release.
    released: u64,
    /// How often each instruction was tried, and how often it had an effect.
    tally: BTreeMap<&'static str, [u64; 2]>,
}

impl Model {
    /// Notes what became of an instruction, and says it again.
    pub fn note(&mut self, name: &'static str, had_effect: bool) -> bool {
        let [tried, done] = self.tally.entry(name).or_default();
        *tried += 1;
        *done += u64::from(had_effect);
        had_effect
    }

    /// Whether the last step has released this, or something that it lies in.
    fn has_released(&self, fixture: &ProvenanceFixture, of: Place) -> bool {
        let layout = fixture.tree.layout;
        let path = layout.path(of.within(layout).unwrap()).unwrap();
        path.into_iter()
            .flatten()
            .map(Place::from)
            .any(|of| self.released_at == Some(of))
    }

    /// A pack, or the last of it, went to a patient.
    pub fn dispense(&mut self, index: u64) {
        assert!(self.dispensed.insert(index), "{index} twice");
        self.handed_out.remove(&index);
        self.dispenses += 1;
    }

    /// The last dispense or fill of a pack was undone.
    fn undo(&mut self, index: u64) {
        assert!(!self.handed_out.contains(&index), "{index} was handed out");
        let was_filled = self.fills.get_mut(&index).and_then(Vec::pop).is_some();
        let was_dispensed = self.dispensed.remove(&index);
        assert!(was_filled || was_dispensed, "{index} was not dispensed");
        self.undos += 1;
    }
}

fn random_place(random: &mut Random) -> Place {
    match random.below(8) {
        0..=2 => pack(random.below(16)),
        3..=5 => case(random.below(3)),
        6 => pallet(random.below(2)),
        _ => whole(),
    }
}

/// Something one level below a place: nothing below a pack.
fn a_child(of: Place, random: &mut Random) -> Vec<u64> {
    match of.level {
        PackageLevel::Pack => Vec::new(),
        PackageLevel::Case => vec![of.index << 3 | random.below(6)],
        PackageLevel::Pallet => vec![of.index << 2 | random.below(3)],
        PackageLevel::Batch => vec![random.below(3)],
    }
}

/// The custody that decides about a pack, read as a client would.
pub fn deciding(world: &World, fixture: &ProvenanceFixture, index: u64) -> Custody {
    deciding_at(world, fixture, pack(index))
}

/// The custody that decides about a place: of the deepest record, but where a doubt about what is around it reaches it.
pub fn deciding_at(world: &World, fixture: &ProvenanceFixture, of: Place) -> Custody {
    let layout = fixture.tree.layout;
    let path = layout.path(of.within(layout).unwrap()).unwrap();
    path.into_iter()
        .flatten()
        .map(Place::from)
        .filter(|of| exists(world, &fixture.node(*of)))
        .map(|of| fixture.read_node(world, of))
        .fold(None, |own: Option<Custody>, node| match own {
            None => node.custody().unwrap(),
            Some(mut own) => {
                own.lie_below(&node).unwrap();
                Some(own)
            }
        })
        .expect("the batch has a custodian")
}

/// Places of which the walk knows whether they are in doubt: the packs that it handles, and what they lie in.
fn doubted(world: &World, fixture: &ProvenanceFixture) -> Vec<Place> {
    let packs = (0..24).map(pack);
    let around = (0..3).map(case).chain([pallet(0), whole()]);
    packs
        .chain(around)
        .filter(|of| deciding_at(world, fixture, *of).is_set_aside())
        .collect()
}

pub fn is_recalled(world: &World, fixture: &ProvenanceFixture, index: u64) -> bool {
    let places = [pack(index), case(index >> 3), pallet(index >> 5), whole()];
    is_recalled_at(world, fixture, &places)
}

fn is_recalled_at(world: &World, fixture: &ProvenanceFixture, places: &[Place]) -> bool {
    places
        .iter()
        .filter(|of| exists(world, &fixture.node(**of)))
        .any(|of| fixture.read_node(world, *of).recall().is_some())
}

fn step(
    world: &mut World,
    fixture: &ProvenanceFixture,
    random: &mut Random,
    model: &mut Model,
) -> bool {
    let parties = [
        &fixture.maker,
        &fixture.wholesaler,
        &fixture.pharmacy,
        &fixture.returns,
    ];
    let one = parties[usize::try_from(random.below(4)).unwrap()];
    let other = parties[usize::try_from(random.below(4)).unwrap()];
    let of = random_place(random);
    let index = random.below(24);
    let actions = [
        StatusAction::Pack,
        StatusAction::Verify,
        StatusAction::Quarantine,
        StatusAction::Suspect,
        StatusAction::Release,
        StatusAction::Condemn,
        StatusAction::Destroy,
        StatusAction::ReportTheft,
        StatusAction::Export,
        StatusAction::Decommission,
    ];
    match random.below(66) {
        0..=9 => {
            // Towards the pharmacy as often as anywhere else.
            let to = if random.below(2) == 0 {
                &fixture.pharmacy
            } else {
                other
            };
            let terms = ShipmentTerms {
                is_sale: random.below(4) > 0,
                is_return: random.below(6) == 0,
                ..sale()
            };
            let offer = fixture.offer(of, one, to, terms);
            let done = world.send(&[offer], &[&one.key()]).succeeded();
            model.note("offer_shipment", done)
        }
        10..=19 => {
            if !exists(world, &fixture.shipment(of)) {
                return false;
            }
            let shipment = fixture.read_shipment(world, of);
            let find = |address: Pubkey| parties.into_iter().find(|p| p.address() == address);
            let (Some(from), Some(to)) = (find(shipment.sender), find(shipment.recipient)) else {
                return false;
            };
            let (name, instruction) = match random.below(8) {
                0 => ("end_shipment", fixture.end_shipment(of, from, Some(to))),
                1 => ("end_shipment", fixture.end_shipment(of, from, None)),
                2 => {
                    let refused = a_child(of, random);
                    ("accept_shipment", fixture.accept(of, from, to, &refused))
                }
                _ => ("accept_shipment", fixture.accept(of, from, to, &[])),
            };
            let done = world.send(&[instruction], &[&to.key()]).succeeded();
            model.note(name, done)
        }
        20..=27 => {
            let before = deciding(world, fixture, index);
            let recalled = is_recalled(world, fixture, index);
            let reserved = walk_records::is_reserved(world, fixture, index);
            let done = world
                .send(&[fixture.dispense(index)], &[&fixture.pharmacy.key()])
                .succeeded();
            if done {
                model.dispense(index);
                assert_eq!(before.custodian, fixture.pharmacy.address());
                assert_eq!(before.status, Status::Received);
                assert!(!recalled, "{index} is recalled");
                assert!(!reserved, "{index} is kept for a claim");
                assert!(world.now() / DAY <= i64::from(fixture.terms.expiry));
            }
            model.note("dispense_pack", done)
        }
        28..=29 => {
            let key = fixture.pharmacy.key();
            let done = world
                .send(
                    &[fixture.undo(pack(index), &fixture.pharmacy, None)],
                    &[&key],
                )
                .succeeded();
            if done {
                model.undo(index);
            }
            model.note("undo_dispense", done)
        }
        30..=33 => {
            let action = actions[usize::try_from(random.below(10)).unwrap()];
            // What is final is rare, else the walk ends early.
            let is_final = matches!(
                action,
                StatusAction::Destroy
                    | StatusAction::ReportTheft
                    | StatusAction::Export
                    | StatusAction::Decommission
            );
            if is_final && random.below(4) > 0 {
                return false;
            }
            let set = fixture.set_status(of, one, action);
            let done = world.send(&[set], &[&one.key()]).succeeded();
            model.released_at = (done && action == StatusAction::Release).then_some(of);
            model.note("set_status", done)
        }
        34 => {
            let by = if random.below(2) == 0 {
                &fixture.maker
            } else {
                &fixture.regulator
            };
            let recall = fixture.recall(of, by, recall_terms());
            if random.below(3) > 0 {
                return false;
            }
            let done = world.send(&[recall], &[&by.key()]).succeeded();
            model.note("issue_recall", done)
        }
        35..=36 => {
            let by = if random.below(2) == 0 {
                &fixture.maker
            } else {
                &fixture.regulator
            };
            if !exists(world, &fixture.node(of)) {
                return false;
            }
            let lift = fixture.lift(of, by);
            let done = world.send(&[lift], &[&by.key()]).succeeded();
            model.note("lift_recall", done)
        }
        37 => {
            let release = fixture.set_status(of, &fixture.regulator, StatusAction::Release);
            let done = world
                .send(&[release], &[&fixture.regulator.key()])
                .succeeded();
            model.released_at = done.then_some(of);
            model.note("set_status", done)
        }
        38 => {
            let number = random.below(3);
            let of = case(number);
            let before = deciding_at(world, fixture, of);
            let key = fixture.pharmacy.key();
            let recalled = is_recalled_at(world, fixture, &[of, pallet(number >> 2), whole()]);
            let packs = number << 3..(number + 1) << 3;
            let is_touched = model.dispensed.range(packs).next().is_some();
            let all = fixture.dispense_all(of);
            let done = world.send(&[all], &[&key]).succeeded();
            if done {
                assert_eq!(before.custodian, fixture.pharmacy.address());
                assert_eq!(before.status, Status::Received);
                assert!(!recalled, "case {number} is recalled");
                assert!(!is_touched, "a pack of case {number} was dispensed");
                assert!(world.now() / DAY <= i64::from(fixture.terms.expiry));
                let after = deciding_at(world, fixture, of);
                assert_eq!(after.status, Status::Dispensed);
            }
            model.note("dispense_subtree", done)
        }
        39..=44 => walk_watch::step(world, fixture, random, model),
        45..=64 => walk_records::step(world, fixture, random, model),
        _ => {
            world.advance(i64::try_from(random.below(u64::try_from(DAY).unwrap())).unwrap());
            true
        }
    }
}

/// What must hold whatever happened.
fn check(world: &World, fixture: &ProvenanceFixture, model: &Model, finals: &mut Finals) {
    for (address, account) in world.accounts_of(&provenance::ID) {
        if let Ok(node) = decode_zero_copy::<Node>(&account.data) {
            node.invariant().unwrap();
            if let Some(custody) = node.custody().unwrap() {
                let is_final = custody.status.is_final() && custody.status != Status::Dispensed;
                if let Some((_, before)) = finals.iter().find(|(one, _)| *one == address) {
                    assert_eq!(*before, custody.status, "what is final stays");
                } else if is_final {
                    finals.push((address, custody.status));
                }
            }
        }
        if let Ok(monitor) = decode_zero_copy::<Monitor>(&account.data) {
            monitor.invariant().unwrap();
            assert!(monitor.covered_until <= world.now());
        }
        assert!(
            account.lamports >= world.rent(account.data.len()),
            "{address}"
        );
    }
    let page = fixture.read_page(world, 0);
    assert_eq!(page.dispensed, model.dispensed.len() as u64);
    for index in 0..32 {
        assert_eq!(
            fixture.is_marked(world, index),
            model.dispensed.contains(&index),
            "bit {index}"
        );
    }
}

type Finals = Vec<(Pubkey, Status)>;

/// What every short walk gets to. The others need one thing after another, some of them weeks: only a thousand walks are
/// sure to get to all of them, and each has its own tests.
const OFTEN: [&str; 16] = [
    "accept_shipment",
    "acknowledge_recall",
    "assess_excursion",
    "close_scan",
    "count_silence",
    "dispense_pack",
    "end_monitoring",
    "fill_pack",
    "issue_recall",
    "offer_shipment",
    "record_readings",
    "register_device",
    "report_scan",
    "set_status",
    "undo_dispense",
    "verify_pack",
];

#[test]
fn whatever_comes() {
    let rounds = few_or_many(24, 1_000);
    let mut total = Model::default();
    let mut succeeded = 0;
    for seed in 0..rounds {
        println!("seed {seed}");
        let (mut world, fixture) = match seed % 4 {
            0 => delivered(),
            1 => registered(),
            2 => cold(),
            _ => walk_records::bottles(),
        };
        let mut random = Random(seed);
        let mut model = Model {
            tally: std::mem::take(&mut total.tally),
            ..Model::default()
        };
        let mut finals = Vec::new();
        let mut in_doubt = Vec::new();
        for _ in 0..400 {
            model.released_at = None;
            let found = walk_watch::found(&world, &fixture);
            if step(&mut world, &fixture, &mut random, &mut model) {
                succeeded += 1;
                check(&world, &fixture, &model, &mut finals);
                for of in in_doubt {
                    let custody = deciding_at(&world, &fixture, of);
                    let is_left = custody.is_set_aside() || custody.status.is_final();
                    assert!(
                        is_left || model.has_released(&fixture, of),
                        "the doubt about {of:?} is gone"
                    );
                    model.released += u64::from(!is_left);
                }
                for of in found {
                    let own = fixture.read_node(&world, of).custody().unwrap();
                    let is_left =
                        own.is_some_and(|own| own.is_set_aside() || own.status.is_final());
                    assert!(
                        is_left || model.released_at == Some(of),
                        "what was found at {of:?} was released with something else"
                    );
                }
                in_doubt = doubted(&world, &fixture);
            }
        }
        total.dispenses += model.dispenses;
        total.undos += model.undos;
        total.excursions += model.excursions;
        total.released += model.released;
        total.tally = model.tally;
    }
    println!(
        "figure: {rounds} walks of a batch of 400 steps: {succeeded} steps done, {} dispenses, {} undone, {} reports of excursions",
        total.dispenses, total.undos, total.excursions
    );
    let mut idle = Vec::new();
    for (name, [tried, had_effect]) in &total.tally {
        println!("{name}: {tried} tried, {had_effect} had an effect");
        let is_expected = rounds >= 1_000 || OFTEN.contains(name);
        if *had_effect == 0 && is_expected {
            idle.push(*name);
        }
    }
    assert!(idle.is_empty(), "without an effect anywhere: {idle:?}");
    assert!(succeeded > rounds * 30 && total.dispenses > rounds / 2 && total.undos > 0);
    assert!(total.excursions > 0 && total.released > 0);
}
