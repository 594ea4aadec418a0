//! Dispensing, once.

use provenance::events::{HandedOut, PackDispensed, SubtreeDispensed};

use crate::common::*;

#[test]
fn a_pack_is_dispensed_once() {
    let (mut world, fixture) = delivered();
    let key = fixture.pharmacy.key();
    let lamports = world.raw(&key.pubkey()).unwrap().lamports;
    let event: PackDispensed = done(&mut world, fixture.dispense(3), &[&key]).event();
    assert_eq!(
        (event.batch, event.index, event.pharmacy, event.at),
        (fixture.batch, 3, fixture.pharmacy.address(), world.now())
    );
    assert!(fixture.is_marked(&world, 3));
    for other in [0, 1, 2, 4, 5, 6, 7, 8, 31] {
        assert!(!fixture.is_marked(&world, other), "{other}");
    }
    assert_eq!(fixture.read_page(&world, 0).dispensed, 1);
    let record = fixture.read_dispense(&world, pack(3));
    assert_eq!(
        (record.pharmacy, record.operator, record.at, record.claim),
        (
            fixture.pharmacy.address(),
            key.pubkey(),
            world.now(),
            Pubkey::default()
        )
    );
    let rent = world.rent(Dispense::SIZE);
    assert_eq!(world.raw(&key.pubkey()).unwrap().lamports, lamports - rent);

    // The second time: refused with who and when.
    world.advance(60);
    let before = world.snapshot();
    let outcome = world
        .send(&[fixture.dispense(3)], &[&key])
        .assert_error(ProvenanceError::AlreadyDispensed);
    let said = format!(
        "Dispensed by {} at {}",
        fixture.pharmacy.address(),
        world.now() - 60
    );
    assert!(
        outcome.logs.iter().any(|line| line.contains(&said)),
        "{outcome}"
    );
    before.assert_same(&world.snapshot());
    done(&mut world, fixture.dispense(4), &[&key]);
}

#[test]
fn twice_in_one_transaction_is_not_at_all() {
    let (mut world, fixture) = delivered();
    let key = fixture.pharmacy.key();
    let before = world.snapshot();
    world
        .send(&[fixture.dispense(3), fixture.dispense(3)], &[&key])
        .assert_error(ProvenanceError::AlreadyDispensed);
    before.assert_same(&world.snapshot());
}

#[test]
fn the_bit_stays_when_the_record_is_gone() {
    let (mut world, fixture) = delivered();
    let key = fixture.pharmacy.key();
    done(&mut world, fixture.dispense(3), &[&key]);
    world.advance(11 * DAY);
    done(&mut world, fixture.close_dispense(pack(3)), &[]);
    assert!(!exists(&world, &fixture.dispense_address(pack(3))));
    refused(
        &mut world,
        fixture.dispense(3),
        &[&key],
        ProvenanceError::AlreadyDispensed,
    );
}

#[test]
fn only_where_it_is_in_custody() {
    let (mut world, fixture) = delivered();
    // The second case is with the wholesaler, the second pallet with the manufacturer.
    refused(
        &mut world,
        fixture.dispense(8),
        &[&fixture.pharmacy.key()],
        ProvenanceError::NotInCustody,
    );
    done(&mut world, fixture.open_page(1), &[&fixture.maker.key()]);
    // The manufacturer's goods are commissioned, not the pharmacy's.
    refused(
        &mut world,
        fixture.dispense(32),
        &[&fixture.pharmacy.key()],
        ProvenanceError::NotInCustody,
    );
    let by_wholesaler =
        fixture.dispense_with(&fixture.wholesaler, fixture.tree.proof(8, 5), false, None);
    refused(
        &mut world,
        by_wholesaler,
        &[&fixture.wholesaler.key()],
        ProvenanceError::NotAPharmacy,
    );
}

#[test]
fn not_while_it_is_under_way() {
    let (mut world, fixture) = delivered();
    fixture.hand_over(&mut world, case(1), &fixture.wholesaler, &fixture.pharmacy);
    let offer = fixture.offer(case(1), &fixture.pharmacy, &fixture.wholesaler, sale());
    done(&mut world, offer, &[&fixture.pharmacy.key()]);
    refused(
        &mut world,
        fixture.dispense(8),
        &[&fixture.pharmacy.key()],
        ProvenanceError::NotSellable,
    );
}

#[test]
fn not_after_the_expiry() {
    let (mut world, fixture) = registered();
    let fixture = fixture.with_terms("S1", |terms| terms.expiry = TODAY + 5);
    fixture.begin_batch(&mut world);
    fixture.deliver(&mut world);
    let key = fixture.pharmacy.key();
    world.set_time(i64::from(TODAY + 6) * DAY - 1);
    done(&mut world, fixture.dispense(0), &[&key]);
    world.advance(1);
    refused(
        &mut world,
        fixture.dispense(1),
        &[&key],
        ProvenanceError::Expired,
    );
}

