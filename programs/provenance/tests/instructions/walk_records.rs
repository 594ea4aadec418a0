//! Steps of the random walk that need something to have happened before: fills, reservations, scans, what is closed.

use crate::common::*;
use crate::walk::{deciding, is_recalled, Model};

/// Base units of a bottle.
const UNITS: u32 = 100;

/// A batch of bottles of 100, its first pallet with the wholesaler, its first case with the pharmacy.
pub fn bottles() -> (World, ProvenanceFixture) {
    let (mut world, fixture) = registered();
    let fixture = fixture.with_terms("W1", |terms| terms.units = UNITS);
    fixture.begin_batch(&mut world);
    fixture.deliver(&mut world);
    (world, fixture)
}

/// The claim for which packs are kept.
fn claim() -> Keypair {
    actor("claim of the walk")
}

/// Whether a pack is kept for a claim now.
pub fn is_reserved(world: &World, fixture: &ProvenanceFixture, index: u64) -> bool {
    exists(world, &fixture.dispense_address(pack(index))) && {
        let record = fixture.read_dispense(world, pack(index));
        record.kind() == DispenseKind::Reserved && record.reserved_until >= world.now()
    }
}

/// One of these steps; whether it had an effect.
pub fn step(
    world: &mut World,
    fixture: &ProvenanceFixture,
    random: &mut Random,
    model: &mut Model,
) -> bool {
    // The packs of the first case and some of the second.
    let index = [0, 1, 2, 3, 4, 5, 8, 9][usize::try_from(random.below(8)).unwrap()];
    let key = fixture.pharmacy.key();
    match random.below(20) {
        0..=4 => fill(world, fixture, random, model, index),
        5 => {
            let reserve = fixture.reserve(index, claim().pubkey(), 2 * DAY);
            let done = world.send(&[reserve], &[&key]).succeeded();
            assert!(!done || !model.dispensed.contains(&index), "{index}");
            model.note("reserve_pack", done)
        }
        6 => {
            let cancel = fixture.cancel_reservation(index, &fixture.pharmacy);
            let done = world.send(&[cancel], &[&key]).succeeded();
            model.note("cancel_reservation", done)
        }
        7 => {
            let recalled = is_recalled(world, fixture, index);
            let proof = fixture.tree.proof(index, fixture.terms.page_height);
            let by = &fixture.pharmacy;
            let dispense = fixture.dispense_with(by, proof, false, Some(claim().pubkey()));
            let done = world.send(&[dispense], &[&key, &claim()]).succeeded();
            if done {
                assert!(!recalled, "{index} is recalled");
                model.dispense(index);
            }
            model.note("dispense_pack, for a claim", done)
        }
        8 => {
            let hand_out = fixture.hand_out(pack(index));
            let done = world.send(&[hand_out], &[&key]).succeeded();
            if done {
                model.handed_out.insert(index);
            }
            model.note("hand_out", done)
        }
        9 => {
            let undo = fixture.undo(case(random.below(2)), &fixture.pharmacy, None);
            let done = world.send(&[undo], &[&key]).succeeded();
            model.note("undo_dispense, of a case", done)
        }
        10 => {
            let close = fixture.close_dispense(pack(index));
            let done = world.send(&[close], &[]).succeeded();
            model.note("close_dispense", done)
        }
        11 => {
            let proof = fixture.tree.proof(index, fixture.terms.page_height);
            world.send(&[fixture.verify(proof)], &[]).assert_ok();
            model.note("verify_pack", true)
        }
        12..=14 => scans(world, fixture, random, model, index),
        15..=17 => records_of_places(world, fixture, random, model),
        // What is a matter of weeks.
        18 if random.below(8) == 0 => {
            world.advance(12 * DAY);
            true
        }
        _ => false,
    }
}

