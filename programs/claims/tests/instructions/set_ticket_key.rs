use claims::events::TicketKeyChanged;
use claims::instructions::SetTicketKeyArgs;

use crate::common::*;

#[test]
fn appoints_the_desk() {
    let (mut world, fixture) = ready();
    let before = fixture.read_pool(&world);
    let new = actor("new desk").pubkey();
    let outcome = world
        .send(
            &[fixture.set_ticket_key(&world, new)],
            &[&fixture.staff.key()],
        )
        .assert_ok();
    let after = fixture.read_pool(&world);
    assert_eq!(after.ticket_key, new);
    assert_eq!(after.sequence, before.sequence + 1);
    let event: TicketKeyChanged = outcome.event();
    assert_eq!((event.old, event.new), (before.ticket_key, new));
}

#[test]
fn only_staff_that_manages_pools() {
    let (world, fixture) = ready();
    let change = fixture.set_ticket_key(&world, Pubkey::default());
    assert_insurer_staff_only(&world, &fixture, &change, Permission::ManagePool);
}

#[test]
fn a_signature_is_good_once() {
    let (world, fixture) = ready();
    let template = fixture.set_ticket_key(&world, Pubkey::default());
    assert_admin_is_checked(
        &world,
        &fixture.staff.key(),
        fixture.read_pool(&world).sequence,
        &|admin| Instruction {
            data: data::SetTicketKey {
                args: SetTicketKeyArgs {
                    admin,
                    ticket_key: Pubkey::default(),
                },
            }
            .data(),
            ..template.clone()
        },
    );
}

#[test]
fn another_insurers_pool_is_refused() {
    let (mut world, fixture, other) = two_insurers();
    let change = swapped(
        fixture.set_ticket_key(&world, Pubkey::default()),
        fixture.pool,
        other.pool,
    );
    refused(
        &mut world,
        &[change],
        &[&fixture.staff.key()],
        ClaimsError::PoolOfOtherInsurer,
    );
}

/// After 2^64 − 1 administrative actions there is no other.
#[test]
fn the_sequence_number_does_not_begin_again() {
    let (mut world, fixture) = ready();
    let last = Pool {
        sequence: u64::MAX,
        ..fixture.read_pool(&world)
    };
    overwrite(&mut world, &fixture.pool, &last);
    let change = fixture.set_ticket_key(&world, Pubkey::default());
    refused(
        &mut world,
        &[change],
        &[&fixture.staff.key()],
        ClaimsError::AdminSequenceExhausted,
    );
}
