use claims::events::ClaimAdjudicated;
use claims::instructions::AdjudicateClaimArgs;
use claims::ticket::EligibilityTicket;

use crate::common::*;

/// Two units of code 1, of which the deductible takes one.
fn two(charge: u64) -> ClaimLineArgs {
    ClaimLineArgs {
        units: 2,
        ..line(1, charge)
    }
}

/// A complete draft number `n` of `lines`.
fn draft(world: &mut World, fixture: &ClaimsFixture, n: u8, lines: &[ClaimLineArgs]) -> u64 {
    let clerk = fixture.clerk.key();
    let count = u8::try_from(lines.len()).unwrap();
    world
        .send(&[fixture.open_claim(n, count)], &[&clerk])
        .assert_ok();
    for (index, part) in lines.chunks(6).enumerate() {
        let start = u8::try_from(index * 6).unwrap();
        world
            .send(&[fixture.append_lines(n, start, part)], &[&clerk])
            .assert_ok();
    }
    lines.iter().map(|line| line.charge).sum()
}

/// A claim in parts comes to what the same claim comes to at once.
#[test]
fn as_if_submitted_at_once() {
    let (mut world, fixture) = ready();
    let lines: Vec<ClaimLineArgs> = (0..16)
        .map(|n| line(n + 90, 7_000 + u64::from(n) * 500))
        .collect();
    let mut at_once = world.clone();
    fixture.submit(&mut at_once, 1, &lines).assert_ok();

    let charge = draft(&mut world, &fixture, 1, &lines);
    let outcome = world
        .send(
            &[fixture.adjudicate(&world, 1, charge)],
            &[&fixture.clerk.key(), &fixture.member_key()],
        )
        .assert_ok();
    assert_eq!(
        fixture.read_claim(&world, 1),
        fixture.read_claim(&at_once, 1)
    );
    assert_eq!(fixture.read_member(&world), fixture.read_member(&at_once));
    assert_eq!(fixture.read_pool(&world), fixture.read_pool(&at_once));
    assert_eq!(fixture.read_history(&world), fixture.read_history(&at_once));
    let event: ClaimAdjudicated = outcome.event();
    assert_eq!(
        (event.status, event.payout),
        (ClaimStatus::Paid, fixture.payout)
    );
    fixture.assert_money_adds_up(&world);
}

#[test]
fn with_a_ticket() {
    let (mut world, fixture) = ready();
    let charge = draft(&mut world, &fixture, 1, &[two(20_000)]);
    let ticket = EligibilityTicket {
        from: SERVICE_DATE,
        to: SERVICE_DATE,
        nonce: 0,
    };
    let mut accounts = fixture.adjudicate_accounts(1);
    accounts.member_authority = None;
    accounts.instructions_sysvar = Some(
        "Sysvar1nstructions1111111111111111111111111"
            .parse()
            .unwrap(),
    );
    let args = AdjudicateClaimArgs {
        charge,
        digest: fixture.stated(&world, 1),
        ticket: Some(ticket),
    };
    let adjudicate = claims_instruction(accounts, data::AdjudicateClaim { args });
    refused(
        &mut world,
        std::slice::from_ref(&adjudicate),
        &[&fixture.clerk.key()],
        ClaimsError::TicketSignatureMissing,
    );
    let verify = fixture.verify_ticket(&ticket, &fixture.desk());
    world
        .send(&[verify, adjudicate], &[&fixture.clerk.key()])
        .assert_ok();
    assert_eq!(fixture.read_claim(&world, 1).status, ClaimStatus::Paid);
}

#[test]
fn only_a_complete_draft_once() {
    let (mut world, fixture) = ready();
    let signers = (fixture.clerk.key(), fixture.member_key());
    world
        .send(&[fixture.open_claim(1, 2)], &[&signers.0])
        .assert_ok();
    let early = fixture.adjudicate(&world, 1, 0);
    refused(
        &mut world,
        &[early],
        &[&signers.0, &signers.1],
        ClaimsError::ClaimIncomplete,
    );
    world
        .send(
            &[fixture.append_lines(1, 0, &[line(1, 5_000)])],
            &[&signers.0],
        )
        .assert_ok();
    let early = fixture.adjudicate(&world, 1, 5_000);
    refused(
        &mut world,
        &[early],
        &[&signers.0, &signers.1],
        ClaimsError::ClaimIncomplete,
    );
    world
        .send(
            &[fixture.append_lines(1, 1, &[line(2, 6_000)])],
            &[&signers.0],
        )
        .assert_ok();
    world
        .send(
            &[fixture.adjudicate(&world, 1, 11_000)],
            &[&signers.0, &signers.1],
        )
        .assert_ok();
    let again = fixture.adjudicate(&world, 1, 11_000);
    refused(
        &mut world,
        &[again],
        &[&signers.0, &signers.1],
        ClaimsError::ClaimNotDraft,
    );
}

