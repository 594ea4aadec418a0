//! Eligibility tickets in place of the member's signature.

use claims::ticket::EligibilityTicket;

use crate::common::*;

const TICKET: EligibilityTicket = EligibilityTicket {
    from: SERVICE_DATE - 1,
    to: SERVICE_DATE + 1,
    nonce: 7,
};

pub fn instructions_sysvar() -> Pubkey {
    "Sysvar1nstructions1111111111111111111111111"
        .parse()
        .unwrap()
}

/// `submit_claim` with a ticket and without the member.
fn submit(fixture: &ClaimsFixture, ticket: EligibilityTicket) -> Instruction {
    let mut accounts = fixture.submit_accounts(1);
    accounts.member_authority = None;
    accounts.instructions_sysvar = Some(instructions_sysvar());
    let lines = [ClaimLineArgs {
        units: 2,
        ..line(1, 20_000)
    }];
    let mut args = fixture.submit_args(1, &lines);
    args.ticket = Some(ticket);
    claims_instruction(accounts, data::SubmitClaim { args })
}

#[test]
fn stands_in_for_the_member() {
    let (mut world, fixture) = ready();
    let verify = fixture.verify_ticket(&TICKET, &fixture.desk());
    world
        .send(&[verify, submit(&fixture, TICKET)], &[&fixture.clerk.key()])
        .assert_ok();
    assert_eq!(fixture.read_claim(&world, 1).status, ClaimStatus::Paid);
    fixture.assert_money_adds_up(&world);
}

#[test]
fn other_instructions_may_come_before() {
    let (mut world, fixture) = ready();
    let verify = fixture.verify_ticket(&TICKET, &fixture.desk());
    let fund = fixture.fund_pool(1);
    world
        .send(
            &[fund, verify, submit(&fixture, TICKET)],
            &[&fixture.clerk.key(), &actor("treasurer")],
        )
        .assert_ok();
}

#[test]
fn covers_its_period_only() {
    let (mut world, fixture) = ready();
    let clerk = fixture.clerk.key();
    for (from, to, covered) in [
        (SERVICE_DATE, SERVICE_DATE, true),
        (SERVICE_DATE + 1, SERVICE_DATE + 9, false),
        (SERVICE_DATE - 9, SERVICE_DATE - 1, false),
        (SERVICE_DATE + 1, SERVICE_DATE - 1, false),
    ] {
        let ticket = EligibilityTicket { from, to, ..TICKET };
        let verify = fixture.verify_ticket(&ticket, &fixture.desk());
        let instructions = [verify, submit(&fixture, ticket)];
        if covered {
            world.clone().send(&instructions, &[&clerk]).assert_ok();
        } else {
            refused(
                &mut world,
                &instructions,
                &[&clerk],
                ClaimsError::TicketOutOfPeriod,
            );
        }
    }
    // All lines, not only the first.
    let ticket = EligibilityTicket {
        to: SERVICE_DATE,
        ..TICKET
    };
    let mut accounts = fixture.submit_accounts(1);
    accounts.member_authority = None;
    accounts.instructions_sysvar = Some(instructions_sysvar());
    let mut args = fixture.submit_args(
        1,
        &[
            line(1, 20_000),
            ClaimLineArgs {
                day: 1,
                ..line(2, 1)
            },
        ],
    );
    args.ticket = Some(ticket);
    let verify = fixture.verify_ticket(&ticket, &fixture.desk());
    let submit = claims_instruction(accounts, data::SubmitClaim { args });
    refused(
        &mut world,
        &[verify, submit],
        &[&clerk],
        ClaimsError::TicketOutOfPeriod,
    );
}

#[test]
fn is_void_below_the_members_floor() {
    let (mut world, fixture) = ready();
    let instructions = [
        fixture.verify_ticket(&TICKET, &fixture.desk()),
        submit(&fixture, TICKET),
    ];
    for (floor, good) in [(7, true), (8, false)] {
        world
            .send(
                &[fixture.raise_ticket_floor(floor)],
                &[&fixture.staff.key()],
            )
            .assert_ok();
        if good {
            world
                .clone()
                .send(&instructions, &[&fixture.clerk.key()])
                .assert_ok();
        } else {
            refused(
                &mut world,
                &instructions,
                &[&fixture.clerk.key()],
                ClaimsError::TicketRevoked,
            );
        }
    }
}