#[test]
fn without_recorded_custody_any_partner_may_once() {
    let (mut world, fixture) = unrecorded();
    let key = fixture.pharmacy.key();
    done(&mut world, fixture.dispense(0), &[&key]);
    refused(
        &mut world,
        fixture.dispense(0),
        &[&key],
        ProvenanceError::AlreadyDispensed,
    );
    let quarantine = fixture.set_status(case(0), &fixture.maker, StatusAction::Quarantine);
    done(&mut world, quarantine, &[&fixture.maker.key()]);
    refused(
        &mut world,
        fixture.dispense(1),
        &[&key],
        ProvenanceError::NotSellable,
    );
    done(&mut world, fixture.dispense(8), &[&key]);
}

#[test]
fn a_case_in_one_record() {
    let (mut world, fixture) = delivered();
    let key = fixture.pharmacy.key();
    let event: SubtreeDispensed = done(&mut world, fixture.dispense_all(case(0)), &[&key]).event();
    assert_eq!(
        (event.place, event.pharmacy),
        (case(0), fixture.pharmacy.address())
    );
    assert_eq!(status_at(&world, &fixture, case(0)), Status::Dispensed);
    assert_eq!(fixture.read_page(&world, 0).dispensed, 0);
    let said = format!("Dispensed by {}", fixture.pharmacy.address());
    let outcome = world
        .send(&[fixture.dispense(3)], &[&key])
        .assert_error(ProvenanceError::AlreadyDispensed);
    assert!(outcome.logs.iter().any(|line| line.contains(&said)));
    refused(
        &mut world,
        fixture.dispense_all(case(0)),
        &[&key],
        ProvenanceError::AlreadyDispensed,
    );
}

#[test]
fn a_case_whose_packs_are_partly_gone_is_dispensed_by_the_pack() {
    let (mut world, fixture) = delivered();
    let key = fixture.pharmacy.key();
    done(&mut world, fixture.dispense(5), &[&key]);
    refused(
        &mut world,
        fixture.dispense_all(case(0)),
        &[&key],
        ProvenanceError::PartlyDispensed,
    );
    done(&mut world, fixture.dispense(4), &[&key]);
}

#[test]
fn a_pack_detached_from_a_dispensed_case_goes_its_own_way() {
    let (mut world, fixture) = delivered();
    let key = fixture.pharmacy.key();
    let quarantine = fixture.set_status(pack(2), &fixture.pharmacy, StatusAction::Quarantine);
    done(&mut world, quarantine, &[&key]);
    done(&mut world, fixture.dispense_all(case(0)), &[&key]);
    refused(
        &mut world,
        fixture.dispense(2),
        &[&key],
        ProvenanceError::NotSellable,
    );
    let release = fixture.set_status(pack(2), &fixture.pharmacy, StatusAction::Release);
    done(&mut world, release, &[&key]);
    done(&mut world, fixture.dispense(2), &[&key]);
}

#[test]
fn a_pallet_in_one_record_but_no_batch_and_no_pack() {
    let (mut world, fixture) = registered();
    let key = fixture.pharmacy.key();
    fixture.hand_over(&mut world, pallet(0), &fixture.maker, &fixture.pharmacy);
    for wrong in [pack(0), whole()] {
        let mut instruction = fixture.dispense_all(pallet(0));
        let other = fixture.dispense_all(case(0)).data;
        // The place is the first argument.
        let mut bytes = other[..8].to_vec();
        bytes.extend(anchor_lang::prelude::borsh::to_vec(&wrong).unwrap());
        bytes.extend(&instruction.data[8 + 9..]);
        instruction.data = bytes;
        refused(
            &mut world,
            instruction,
            &[&key],
            ProvenanceError::PlaceUnknown,
        );
    }
    done(&mut world, fixture.dispense_all(pallet(0)), &[&key]);
    refused(
        &mut world,
        fixture.dispense(0),
        &[&key],
        ProvenanceError::AlreadyDispensed,
    );
}