/// The member signs for a draft. Closed and opened again under its identifier, with as much charged for something else, or with
/// another word of another payer, it is another one: the signature that was held back is worth nothing.
#[test]
fn the_draft_is_the_one_signed_for() {
    let (mut world, fixture) = ready();
    let (clerk, member) = (fixture.clerk.key(), fixture.member_key());
    let charge = draft(&mut world, &fixture, 1, &[line(1, 20_000), line(2, 10_000)]);
    let signed = fixture.adjudicate(&world, 1, charge);
    let mut seen = world.clone();

    let told = OtherPayer {
        line: 0,
        allowed: 20_000,
        paid: 0,
        obligated: 20_000,
    };
    let mut more = world.clone();
    more.send(&[fixture.add_other_payers(1, &[told])], &[&clerk])
        .assert_ok();
    refused(
        &mut more,
        std::slice::from_ref(&signed),
        &[&clerk, &member],
        ClaimsError::DraftDiffers,
    );
    let mut stated = world.clone();
    let fact = ClaimFact {
        line: 0,
        kind: ClaimFactKind::Diagnosis,
        key: [1; 8],
        day: 0,
    };
    stated
        .send(&[fixture.add_facts(1, &[fact])], &[&clerk])
        .assert_ok();
    refused(
        &mut stated,
        std::slice::from_ref(&signed),
        &[&clerk, &member],
        ClaimsError::DraftDiffers,
    );

    world.send(&[fixture.close_draft(1)], &[&clerk]).assert_ok();
    let others = [
        [line(3, 20_000), line(2, 10_000)],
        [line(1, 10_000), line(2, 20_000)],
        [line(2, 10_000), line(1, 20_000)],
        [two(20_000), line(2, 10_000)],
        [
            line(1, 20_000),
            ClaimLineArgs {
                day: 1,
                ..line(2, 10_000)
            },
        ],
        [
            line(1, 20_000),
            ClaimLineArgs {
                modifiers: [1; 4],
                ..line(2, 10_000)
            },
        ],
    ];
    for lines in others {
        let mut world = world.clone();
        assert_eq!(draft(&mut world, &fixture, 1, &lines), charge);
        refused(
            &mut world,
            std::slice::from_ref(&signed),
            &[&clerk, &member],
            ClaimsError::DraftDiffers,
        );
    }
    // Opened again as it was it is the same, and so is the one that was never closed.
    draft(&mut world, &fixture, 1, &[line(1, 20_000), line(2, 10_000)]);
    for world in [&mut world, &mut seen] {
        world
            .send(std::slice::from_ref(&signed), &[&clerk, &member])
            .assert_ok();
        assert_eq!(fixture.read_claim(world, 1).status, ClaimStatus::Paid);
    }
}

/// The member signs for a total too.
#[test]
fn the_total_is_the_one_signed_for() {
    let (mut world, fixture) = ready();
    let charge = draft(&mut world, &fixture, 1, &[line(1, 20_000)]);
    for wrong in [0, charge - 1, charge + 1, u64::MAX] {
        let adjudicate = fixture.adjudicate(&world, 1, wrong);
        refused(
            &mut world,
            &[adjudicate],
            &[&fixture.clerk.key(), &fixture.member_key()],
            ClaimsError::ChargeMismatch,
        );
    }
}

