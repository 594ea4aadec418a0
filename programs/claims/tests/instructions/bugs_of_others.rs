//! What has gone wrong in other systems, each as a test with the system's name first. Source: domain.md D2.

use claims::instructions::Decision;
use claims::ticket::EligibilityTicket;
use registry::error::RegistryError;
use registry::instructions::InitializeConfigArgs;
use registry::state::Operator;

use crate::appeals::denied_by_staff;
use crate::common::*;
use crate::details::reason;

fn on(day: u8, n: u32, charge: u64) -> ClaimLineArgs {
    ClaimLineArgs {
        day,
        ..line(n, charge)
    }
}

/// Agents could switch the guardians of others on and off.
#[test]
fn medrec_only_the_insurer_changes_who_acts_for_a_member() {
    let (mut world, fixture) = ready();
    let stranger = world.actor("stranger");
    let mut change = fixture.set_member_authority(&world, stranger.pubkey());
    for meta in &mut change.accounts {
        if meta.pubkey == fixture.staff.key().pubkey() {
            meta.pubkey = stranger.pubkey();
        }
    }
    refused(
        &mut world,
        &[change],
        &[&stranger],
        ClaimsError::OperatorKeyMismatch,
    );
}

/// What looked like a constructor could be called by anybody, at any time.
#[test]
fn medrec_the_registry_is_configured_once_by_who_deployed_it() {
    let (mut world, _) = ready();
    let stranger = world.actor("stranger");
    let args = || InitializeConfigArgs {
        governance: actor("stranger").pubkey(),
        guardian: actor("stranger").pubkey(),
    };
    let initialize = |by: &Keypair| {
        galen_testkit::fixtures::registry::RegistryFixture::initialize(&by.pubkey(), args())
    };
    let before = world.snapshot();
    let deployer = world.deployer();
    for signer in [&stranger, &deployer] {
        world
            .send(&[initialize(signer)], &[signer])
            .assert_error(ADDRESS_IN_USE);
        before.assert_same(&world.snapshot());
    }
    let mut fresh = empty();
    fresh.fund(&stranger.pubkey());
    refused(
        &mut fresh,
        &[initialize(&stranger)],
        &[&stranger],
        RegistryError::NotUpgradeAuthority,
    );
}

/// A permission that was taken away was still there when it was asked for.
#[test]
fn medrec_a_revoked_clerk_submits_no_more() {
    let (mut world, fixture) = ready();
    fixture
        .provider
        .revoke(&mut world, &fixture.clerk)
        .assert_ok();
    refused(
        &mut world,
        &[fixture.submit_claim(1, &[line(1, 20_000)])],
        &[&fixture.clerk.key(), &fixture.member_key()],
        ClaimsError::OperatorRevoked,
    );
}

/// A valid signature was accepted for a block that it had not been made for.
#[test]
fn ksi_hlf_a_signature_counts_for_what_was_signed() {
    let (mut world, fixture) = ready();
    let signed = EligibilityTicket {
        from: SERVICE_DATE,
        to: SERVICE_DATE,
        nonce: 1,
    };
    let shown = EligibilityTicket {
        to: SERVICE_DATE + 30,
        ..signed
    };
    let mut accounts = fixture.submit_accounts(1);
    accounts.member_authority = None;
    accounts.instructions_sysvar = Some(
        "Sysvar1nstructions1111111111111111111111111"
            .parse()
            .unwrap(),
    );
    let mut args = fixture.submit_args(1, &[line(1, 20_000)]);
    args.ticket = Some(shown);
    let submit = claims_instruction(accounts, data::SubmitClaim { args });
    refused(
        &mut world,
        &[fixture.verify_ticket(&signed, &fixture.desk()), submit],
        &[&fixture.clerk.key()],
        ClaimsError::TicketMessageMismatch,
    );
}

/// What a cancelled claim had set aside stayed set aside.
#[test]
fn etherisc_a_reversed_claim_sets_nothing_aside() {
    let (mut world, fixture) = ready();
    let large = ClaimLineArgs {
        units: u16::MAX,
        ..line(1, FUNDED + 600_000)
    };
    fixture.submit(&mut world, 1, &[large]).assert_ok();
    fixture.fund(&mut world, 1_000_000).assert_ok();
    assert_ne!(fixture.read_pool(&world).reserved_for_claims, 0);
    world
        .send(&[fixture.reverse(1, 7)], &[&fixture.staff.key()])
        .assert_ok();
    let pool = fixture.read_pool(&world);
    assert_eq!((pool.reserved_for_claims, pool.unfunded), (0, 0));
    assert_eq!(pool.free().unwrap(), FUNDED + 1_000_000);
    fixture.assert_money_adds_up(&world);
}

