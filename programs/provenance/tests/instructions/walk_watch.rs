//! Steps of the random walk around devices that watch over goods: reports, silence, what was found and who decides about it.

use crate::common::*;
use crate::walk::{deciding_at, Model};

/// Where there are devices.
fn places() -> [Place; 4] {
    [case(0), case(1), pallet(0), whole()]
}

/// One of these steps, at a place of the part that moves; whether it had an effect.
pub fn step(
    world: &mut World,
    fixture: &ProvenanceFixture,
    random: &mut Random,
    model: &mut Model,
) -> bool {
    let of = places()[usize::try_from(random.below(4)).unwrap()];
    if !exists(world, &fixture.monitor(of)) {
        return register(world, fixture, random, of, model);
    }
    match random.below(10) {
        0 => register(world, fixture, random, of, model),
        1..=4 => report_readings(world, fixture, random, of, model),
        5..=6 => silence(world, fixture, random, of, model),
        7..=8 => assess(world, fixture, random, of, model),
        _ => end(world, fixture, random, of, model),
    }
}

/// Who has a place, in three of four cases; else anybody.
fn somebody<'a>(
    world: &World,
    fixture: &'a ProvenanceFixture,
    random: &mut Random,
    of: Place,
) -> &'a Party {
    let parties = [&fixture.maker, &fixture.wholesaler, &fixture.pharmacy];
    let custodian = at_place(world, fixture, of).custodian;
    let holder = parties.into_iter().find(|by| by.address() == custodian);
    match holder {
        Some(holder) if random.below(4) > 0 => holder,
        _ => parties[usize::try_from(random.below(3)).unwrap()],
    }
}

fn register(
    world: &mut World,
    fixture: &ProvenanceFixture,
    random: &mut Random,
    of: Place,
    model: &mut Model,
) -> bool {
    let by = somebody(world, fixture, random, of);
    let register = fixture.register_device(of, by, device().pubkey());
    let done = world.send(&[register], &[&by.key()]).succeeded();
    assert!(!done || at_place(world, fixture, of).custodian == by.address());
    model.note("register_device", done)
}

/// A report of up to six hours, most of them cold enough. What is outside its limits is set aside, or beyond that.
fn report_readings(
    world: &mut World,
    fixture: &ProvenanceFixture,
    random: &mut Random,
    of: Place,
    model: &mut Model,
) -> bool {
    let readings: Vec<Reading> = (0..1 + random.below(12))
        .map(|_| {
            let spread = if random.below(20) == 0 { 14_000 } else { 6_000 };
            Reading {
                seconds: u16::try_from(60 + random.below(1_740)).unwrap(),
                millicelsius: 2_000 + i32::try_from(random.below(spread)).unwrap(),
            }
        })
        .collect();
    let is_watched = fixture.read_monitor(world, of).watching().is_some();
    let outcome = report(world, fixture, of, &readings);
    assert_eq!(outcome.succeeded(), is_watched, "{outcome}");
    if !model.note("record_readings", is_watched) {
        return false;
    }
    note_excursion(world, fixture, of, model);
    true
}

/// In half of the cases after a day without a report.
fn silence(
    world: &mut World,
    fixture: &ProvenanceFixture,
    random: &mut Random,
    of: Place,
    model: &mut Model,
) -> bool {
    if random.below(2) == 0 {
        world.advance(MAX_SILENCE_SECONDS + 1);
    }
    let monitor = fixture.read_monitor(world, of);
    let is_silent =
        monitor.watching().is_some() && world.now() - monitor.covered_until > MAX_SILENCE_SECONDS;
    let outcome = world.send(&[fixture.count_silence(of)], &[]);
    assert_eq!(outcome.succeeded(), is_silent, "{outcome}");
    if !model.note("count_silence", is_silent) {
        return false;
    }
    assert_eq!(
        fixture.read_monitor(world, of).covered_until,
        world.now(),
        "no silence is counted twice"
    );
    note_excursion(world, fixture, of, model);
    true
}