#[test]
fn accounts_of_somebody_else() {
    let (mut world, fixture, other) = two_insurers();
    let charge = draft(&mut world, &fixture, 1, &[line(1, 20_000)]);
    draft(&mut world, &other, 1, &[line(1, 20_000)]);
    let good = fixture.adjudicate(&world, 1, charge);
    for (from, to, error) in [
        (
            fixture.agreement,
            other.agreement,
            ClaimsError::AgreementOfOtherPool,
        ),
        (
            fixture.plan_version,
            other.plan_version,
            ClaimsError::PlanVersionOfOtherPool,
        ),
        (
            fixture.schedule,
            other.schedule,
            ClaimsError::ScheduleMismatch,
        ),
        (fixture.member, other.member, ClaimsError::MemberOfOtherPool),
        (
            fixture.history,
            other.history,
            ClaimsError::HistoryOfOtherMember,
        ),
        (
            fixture.claim(1),
            other.claim(1),
            ClaimsError::ClaimOfOtherPool,
        ),
        (fixture.vault, other.vault, ClaimsError::WrongVault),
        (fixture.payout, other.payout, ClaimsError::WrongPayout),
        (fixture.payout, fixture.vault, ClaimsError::PayoutIsVault),
        (fixture.mint, other.mint, ClaimsError::WrongMint),
        (
            fixture.token_program,
            anchor_spl::token_2022::ID,
            ClaimsError::WrongTokenProgram,
        ),
        (
            fixture.provider.address,
            other.provider.address,
            ClaimsError::AgreementOfOtherProvider,
        ),
        (
            fixture.clerk.address,
            other.clerk.address,
            ClaimsError::OperatorOfOtherOrganization,
        ),
    ] {
        refused(
            &mut world,
            &[swapped(good.clone(), from, to)],
            &[&fixture.clerk.key(), &fixture.member_key()],
            error,
        );
    }
    // A claim of another provider in the same pool.
    let rival = fixture
        .registry
        .organization(&mut world, "rival", OrganizationKind::Provider);
    let mut mixed = fixture.clone();
    mixed.clerk = rival.operator(&mut world, "rival clerk", &[Permission::SubmitClaim]);
    mixed.provider = rival;
    mixed.agreement = Agreement::find_address(&fixture.pool, &mixed.provider.address).0;
    mixed.payout = world.token_account(
        "rival payout",
        &fixture.mint,
        &mixed.provider.authority().pubkey(),
    );
    world
        .send(&[mixed.offer(unlimited())], &[&fixture.staff.key()])
        .assert_ok();
    world
        .send(&[mixed.accept(&world)], &[&mixed.provider.authority()])
        .assert_ok();
    let mut accounts = mixed.adjudicate_accounts(1);
    accounts.claim = fixture.claim(1);
    let args = AdjudicateClaimArgs {
        charge,
        digest: fixture.stated(&world, 1),
        ticket: None,
    };
    let steal = claims_instruction(accounts, data::AdjudicateClaim { args });
    refused(
        &mut world,
        &[steal],
        &[&mixed.clerk.key(), &fixture.member_key()],
        ClaimsError::ClaimOfOtherProvider,
    );
}

#[test]
fn the_same_gates_as_at_once() {
    let (world, fixture) = ready();
    let mut world = world;
    let charge = draft(&mut world, &fixture, 1, &[line(1, 20_000)]);
    let (clerk, member) = (fixture.clerk.key(), fixture.member_key());
    let good = fixture.adjudicate(&world, 1, charge);

    let mut paused = world.clone();
    fixture.registry.pause(&mut paused, 3_600).assert_ok();
    refused(
        &mut paused,
        std::slice::from_ref(&good),
        &[&clerk, &member],
        ClaimsError::AwardsPaused,
    );

    let mut suspended = world.clone();
    let change = fixture.set_agreement_status(&suspended, AgreementStatus::Suspended);
    suspended
        .send(&[change], &[&fixture.staff.key()])
        .assert_ok();
    suspended
        .send(std::slice::from_ref(&good), &[&clerk, &member])
        .assert_ok();
    assert_eq!(
        fixture.read_claim(&suspended, 1).pend_reason,
        PendReason::AgreementOver
    );

    let mut superseded = world.clone();
    superseded.before(SERVICE_DATE, |world| {
        let publish = fixture.publish(world, terms(), SERVICE_DATE);
        world.send(&[publish], &[&fixture.staff.key()]).assert_ok();
    });
    refused(
        &mut superseded,
        std::slice::from_ref(&good),
        &[&clerk, &member],
        ClaimsError::PlanVersionNotInForce,
    );

    let mut accounts = fixture.adjudicate_accounts(1);
    accounts.member_authority = None;
    let args = AdjudicateClaimArgs {
        charge,
        digest: fixture.stated(&world, 1),
        ticket: None,
    };
    let alone = claims_instruction(accounts, data::AdjudicateClaim { args });
    refused(
        &mut world,
        &[alone],
        &[&clerk],
        ClaimsError::MemberConsentMissing,
    );
    let stranger = world.actor("stranger");
    refused(
        &mut world,
        &[swapped(good.clone(), member.pubkey(), stranger.pubkey())],
        &[&clerk, &stranger],
        ClaimsError::NotMemberAuthority,
    );
    refused(
        &mut world,
        &[unsigned(good, clerk.pubkey())],
        &[&member],
        ErrorCode::AccountNotSigner,
    );
}

/// A draft is nowhere but in its own account: it holds up no other claim.
#[test]
fn a_draft_blocks_nothing() {
    let (mut world, fixture) = ready();
    draft(&mut world, &fixture, 1, &[two(20_000)]);
    fixture.submit(&mut world, 2, &[two(20_000)]).assert_ok();
    assert_eq!(fixture.read_claim(&world, 2).status, ClaimStatus::Paid);
    // Submitted after it, the draft is the duplicate.
    world
        .send(
            &[fixture.adjudicate(&world, 1, 20_000)],
            &[&fixture.clerk.key(), &fixture.member_key()],
        )
        .assert_ok();
    assert_eq!(fixture.read_claim(&world, 1).lines[0].denial_reason, 18);
}
