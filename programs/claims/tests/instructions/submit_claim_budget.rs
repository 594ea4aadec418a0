//! What a claim costs, and what fits a transaction. The bench writes the table; this keeps the promises.

use claims::instructions::SubmitClaimArgs;
use claims::ticket::EligibilityTicket;
use solana_message::Message;

use crate::common::*;

/// A legacy transaction, signatures included.
const MOST_BYTES: usize = 1_232;
const ONE_LINE_CU: u64 = 20_000;
const FURTHER_LINE_CU: u64 = 500;
const SIXTEEN_LINES_CU: u64 = ONE_LINE_CU + 15 * FURTHER_LINE_CU;

/// A world with a full-size schedule.
fn large() -> (World, ClaimsFixture) {
    let mut world = empty();
    let fixture = ClaimsFixture::with(
        &mut world,
        terms(),
        (0..10_000).map(benefit).collect(),
        unlimited(),
    );
    (world, fixture)
}

/// Size of a legacy transaction paid by the clerk.
fn bytes(fixture: &ClaimsFixture, instructions: &[Instruction]) -> usize {
    let message = Message::new(instructions, Some(&fixture.clerk.key().pubkey()));
    1 + 64 * usize::from(message.header.num_required_signatures) + message.serialize().len()
}

fn lines(count: u32) -> Vec<ClaimLineArgs> {
    (0..count)
        .map(|n| ClaimLineArgs {
            units: 2,
            ..line(n * 600 + 7, 12_345)
        })
        .collect()
}

#[test]
fn compute_units() {
    let (world, fixture) = large();
    let mut measured = Vec::new();
    for (count, budget) in [(1, ONE_LINE_CU), (16, SIXTEEN_LINES_CU)] {
        let mut world = world.clone();
        let outcome = fixture.submit(&mut world, 1, &lines(count)).assert_ok();
        assert_eq!(fixture.read_claim(&world, 1).status, ClaimStatus::Paid);
        println!("{count} lines: {outcome}");
        measured.push((count, outcome.cu, budget));
    }
    for (count, cu, budget) in measured {
        assert!(cu <= budget, "{count} lines: {cu} CU, {budget} at most");
    }
}

/// The worst there is: sixteen lines, all of one code that the member's full history is full of.
#[test]
fn compute_units_with_a_full_history() {
    let (mut world, fixture) = large();
    let signers = (fixture.clerk.key(), fixture.member_key());
    for n in 0..7u8 {
        let mut args = fixture.submit_args(n, &lines(16));
        args.service_date = SERVICE_DATE - 30 + i32::from(n);
        let submit = claims_instruction(fixture.submit_accounts(n), data::SubmitClaim { args });
        world.send(&[submit], &[&signers.0, &signers.1]).assert_ok();
    }
    let outcome = fixture.submit(&mut world, 100, &lines(16)).assert_ok();
    assert_eq!(fixture.read_claim(&world, 100).status, ClaimStatus::Paid);
    println!("16 lines, 112 in the history: {} CU", outcome.cu);
    assert!(outcome.cu <= 65_000, "{} CU", outcome.cu);
}

#[test]
fn sixteen_lines_fit_a_legacy_transaction() {
    let (_, fixture) = ready();
    let size = bytes(&fixture, &[fixture.submit_claim(1, &lines(16))]);
    println!("16 lines, signed by the member: {size} bytes");
    assert!(size <= MOST_BYTES, "{size}");
}

#[test]
fn with_a_ticket_fewer_fit() {
    let (_, fixture) = ready();
    let ticket = EligibilityTicket {
        from: SERVICE_DATE,
        to: SERVICE_DATE,
        nonce: 1,
    };
    let size = |count: u32| {
        let mut accounts = fixture.submit_accounts(1);
        accounts.member_authority = None;
        accounts.instructions_sysvar = Some(
            "Sysvar1nstructions1111111111111111111111111"
                .parse()
                .unwrap(),
        );
        let mut args = fixture.submit_args(1, &lines(count));
        args.ticket = Some(ticket);
        let submit = claims_instruction(accounts, data::SubmitClaim { args });
        bytes(
            &fixture,
            &[fixture.verify_ticket(&ticket, &fixture.desk()), submit],
        )
    };
    let fit = (1..=16)
        .filter(|count| size(*count) <= MOST_BYTES)
        .max()
        .unwrap();
    println!("with a ticket: {fit} lines, {} bytes", size(fit));
    assert!(fit >= 9, "{fit}");
}

#[test]
fn thirty_benefits_fit_a_legacy_transaction() {
    let (_, fixture) = ready();
    let size = |count: u32| {
        let entries: Vec<BenefitEntry> = (0..count).map(benefit).collect();
        let message = Message::new(
            &[fixture.append(0, &entries)],
            Some(&fixture.staff.key().pubkey()),
        );
        1 + 64 + message.serialize().len()
    };
    let fit = (1..=40)
        .filter(|count| size(*count) <= MOST_BYTES)
        .max()
        .unwrap();
    println!("benefits in a transaction: {fit}, {} bytes", size(fit));
    assert!(fit >= 30, "{fit}");
}

/// After the deductible, with codes that lie beside each other and far from each other.
#[test]
fn a_further_line_keeps_its_budget_in_every_schedule() {
    for size in [100, 1_000, 10_000] {
        let mut world = empty();
        let entries = (0..size).map(benefit).collect();
        let fixture = ClaimsFixture::with(&mut world, terms(), entries, unlimited());
        let earlier = SubmitClaimArgs {
            service_date: SERVICE_DATE - 1,
            ..fixture.submit_args(9, &[line(1, 30_000)])
        };
        let accounts = fixture.submit_accounts(9);
        let submit = claims_instruction(accounts, data::SubmitClaim { args: earlier });
        world
            .send(&[submit], &[&fixture.clerk.key(), &fixture.member_key()])
            .assert_ok();
        for step in [1, size / 32 + 1] {
            let [one, all] = [1, 16].map(|count| {
                let mut world = world.clone();
                let lines: Vec<_> = (0..count).map(|n| line(n * step + 3, 5_000)).collect();
                let cu = fixture.submit(&mut world, 1, &lines).assert_ok().cu;
                let claim = fixture.read_claim(&world, 1);
                assert!(claim.lines.iter().all(|line| line.paid == 4_000));
                cu
            });
            let further = (all - one) / 15;
            println!("{size} benefits, every {step}: {one} CU, and {further} for a further line");
            assert!(
                further <= FURTHER_LINE_CU,
                "{further} CU in {size} benefits"
            );
        }
    }
}