#[test]
fn is_signed_by_the_desk_in_office() {
    let (mut world, fixture) = ready();
    let clerk = fixture.clerk.key();
    let stranger = world.actor("stranger");
    let forged = fixture.verify_ticket(&TICKET, &stranger);
    refused(
        &mut world,
        &[forged, submit(&fixture, TICKET)],
        &[&clerk],
        ClaimsError::TicketSignerMismatch,
    );

    let old = fixture.verify_ticket(&TICKET, &fixture.desk());
    let change = fixture.set_ticket_key(&world, stranger.pubkey());
    world.send(&[change], &[&fixture.staff.key()]).assert_ok();
    refused(
        &mut world,
        &[old.clone(), submit(&fixture, TICKET)],
        &[&clerk],
        ClaimsError::TicketSignerMismatch,
    );
    let change = fixture.set_ticket_key(&world, Pubkey::default());
    world.send(&[change], &[&fixture.staff.key()]).assert_ok();
    refused(
        &mut world,
        &[old, submit(&fixture, TICKET)],
        &[&clerk],
        ClaimsError::TicketsNotIssued,
    );
}

/// A ticket with one thing other than what was signed.
#[test]
fn is_for_one_pool_member_provider_period_and_nonce() {
    let (mut world, fixture, other) = two_insurers();
    let clerk = fixture.clerk.key();
    let desk = fixture.desk();
    let signed = |pool: &Pubkey, member: &Pubkey, provider: &Pubkey, ticket: EligibilityTicket| {
        galen_testkit::precompile::ed25519(&desk, &ticket.message(pool, member, provider))
    };
    let (pool, member, provider) = (&fixture.pool, &fixture.member, &fixture.provider.address);
    for verify in [
        signed(&other.pool, member, provider, TICKET),
        signed(pool, &other.member, provider, TICKET),
        signed(pool, member, &other.provider.address, TICKET),
        signed(
            pool,
            member,
            provider,
            EligibilityTicket {
                from: TICKET.from - 1,
                ..TICKET
            },
        ),
        signed(
            pool,
            member,
            provider,
            EligibilityTicket {
                to: TICKET.to + 1,
                ..TICKET
            },
        ),
        signed(
            pool,
            member,
            provider,
            EligibilityTicket {
                nonce: TICKET.nonce + 1,
                ..TICKET
            },
        ),
    ] {
        refused(
            &mut world,
            &[verify, submit(&fixture, TICKET)],
            &[&clerk],
            ClaimsError::TicketMessageMismatch,
        );
    }
}

#[test]
fn the_verification_stands_just_before() {
    let (mut world, fixture) = ready();
    let clerk = fixture.clerk.key();
    let treasurer = actor("treasurer");
    let verify = fixture.verify_ticket(&TICKET, &fixture.desk());
    let claim = submit(&fixture, TICKET);
    refused(
        &mut world,
        std::slice::from_ref(&claim),
        &[&clerk],
        ClaimsError::TicketSignatureMissing,
    );
    refused(
        &mut world,
        &[claim.clone(), verify.clone()],
        &[&clerk],
        ClaimsError::TicketSignatureMissing,
    );
    refused(
        &mut world,
        &[verify.clone(), fixture.fund_pool(1), claim.clone()],
        &[&clerk, &treasurer],
        ClaimsError::TicketSignatureMissing,
    );
    // The same bytes, but another program's.
    let mut fake = verify;
    fake.program_id = "MemoSq4gqABAXKb96qnH8TysNcWxMyWCqXgDLGmfcHr"
        .parse()
        .unwrap();
    let before = world.snapshot();
    assert!(!world.send(&[fake, claim], &[&clerk]).succeeded());
    before.assert_same(&world.snapshot());
}