/// Two policies were written against the same capital.
#[test]
fn etherisc_two_claims_are_not_paid_from_the_same_money() {
    let (mut world, fixture) = ready();
    let most = ClaimLineArgs {
        units: u16::MAX,
        ..line(1, FUNDED)
    };
    fixture.submit(&mut world, 1, &[most]).assert_ok();
    let again = ClaimLineArgs { day: 1, ..most };
    fixture.submit(&mut world, 2, &[again]).assert_ok();
    let (first, second) = (fixture.read_claim(&world, 1), fixture.read_claim(&world, 2));
    assert_eq!(
        (first.status, second.status),
        (ClaimStatus::Paid, ClaimStatus::Payable)
    );
    assert!(first.totals.paid + second.totals.paid > FUNDED);
    fixture.assert_money_adds_up(&world);
}

/// One vote, cast first, decided a claim; here nobody decides about their own decision.
#[test]
fn nexus_mutual_who_decided_does_not_decide_the_appeal() {
    let (mut world, fixture, reviewer) = denied_by_staff();
    world
        .send(
            &[fixture.appeal_as_member(1, 1)],
            &[&fixture.clerk.key(), &fixture.member_key()],
        )
        .assert_ok();
    refused(
        &mut world,
        &[fixture.uphold(1, 1, &fixture.staff)],
        &[&fixture.staff.key()],
        ClaimsError::DeciderDecidedBefore,
    );
    world
        .send(&[fixture.uphold(1, 1, &reviewer)], &[&reviewer.key()])
        .assert_ok();
}

/// A refactoring dropped the check for duplicates.
#[test]
fn openimis_the_same_services_are_paid_once() {
    let (mut world, fixture) = ready();
    fixture
        .submit(&mut world, 1, &[line(1, 20_000)])
        .assert_ok();
    let paid = world.balance(&fixture.payout);
    fixture
        .submit(&mut world, 2, &[line(1, 20_000)])
        .assert_ok();
    let again = fixture.read_claim(&world, 2);
    assert_eq!(
        (again.status, again.lines[0].denial_reason),
        (ClaimStatus::Denied, 18)
    );
    assert_eq!(world.balance(&fixture.payout), paid);
}

/// The window of validity was looked at from one side only.
#[test]
fn openimis_cover_begins_and_ends() {
    let (mut world, fixture) = ready();
    world
        .send(
            &[fixture.end_coverage(&world, SERVICE_DATE)],
            &[&fixture.staff.key()],
        )
        .assert_ok();
    for (n, service_date, reason) in [
        (1, YEAR_BEGINS, 0),
        (2, SERVICE_DATE, 0),
        (3, SERVICE_DATE + 1, 27),
    ] {
        let mut args = fixture.submit_args(n, &[line(u32::from(n), 20_000)]);
        args.service_date = service_date;
        let submit = claims_instruction(fixture.submit_accounts(n), data::SubmitClaim { args });
        world
            .send(&[submit], &[&fixture.clerk.key(), &fixture.member_key()])
            .assert_ok();
        assert_eq!(
            fixture.read_claim(&world, n).lines[0].denial_reason,
            reason,
            "{service_date}"
        );
    }
}

/// A service was refused for one of a later day: the window of its frequency had no end.
#[test]
fn openimis_a_later_service_does_not_block_an_earlier_one() {
    let mut world = empty();
    let mut entries: Vec<BenefitEntry> = (0..10).map(benefit).collect();
    entries[1].frequency_days = 30;
    let fixture = ClaimsFixture::with(&mut world, terms(), entries, unlimited());
    for (n, service_date, reason) in [
        (1, SERVICE_DATE, 0),
        (2, SERVICE_DATE - 1, 0),
        (3, SERVICE_DATE - 40, 0),
        (4, SERVICE_DATE - 12, 151),
    ] {
        let mut args = fixture.submit_args(n, &[line(1, 10_000)]);
        args.service_date = service_date;
        let submit = claims_instruction(fixture.submit_accounts(n), data::SubmitClaim { args });
        world
            .send(&[submit], &[&fixture.clerk.key(), &fixture.member_key()])
            .assert_ok();
        let line = fixture.read_claim(&world, n).lines[0];
        assert_eq!(line.denial_reason, reason, "{service_date}");
    }
}

/// Whether somebody was of age was never asked: the method that says so stood in the condition by its name, which is true of everybody.
#[test]
fn openimis_whether_somebody_is_of_age_is_asked() {
    const OF_AGE: [u8; 8] = [0xaa; 8];
    let demand = DetailEntry::new(code(1), DetailKind::Age, OF_AGE);
    for (kind, denied_for) in [(MemberFactKind::OfAge, 0), (MemberFactKind::NotOfAge, 6)] {
        let stated = MemberFact {
            kind,
            key: OF_AGE,
            from: YEAR_BEGINS,
            to: YEAR_ENDS,
        };
        assert_eq!(reason(&[demand], &[stated], &[]), denied_for, "{kind:?}");
    }
}

