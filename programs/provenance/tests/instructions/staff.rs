//! Who may not act: for every instruction that staff signs, everybody but staff with the permission.

use crate::common::*;

/// The instruction signed by another operator, the first account. Who gets rent back stays.
fn signed_by(instruction: &Instruction, operator: Pubkey) -> Instruction {
    let mut instruction = instruction.clone();
    instruction.accounts[0].pubkey = operator;
    instruction
}

/// Asserts who may not act with `instruction`, which `party`'s staff signs and which needs `permission`.
#[track_caller]
fn assert_staff_only(
    world: &World,
    fixture: &ProvenanceFixture,
    instruction: &Instruction,
    party: &Party,
    permission: Permission,
) {
    let mut world = world.clone();
    let key = party.key();
    let mut unsigned = instruction.clone();
    for meta in &mut unsigned.accounts {
        if meta.pubkey == key.pubkey() {
            meta.is_signer = false;
        }
    }
    refused(&mut world, unsigned, &[], ErrorCode::AccountNotSigner);
    let stranger = world.actor("stranger");
    refused(
        &mut world,
        signed_by(instruction, stranger.pubkey()),
        &[&stranger],
        ProvenanceError::OperatorKeyMismatch,
    );
    let without: Vec<Permission> = Permission::ALL
        .into_iter()
        .filter(|other| *other != permission)
        .collect();
    let clerk = party
        .organization
        .operator(&mut world, "clerk without", &without);
    let by_clerk = swapped(
        signed_by(instruction, clerk.key().pubkey()),
        party.staff.address,
        clerk.address,
    );
    refused(
        &mut world,
        by_clerk,
        &[&clerk.key()],
        ProvenanceError::PermissionMissing,
    );
    let rival = fixture
        .registry
        .organization(&mut world, "rival", OrganizationKind::Wholesaler);
    let agent = rival.operator(&mut world, "rival staff", &Permission::ALL);
    let by_agent = swapped(
        signed_by(instruction, agent.key().pubkey()),
        party.staff.address,
        agent.address,
    );
    refused(
        &mut world,
        by_agent,
        &[&agent.key()],
        ProvenanceError::OperatorOfOtherOrganization,
    );
    let mut later = world.clone();
    later.advance(366 * 86_400);
    refused(
        &mut later,
        instruction.clone(),
        &[&key],
        ProvenanceError::OperatorExpired,
    );
    let mut revoked = world.clone();
    party
        .organization
        .revoke(&mut revoked, &party.staff)
        .assert_ok();
    refused(
        &mut revoked,
        instruction.clone(),
        &[&key],
        ProvenanceError::OperatorRevoked,
    );
    let mut suspended = world.clone();
    fixture
        .registry
        .set_status(
            &mut suspended,
            &party.organization,
            OrganizationStatus::Suspended,
            3,
        )
        .assert_ok();
    refused(
        &mut suspended,
        instruction.clone(),
        &[&key],
        ProvenanceError::OrganizationNotActive,
    );
    done(&mut world, instruction.clone(), &[&key]);
}

#[test]
fn of_the_manufacturer() {
    let (world, fixture) = bare();
    let maker = &fixture.maker;
    assert_staff_only(
        &world,
        &fixture,
        &fixture.register_product(),
        maker,
        Permission::ManageBatch,
    );
    let (world, fixture) = registered();
    let next = fixture.clone().with_terms("N1", |_| {});
    let mut given = world.clone();
    let rival = ProvenanceFixture::second(&mut given, fixture.registry, " 2", GTIN);
    assert_staff_only(
        &given,
        &fixture,
        &fixture.transfer_product(&rival.maker, false),
        maker,
        Permission::ManageBatch,
    );
    for instruction in [next.register_batch(), fixture.open_page(1)] {
        assert_staff_only(
            &world,
            &fixture,
            &instruction,
            maker,
            Permission::ManageBatch,
        );
    }
}

#[test]
fn of_the_pharmacy() {
    let (mut world, fixture) = delivered();
    let key = fixture.pharmacy.key();
    done(&mut world, fixture.dispense(1), &[&key]);
    for instruction in [
        fixture.dispense(0),
        fixture.reserve(0, actor("claim").pubkey(), DAY),
        fixture.hand_out(pack(1)),
        fixture.undo(pack(1), &fixture.pharmacy, None),
    ] {
        assert_staff_only(
            &world,
            &fixture,
            &instruction,
            &fixture.pharmacy,
            Permission::DispensePack,
        );
    }
    let (mut world, fixture) = delivered();
    let reserve = fixture.reserve(0, actor("claim").pubkey(), DAY);
    done(&mut world, reserve, &[&key]);
    assert_staff_only(
        &world,
        &fixture,
        &fixture.cancel_reservation(0, &fixture.pharmacy),
        &fixture.pharmacy,
        Permission::DispensePack,
    );
    let bottles = fixture.clone().with_terms("B1", |terms| terms.units = 100);
    bottles.begin_batch(&mut world);
    bottles.deliver(&mut world);
    assert_staff_only(
        &world,
        &bottles,
        &bottles.fill(0, 30, None),
        &bottles.pharmacy,
        Permission::DispensePack,
    );
    let (world, fixture) = delivered();
    assert_staff_only(
        &world,
        &fixture,
        &fixture.dispense_all(case(0)),
        &fixture.pharmacy,
        Permission::DispensePack,
    );
}

#[test]
fn of_partners() {
    let (mut world, fixture) = delivered();
    let offer = fixture.offer(case(1), &fixture.wholesaler, &fixture.pharmacy, sale());
    assert_staff_only(
        &world,
        &fixture,
        &offer,
        &fixture.wholesaler,
        Permission::HandOver,
    );
    done(&mut world, offer, &[&fixture.wholesaler.key()]);
    for (instruction, party) in [
        (
            fixture.accept(case(1), &fixture.wholesaler, &fixture.pharmacy, &[]),
            &fixture.pharmacy,
        ),
        (
            fixture.end_shipment(case(1), &fixture.wholesaler, Some(&fixture.pharmacy)),
            &fixture.pharmacy,
        ),
        (
            fixture.set_status(case(0), &fixture.pharmacy, StatusAction::Quarantine),
            &fixture.pharmacy,
        ),
    ] {
        assert_staff_only(&world, &fixture, &instruction, party, Permission::HandOver);
    }
}

#[test]
fn of_who_recalls() {
    let (mut world, fixture) = delivered();
    let regulator = &fixture.regulator;
    let recall = fixture.recall(case(0), regulator, recall_terms());
    assert_staff_only(
        &world,
        &fixture,
        &recall,
        regulator,
        Permission::RecallBatch,
    );
    done(&mut world, recall, &[&regulator.key()]);
    assert_staff_only(
        &world,
        &fixture,
        &fixture.lift(case(0), regulator),
        regulator,
        Permission::RecallBatch,
    );
    assert_staff_only(
        &world,
        &fixture,
        &fixture.acknowledge(case(0), RecallSlot::Regulator, 1, &fixture.pharmacy, 6),
        &fixture.pharmacy,
        Permission::HandOver,
    );
}
