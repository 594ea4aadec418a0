//! Every status with every instruction that changes it: exactly what the rulebook's table allows.

use galen_rules::provenance::{next, Action, Refusal};

use crate::common::*;

const ACTIONS: [StatusAction; 10] = [
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

/// Writes a status into the record of a place, held by the pharmacy.
pub fn put(world: &mut World, fixture: &ProvenanceFixture, of: Place, status: Status) {
    let address = fixture.node(of);
    let mut account = world.raw(&address).unwrap();
    let mut node = fixture.read_node(world, of);
    let custody = Custody {
        custodian: fixture.pharmacy.address(),
        owner: fixture.pharmacy.address(),
        set_aside_by: Pubkey::default(),
        status,
        at: 0,
        was_returned: false,
    };
    let by = fixture.pharmacy.address();
    node.hold(&custody.set_aside_by(by), world.now()).unwrap();
    node.invariant().unwrap();
    account.data[8..8 + size_of::<Node>()].copy_from_slice(bytemuck::bytes_of(&node));
    world.set_raw(&address, account);
}

#[test]
fn every_status_with_every_instruction() {
    let (mut world, fixture) = delivered();
    let key = fixture.pharmacy.key();
    let packing = ShipmentTerms {
        is_return: false,
        ..sale()
    };
    let mut cells = 0;
    for status in Status::ALL {
        put(&mut world, &fixture, case(0), status);
        let expect = |world: &World, name: &str, instruction: Instruction, action: Action| {
            let mut world = world.clone();
            let before = world.snapshot();
            let outcome = world.send(&[instruction], &[&key]);
            match next(status, action) {
                Ok(after) => {
                    assert!(outcome.succeeded(), "{status:?} {name}: {outcome}");
                    assert_eq!(status_at(&world, &fixture, case(0)), after, "{name}");
                }
                Err(refusal) => {
                    let error = match refusal {
                        Refusal::Final(_) => ProvenanceError::StatusFinal,
                        Refusal::OutOfOrder(_) => ProvenanceError::StatusOutOfOrder,
                    };
                    // Whoever dispenses is told the answer to a scan first, where that says no.
                    let error = match (action, status) {
                        (Action::Dispense, Status::Dispensed) => ProvenanceError::AlreadyDispensed,
                        (Action::Dispense, status) if !status.is_sellable() => {
                            ProvenanceError::NotSellable
                        }
                        _ => error,
                    };
                    outcome.assert_error(error);
                    before.assert_same(&world.snapshot());
                }
            }
        };
        for action in ACTIONS {
            let set = fixture.set_status(case(0), &fixture.pharmacy, action);
            expect(&world, &format!("{action:?}"), set, action.into());
            cells += 1;
        }
        let offer = fixture.offer(case(0), &fixture.pharmacy, &fixture.wholesaler, packing);
        expect(&world, "offer", offer, Action::Ship);
        let all = fixture.dispense_all(case(0));
        expect(&world, "dispense_subtree", all, Action::Dispense);
        cells += 2;
        // A pack of the case.
        let mut one = world.clone();
        let outcome = one.send(&[fixture.dispense(0)], &[&key]);
        // What has been opened is filled from, never dispensed whole.
        let may = next(status, Action::Dispense).is_ok() && status != Status::PartiallyDispensed;
        let error = match status {
            _ if may => None,
            Status::PartiallyDispensed => Some(ProvenanceError::PartlyFilled),
            Status::Dispensed => Some(ProvenanceError::AlreadyDispensed),
            status if status.is_sellable() => Some(ProvenanceError::StatusOutOfOrder),
            _ => Some(ProvenanceError::NotSellable),
        };
        assert_eq!(
            outcome.code(),
            error.map(u32::from),
            "{status:?}: {outcome}"
        );
        assert_eq!(outcome.succeeded(), may, "{status:?}: {outcome}");
        cells += 1;
    }
    assert_eq!(cells, 14 * 13);
}

#[test]
fn every_status_under_way() {
    let (world, fixture) = delivered();
    let mut offered = world.clone();
    let offer = fixture.offer(case(1), &fixture.wholesaler, &fixture.pharmacy, sale());
    done(&mut offered, offer, &[&fixture.wholesaler.key()]);
    let back = ShipmentTerms {
        is_return: true,
        ..sale()
    };
    let mut returned = world;
    let offer = fixture.offer(case(1), &fixture.wholesaler, &fixture.pharmacy, back);
    done(&mut returned, offer, &[&fixture.wholesaler.key()]);
    let accept = fixture.accept(case(1), &fixture.wholesaler, &fixture.pharmacy, &[]);
    let end = fixture.end_shipment(case(1), &fixture.wholesaler, Some(&fixture.wholesaler));
    for status in Status::ALL {
        for (world, action) in [
            (&offered, Action::Receive),
            (&returned, Action::ReceiveReturn),
        ] {
            let mut world = world.clone();
            put_with(&mut world, &fixture, status);
            let is_set_aside = matches!(
                status,
                Status::Quarantined | Status::Suspect | Status::Illegitimate
            );
            // What is set aside stays so, returned or not.
            let action = if is_set_aside {
                Action::Receive
            } else {
                action
            };
            let outcome = world
                .clone()
                .send(std::slice::from_ref(&accept), &[&fixture.pharmacy.key()]);
            assert_eq!(
                outcome.succeeded(),
                next(status, action).is_ok(),
                "{status:?} {action:?}: {outcome}"
            );
            // An offer can always be ended, and its rent is never stuck.
            done(&mut world, end.clone(), &[&fixture.wholesaler.key()]);
            let after = next(status, Action::VoidShipping).unwrap_or(status);
            assert_eq!(status_at(&world, &fixture, case(1)), after);
        }
    }
}

/// Writes a status into the record of the second case, held by the wholesaler.
fn put_with(world: &mut World, fixture: &ProvenanceFixture, status: Status) {
    let mut other = fixture.clone();
    other.pharmacy = fixture.wholesaler.clone();
    put(world, &other, case(1), status);
}

#[test]
fn who_may_do_what() {
    let (world, fixture) = delivered();
    let refuse = |action, by: &Party, error: ProvenanceError| {
        refused(
            &mut world.clone(),
            fixture.set_status(case(0), by, action),
            &[&by.key()],
            error,
        );
    };
    for action in ACTIONS {
        let is_doubt = matches!(action, StatusAction::Quarantine | StatusAction::Suspect);
        refuse(action, &fixture.wholesaler, ProvenanceError::NotCustodian);
        for by in [&fixture.maker, &fixture.regulator] {
            if is_doubt {
                let set = fixture.set_status(case(0), by, action);
                done(&mut world.clone(), set, &[&by.key()]);
            } else if action != StatusAction::Condemn || by.address() != fixture.regulator.address()
            {
                refuse(action, by, ProvenanceError::NotCustodian);
            }
        }
    }
}

#[test]
fn who_set_it_aside_releases_it() {
    let (world, fixture) = delivered();
    let parties = [&fixture.pharmacy, &fixture.maker, &fixture.regulator];
    for (first, setter) in parties.iter().enumerate() {
        let mut world = world.clone();
        let set = fixture.set_status(case(0), setter, StatusAction::Quarantine);
        done(&mut world, set, &[&setter.key()]);
        // A pack of it does not slip out by a record of its own.
        let mut slipping = world.clone();
        let outcome = slipping.send(
            &[fixture.set_status(pack(0), &fixture.pharmacy, StatusAction::Release)],
            &[&fixture.pharmacy.key()],
        );
        assert_eq!(outcome.succeeded(), first == 0, "{outcome}");
        for (second, releaser) in parties.iter().enumerate() {
            let mut world = world.clone();
            let release = fixture.set_status(case(0), releaser, StatusAction::Release);
            let outcome = world.send(&[release], &[&releaser.key()]);
            let may = first == second || second == 2;
            assert_eq!(outcome.succeeded(), may, "{first} {second}: {outcome}");
            if !may {
                assert_eq!(
                    outcome.code(),
                    Some(ProvenanceError::NotYoursToRelease.into())
                );
            }
        }
    }
}

#[test]
fn a_second_quarantine_does_not_undo_the_first() {
    let (mut world, fixture) = delivered();
    let key = fixture.pharmacy.key();
    let by = |by: &Party, action| fixture.set_status(case(0), by, action);
    done(
        &mut world,
        by(&fixture.regulator, StatusAction::Suspect),
        &[&fixture.regulator.key()],
    );
    done(
        &mut world,
        by(&fixture.pharmacy, StatusAction::Quarantine),
        &[&key],
    );
    refused(
        &mut world,
        by(&fixture.pharmacy, StatusAction::Release),
        &[&key],
        ProvenanceError::NotYoursToRelease,
    );
    // The other way round, the regulator has the say from then on.
    let (mut world, fixture) = delivered();
    for party in [&fixture.pharmacy, &fixture.maker, &fixture.regulator] {
        done(
            &mut world,
            by(party, StatusAction::Quarantine),
            &[&party.key()],
        );
        assert_eq!(
            custody_at(&world, &fixture, case(0)).set_aside_by,
            party.address()
        );
    }
}