/// Fills from a bottle: never more than was in it, and the last of it dispenses it.
fn fill(
    world: &mut World,
    fixture: &ProvenanceFixture,
    random: &mut Random,
    model: &mut Model,
    index: u64,
) -> bool {
    let units = 1 + u32::try_from(random.below(60)).unwrap();
    let before = deciding(world, fixture, index);
    let recalled = is_recalled(world, fixture, index);
    let fill = fixture.fill(index, units, None);
    let done = world.send(&[fill], &[&fixture.pharmacy.key()]).succeeded();
    if done {
        assert!(!recalled, "{index} is recalled");
        assert_eq!(before.custodian, fixture.pharmacy.address());
        assert!(!model.dispensed.contains(&index), "{index} was empty");
        let fills = model.fills.entry(index).or_default();
        fills.push(units);
        let filled: u32 = fills.iter().sum();
        assert!(filled <= UNITS, "{filled} of {index}");
        model.handed_out.remove(&index);
        if filled == UNITS {
            model.dispense(index);
        }
    }
    model.note("fill_pack", done)
}

fn scans(
    world: &mut World,
    fixture: &ProvenanceFixture,
    random: &mut Random,
    model: &mut Model,
    index: u64,
) -> bool {
    match random.below(4) {
        0 => {
            let set = fixture.set_scan_policy(&fixture.maker, 1_000, 1);
            let done = world.send(&[set], &[&fixture.maker.key()]).succeeded();
            model.note("set_scan_policy", done)
        }
        1 => {
            if !exists(world, &fixture.scan(index)) {
                return false;
            }
            // A month later, in some cases.
            if random.below(4) == 0 {
                world.advance(SCAN_KEPT_SECONDS + 1);
            }
            let scan = fixture.read_scan(world, index);
            let is_over = scan.suspicions == 0 && world.now() - scan.at > SCAN_KEPT_SECONDS;
            let payer = [&fixture.wholesaler, &fixture.pharmacy]
                .into_iter()
                .find(|party| party.key().pubkey() == scan.payer)
                .expect("a reporter");
            let close = fixture.close_scan(index, payer);
            let done = world.send(&[close], &[]).succeeded();
            assert_eq!(done, is_over, "{index}");
            model.note("close_scan", done)
        }
        _ => {
            let cell = if random.below(6) == 0 { LAGOS } else { PARIS };
            let by = match random.below(2) {
                0 => &fixture.wholesaler,
                _ => &fixture.pharmacy,
            };
            let before = deciding(world, fixture, index);
            let last = exists(world, &fixture.scan(index)).then(|| fixture.read_scan(world, index));
            let report = fixture.report_scan(index, by, cell);
            let done = world.send(&[report], &[&by.key()]).succeeded();
            // Alone nobody makes a pack suspect.
            let is_known =
                last.is_some_and(|scan| scan.reporter != by.address() || scan.other_at != 0);
            if !is_known {
                assert_eq!(deciding(world, fixture, index), before, "{index}");
            }
            model.note("report_scan", done)
        }
    }
}

fn records_of_places(
    world: &mut World,
    fixture: &ProvenanceFixture,
    random: &mut Random,
    model: &mut Model,
) -> bool {
    let of = [case(0), case(1), pallet(0), whole()][usize::try_from(random.below(4)).unwrap()];
    match random.below(2) {
        0 => {
            if !exists(world, &fixture.node(of)) {
                return false;
            }
            let slot = [RecallSlot::Manufacturer, RecallSlot::Regulator]
                [usize::try_from(random.below(2)).unwrap()];
            let number = fixture.read_node(world, of).recall_in(slot).number;
            let by = &fixture.pharmacy;
            let acknowledge = fixture.acknowledge(of, slot, number, by, 6);
            let done = world.send(&[acknowledge], &[&by.key()]).succeeded();
            model.note("acknowledge_recall", done)
        }
        _ => {
            let open = fixture.open_page(1 + random.below(2));
            let done = world.send(&[open], &[&fixture.maker.key()]).succeeded();
            model.note("open_page", done)
        }
    }
}