#[test]
fn credentials_of_the_pharmacy() {
    let (world, fixture) = delivered();
    let key = fixture.pharmacy.key();
    let with =
        |credential: Pubkey| swapped(fixture.dispense(0), fixture.pharmacy.credential, credential);
    let mut issued = world.clone();
    let of_other_kind = issue(
        &mut issued,
        &fixture.regulator,
        &fixture.pharmacy.organization,
        99,
        0,
    );
    let reverse = issue(
        &mut issued,
        &fixture.regulator,
        &fixture.pharmacy.organization,
        RETURNS,
        0,
    );
    for (credential, error) in [
        (
            fixture.wholesaler.credential,
            ProvenanceError::CredentialOfOtherSubject,
        ),
        (of_other_kind, ProvenanceError::CredentialOfOtherKind),
        (reverse, ProvenanceError::CredentialOfOtherKind),
    ] {
        refused(&mut issued, with(credential), &[&key], error);
    }
    let rival = ProvenanceFixture::second(&mut issued, fixture.registry, " 2", OTHER_GTIN);
    let of_other_issuer = issue(
        &mut issued,
        &rival.regulator,
        &fixture.pharmacy.organization,
        TRADING,
        0,
    );
    refused(
        &mut issued,
        with(of_other_issuer),
        &[&key],
        ProvenanceError::CredentialOfOtherIssuer,
    );

    let mut revoked = world.clone();
    fixture
        .revoke_credential(&mut revoked, &fixture.pharmacy)
        .assert_ok();
    refused(
        &mut revoked,
        fixture.dispense(0),
        &[&key],
        ProvenanceError::CredentialRevoked,
    );

    // The credential ends before the permissions of the pharmacy's staff do.
    let mut expired = world.clone();
    let address = fixture.pharmacy.credential;
    let mut account = expired.raw(&address).unwrap();
    let mut credential: registry::state::Credential = expired.account(&address);
    credential.valid_until = expired.now() + DAY;
    let mut bytes = Vec::new();
    anchor_lang::AccountSerialize::try_serialize(&credential, &mut bytes).unwrap();
    account.data = bytes;
    expired.set_raw(&address, account);
    expired.advance(DAY - 1);
    done(&mut expired, fixture.dispense(0), &[&key]);
    expired.advance(1);
    refused(
        &mut expired,
        fixture.dispense(1),
        &[&key],
        ProvenanceError::CredentialExpired,
    );
    let mut early = world;
    early.advance(-DAY);
    refused(
        &mut early,
        fixture.dispense(0),
        &[&key],
        ProvenanceError::CredentialNotYetValid,
    );
}

#[test]
fn a_suspended_pharmacy_dispenses_nothing() {
    let (mut world, fixture) = delivered();
    fixture
        .registry
        .set_status(
            &mut world,
            &fixture.pharmacy.organization,
            OrganizationStatus::Suspended,
            3,
        )
        .assert_ok();
    refused(
        &mut world,
        fixture.dispense(0),
        &[&fixture.pharmacy.key()],
        ProvenanceError::OrganizationNotActive,
    );
}

#[test]
fn handing_out_is_noted_once() {
    let (mut world, fixture) = delivered();
    let key = fixture.pharmacy.key();
    done(&mut world, fixture.dispense(0), &[&key]);
    let event: HandedOut = done(&mut world, fixture.hand_out(pack(0)), &[&key]).event();
    assert_eq!(
        (event.index, event.pharmacy),
        (0, fixture.pharmacy.address())
    );
    assert_eq!(fixture.read_dispense(&world, pack(0)).is_handed_out, 1);
    refused(
        &mut world,
        fixture.hand_out(pack(0)),
        &[&key],
        ProvenanceError::AlreadyHandedOut,
    );
    let mut other = fixture.clone();
    other.pharmacy = fixture.wholesaler.clone();
    refused(
        &mut world,
        other.hand_out(pack(0)),
        &[&other.pharmacy.key()],
        ProvenanceError::UndoOtherPremises,
    );
}

#[test]
fn a_claim_signs_or_is_none() {
    let (mut world, fixture) = delivered();
    let key = fixture.pharmacy.key();
    let claim = actor("claim");
    let dispense = fixture.dispense_with(
        &fixture.pharmacy,
        fixture.tree.proof(0, 5),
        false,
        Some(claim.pubkey()),
    );
    let mut unsigned = dispense.clone();
    for meta in &mut unsigned.accounts {
        if meta.pubkey == claim.pubkey() {
            meta.is_signer = false;
        }
    }
    refused(&mut world, unsigned, &[&key], ErrorCode::AccountNotSigner);
    done(&mut world, dispense, &[&key, &claim]);
    assert_eq!(fixture.read_dispense(&world, pack(0)).claim, claim.pubkey());
    // The claim is reversed with it or not at all.
    refused(
        &mut world,
        fixture.undo(pack(0), &fixture.pharmacy, None),
        &[&key],
        ProvenanceError::ClaimSignatureMissing,
    );
    let undo = fixture.undo(pack(0), &fixture.pharmacy, Some(claim.pubkey()));
    done(&mut world, undo, &[&key, &claim]);
    assert!(!fixture.is_marked(&world, 0));
}