/// The precompile takes key, signature and message from wherever its header says: only the plain form is accepted.
#[test]
fn only_the_canonical_form() {
    let (mut world, fixture) = ready();
    let clerk = fixture.clerk.key();
    let good = fixture.verify_ticket(&TICKET, &fixture.desk());
    let stranger = world.actor("stranger");
    let message = TICKET.message(&fixture.pool, &fixture.member, &fixture.provider.address);
    let mut attempts = 0;
    let mut attempt = |world: &mut World, data: Vec<u8>, also: Option<Instruction>| {
        let verify = Instruction {
            data,
            ..good.clone()
        };
        let mut instructions: Vec<Instruction> = also.into_iter().collect();
        instructions.push(verify);
        instructions.push(submit(&fixture, TICKET));
        let before = world.snapshot();
        let outcome = world.send(&instructions, &[&clerk]);
        assert!(!outcome.succeeded(), "{outcome}");
        if let Some(code) = outcome.code() {
            let refusals = [
                ClaimsError::TicketSignatureMissing,
                ClaimsError::TicketSignerMismatch,
                ClaimsError::TicketMessageMismatch,
            ];
            // Otherwise the precompile itself has refused, with a small number.
            assert!(
                code < 100 || refusals.iter().any(|refusal| u32::from(*refusal) == code),
                "{outcome}"
            );
        }
        before.assert_same(&world.snapshot());
        attempts += 1;
    };

    // No signature, two of them, trailing bytes, a byte missing.
    attempt(&mut world, vec![0, 0], None);
    let mut two = good.data.clone();
    two[0] = 2;
    attempt(&mut world, two, None);
    let mut longer = good.data.clone();
    longer.push(0);
    attempt(&mut world, longer, None);
    attempt(&mut world, good.data[..143].to_vec(), None);

    // The header points at another instruction, in which a stranger signs a message of their own.
    let theirs = galen_testkit::precompile::ed25519(&stranger, &[5; 32]);
    for field in [4, 8, 14] {
        let mut data = good.data.clone();
        data[field..field + 2].copy_from_slice(&0u16.to_le_bytes());
        attempt(&mut world, data, Some(theirs.clone()));
    }
    let mut all = good.data.clone();
    for field in [4, 8, 14] {
        all[field..field + 2].copy_from_slice(&0u16.to_le_bytes());
    }
    attempt(&mut world, all, Some(theirs.clone()));

    // A valid signature of a stranger at other offsets, the desk's key and the ticket's message where they belong.
    let mut moved = good.data.clone();
    moved.extend_from_slice(&theirs.data[16..]);
    for (field, offset) in [(2usize, 144u16 + 32), (6, 144), (10, 144 + 96)] {
        moved[field..field + 2].copy_from_slice(&offset.to_le_bytes());
    }
    attempt(&mut world, moved, None);

    // A bit of key, signature, message flipped.
    for at in [16, 47, 48, 111, 112, 143] {
        let mut data = good.data.clone();
        data[at] ^= 1;
        attempt(&mut world, data, None);
    }
    // Another key signs the right message.
    attempt(
        &mut world,
        galen_testkit::precompile::ed25519(&stranger, &message).data,
        None,
    );
    assert_eq!(attempts, 16);
}

#[test]
fn the_sysvar_is_the_real_one() {
    let (mut world, fixture) = ready();
    let clerk = fixture.clerk.key();
    let verify = fixture.verify_ticket(&TICKET, &fixture.desk());
    let mut accounts = fixture.submit_accounts(1);
    accounts.member_authority = None;
    let mut args = fixture.submit_args(1, &[line(1, 20_000)]);
    args.ticket = Some(TICKET);
    let without = claims_instruction(accounts, data::SubmitClaim { args });
    refused(
        &mut world,
        &[verify.clone(), without],
        &[&clerk],
        ClaimsError::InstructionsSysvarMissing,
    );

    // A forgery that says what the program wants to hear.
    let fake = actor("fake sysvar").pubkey();
    let mut bytes = vec![0; 1_000];
    bytes[..good_len(&verify)].copy_from_slice(&verify.data[..good_len(&verify)]);
    world.set_owned(&fake, &actor("forger's program").pubkey(), bytes);
    let claim = swapped(submit(&fixture, TICKET), instructions_sysvar(), fake);
    let before = world.snapshot();
    let outcome = world.send(&[verify, claim], &[&clerk]);
    assert!(!outcome.succeeded() && !outcome.crashed(), "{outcome}");
    before.assert_same(&world.snapshot());
}

fn good_len(instruction: &Instruction) -> usize {
    instruction.data.len()
}

/// The member's signature counts where it is given; a bad ticket beside it does no harm, a stranger's signature is no
/// way around one.
#[test]
fn a_signature_goes_first() {
    let (mut world, fixture) = ready();
    let mut accounts = fixture.submit_accounts(1);
    accounts.instructions_sysvar = Some(instructions_sysvar());
    let mut args = fixture.submit_args(1, &[line(1, 20_000)]);
    args.ticket = Some(TICKET);
    let both = claims_instruction(accounts, data::SubmitClaim { args });
    let stranger = world.actor("stranger");
    refused(
        &mut world,
        &[swapped(
            both.clone(),
            fixture.member_key().pubkey(),
            stranger.pubkey(),
        )],
        &[&fixture.clerk.key(), &stranger],
        ClaimsError::NotMemberAuthority,
    );
    world
        .send(&[both], &[&fixture.clerk.key(), &fixture.member_key()])
        .assert_ok();
}