/// Once a reviewer had approved units, those that had been given before were forgotten: an operator bound otherwise than it read.
#[test]
fn openimis_what_is_approved_counts_with_what_was_given_before() {
    let mut world = empty();
    let mut entries: Vec<BenefitEntry> = (0..10).map(benefit).collect();
    entries[1].flags |= BenefitEntry::AUTHORIZATION;
    let looked_at = AgreementTerms {
        limit_per_claim: 1,
        ..unlimited()
    };
    let plan = PlanTerms {
        deductible: Limits::default(),
        ..terms()
    };
    let fixture = ClaimsFixture::with(&mut world, plan, entries, looked_at);
    let staff = fixture.staff.key();
    let grant = Grant {
        number: 1,
        provider: Pubkey::default(),
        code_key: code(1),
        from: SERVICE_DATE,
        to: SERVICE_DATE + 10,
        units: 3,
    };
    world
        .send(&[fixture.grant_authorization(grant)], &[&staff])
        .assert_ok();
    // Both wait for the insurer before either has used a unit up.
    for n in [1, 2] {
        let two = ClaimLineArgs {
            units: 2,
            ..on(n, 1, 20_000)
        };
        let submit = fixture.authorized(fixture.submit_claim(n, &[two]), &[1]);
        world.send_unsigned(&[submit]).assert_ok();
        let claim = fixture.read_claim(&world, n);
        assert_eq!(claim.status, ClaimStatus::Pended);
    }
    for (n, status, reason) in [(1, ClaimStatus::Paid, 0), (2, ClaimStatus::Denied, 198)] {
        let approve = fixture.authorized(fixture.decide(n, Decision::Approve), &[1]);
        world.send(&[approve], &[&staff]).assert_ok();
        let claim = fixture.read_claim(&world, n);
        assert_eq!(
            (claim.status, claim.lines[0].denial_reason),
            (status, reason),
            "claim {n}"
        );
    }
    assert_eq!(fixture.read_authorization(&world, 1).used, 2);
    fixture.assert_money_adds_up(&world);
}

/// Where a ceiling was reached, what was paid depended on the order in which the lines were written down.
#[test]
fn openimis_a_ceiling_does_not_depend_on_the_order_of_lines() {
    let mut world = empty();
    let capped = PlanTerms {
        annual_max: Some(15_000),
        ..terms()
    };
    let fixture = ClaimsFixture::bare(&mut world);
    fixture.set_up(&mut world, capped, unlimited());
    let lines = [
        on(2, 1, 10_000),
        on(0, 2, 30_000),
        on(1, 3, 20_000),
        on(3, 4, 10_000),
    ]
    .map(|line| ClaimLineArgs { units: 5, ..line });
    let mut outcomes = Vec::new();
    for order in [[0, 1, 2, 3], [3, 2, 1, 0], [1, 2, 0, 3]] {
        let mut world = world.clone();
        let ordered = order.map(|index: usize| lines[index]);
        fixture.submit(&mut world, 1, &ordered).assert_ok();
        let mut stored = fixture.read_claim(&world, 1).lines;
        stored.sort_by_key(|line| line.service_date);
        assert!(stored.iter().any(|line| line.over_maximum > 0));
        outcomes.push(stored);
    }
    assert_eq!(outcomes[0], outcomes[1]);
    assert_eq!(outcomes[0], outcomes[2]);
}

/// What was revoked could not be told from what had never been. Who has no permission any more is refused by why that is.
#[test]
fn solana_attestation_service_revoked_is_not_never_issued() {
    let (world, fixture) = ready();
    let (clerk, member) = (fixture.clerk.key(), fixture.member_key());
    let submit = fixture.submit_claim(1, &[line(0, 10_000)]);

    let mut revoked = world.clone();
    revoked.advance(60);
    fixture
        .provider
        .revoke(&mut revoked, &fixture.clerk)
        .assert_ok();
    let record: Operator = revoked.account(&fixture.clerk.address);
    assert_eq!(record.revoked_at, revoked.now());
    refused(
        &mut revoked,
        std::slice::from_ref(&submit),
        &[&clerk, &member],
        ClaimsError::OperatorRevoked,
    );

    let mut expired = world.clone();
    expired.advance(400 * DAY);
    refused(
        &mut expired,
        std::slice::from_ref(&submit),
        &[&clerk, &member],
        ClaimsError::OperatorExpired,
    );

    let mut never = world;
    let nobody = never.actor("nobody");
    let record = Operator::find_address(&fixture.provider.address, &nobody.pubkey()).0;
    let submit = swapped_all(&submit, clerk.pubkey(), nobody.pubkey());
    let submit = swapped_all(&submit, fixture.clerk.address, record);
    refused(
        &mut never,
        &[submit],
        &[&nobody, &member],
        ErrorCode::AccountNotInitialized,
    );
}

/// A member who had been removed could go on spending.
#[test]
fn squads_a_removed_operator_spends_no_more() {
    let (mut world, fixture) = ready();
    let announce = fixture.announce_withdrawal(&world, 1_000);
    fixture
        .insurer
        .revoke(&mut world, &fixture.staff)
        .assert_ok();
    refused(
        &mut world,
        &[announce],
        &[&fixture.staff.key()],
        ClaimsError::OperatorRevoked,
    );
}