fn assess(
    world: &mut World,
    fixture: &ProvenanceFixture,
    random: &mut Random,
    of: Place,
    model: &mut Model,
) -> bool {
    let by = [&fixture.maker, &fixture.regulator][usize::try_from(random.below(2)).unwrap()];
    let is_released = random.below(4) > 0;
    let was_found = fixture.read_monitor(world, of).is_excursion();
    let was_set_aside = deciding_at(world, fixture, of).is_set_aside();
    let assess = fixture.assess(of, by, is_released);
    let done = world.send(&[assess], &[&by.key()]).succeeded();
    model.released_at = (done && is_released).then_some(of);
    if done {
        assert!(was_found && (was_set_aside || is_released));
        let is_found = fixture.read_monitor(world, of).is_excursion();
        assert!(!is_released || !is_found, "the sums begin anew");
        let status = at_place(world, fixture, of).status;
        assert!(is_released || status == Status::Illegitimate, "{status:?}");
    }
    model.note("assess_excursion", done)
}

fn end(
    world: &mut World,
    fixture: &ProvenanceFixture,
    random: &mut Random,
    of: Place,
    model: &mut Model,
) -> bool {
    let by = somebody(world, fixture, random, of);
    let parties = [&fixture.maker, &fixture.wholesaler, &fixture.pharmacy];
    let payer = fixture.read_monitor(world, of).payer;
    let Some(payer) = parties
        .into_iter()
        .find(|party| party.key().pubkey() == payer)
    else {
        return false;
    };
    let end = fixture.end_monitoring(of, Some(by), payer);
    let done = world.send(&[end], &[&by.key()]).succeeded();
    if done && exists(world, &fixture.monitor(of)) {
        let monitor = fixture.read_monitor(world, of);
        assert!(monitor.watching().is_none() || monitor.is_excursion());
        note_excursion(world, fixture, of, model);
    }
    model.note("end_monitoring", done)
}

/// What is outside its limits is set aside, or beyond that.
fn note_excursion(world: &World, fixture: &ProvenanceFixture, of: Place, model: &mut Model) {
    if fixture.read_monitor(world, of).is_excursion() {
        // By its own record, so that it stays so when what it lies in is released.
        let custody = deciding_at(world, fixture, of);
        let is_lost = custody.status.is_final() || custody.status == Status::Illegitimate;
        assert!(
            is_lost || is_set_aside_by_itself(world, fixture, of),
            "{:?}",
            custody.status
        );
        model.excursions += 1;
    }
}

/// Whether a place has a record of its own by which it is set aside.
fn is_set_aside_by_itself(world: &World, fixture: &ProvenanceFixture, of: Place) -> bool {
    exists(world, &fixture.node(of)) && {
        let own = fixture.read_node(world, of).custody().unwrap();
        own.is_some_and(|own| own.is_set_aside())
    }
}

/// Places that have set themselves aside by what their devices told, and have not been assessed.
pub fn found(world: &World, fixture: &ProvenanceFixture) -> Vec<Place> {
    places()
        .into_iter()
        .filter(|of| exists(world, &fixture.monitor(*of)))
        .filter(|of| fixture.read_monitor(world, *of).is_excursion())
        .filter(|of| is_set_aside_by_itself(world, fixture, *of))
        .collect()
}

/// The custody that decides about a place.
fn at_place(world: &World, fixture: &ProvenanceFixture, of: Place) -> Custody {
    let layout = fixture.tree.layout;
    let path = layout.path(of.within(layout).unwrap()).unwrap();
    path.into_iter()
        .flatten()
        .map(Place::from)
        .filter(|of| exists(world, &fixture.node(*of)))
        .find_map(|of| fixture.read_node(world, of).custody().unwrap())
        .expect("the batch has a custodian")
}
