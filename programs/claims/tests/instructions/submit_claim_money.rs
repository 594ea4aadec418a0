//! Sequences of everything that moves money, in any order: after each step no cent is lost.

use claims::instructions::Decision;

use crate::common::*;

/// A small generator: the same sequence for the same seed, everywhere.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: u64) -> u64 {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % sides
    }

    fn small(&mut self, sides: u8) -> u8 {
        u8::try_from(self.roll(sides.into())).unwrap()
    }

    fn line(&mut self) -> ClaimLineArgs {
        ClaimLineArgs {
            day: self.small(5),
            units: 1 + u16::from(self.small(3)),
            ..line(u32::from(self.small(12)), self.roll(60_000))
        }
    }
}

/// What was done, to see that everything was.
#[derive(Debug, Default)]
struct Tally {
    paid: u32,
    queued: u32,
    pended: u32,
    denied: u32,
    settled: u32,
    in_part: u32,
    approved: u32,
    refused: u32,
}

fn play(seed: u64, steps: u32, tally: &mut Tally) {
    let mut dice = Dice(seed);
    let mut plan = terms();
    plan.annual_max = Some(300_000);
    plan.out_of_pocket_max.individual = Some(40_000);
    plan.categories = vec![CategoryMaximum {
        name_key: [1; 8],
        max: Some(20_000),
        period: CategoryPeriod::Year,
    }];
    let mut entries: Vec<BenefitEntry> = (0..10).map(benefit).collect();
    entries[2].category = 1;
    entries[3].copay = 700;
    entries[4].coinsurance_bps = 3_333;
    entries[5].frequency_days = 2;
    let agreement = AgreementTerms {
        in_network: true,
        limit_per_claim: 35_000,
        limit_per_day: 60_000,
        netted: false,
    };
    let mut world = empty();
    let fixture = ClaimsFixture {
        entries,
        ..ClaimsFixture::bare(&mut world)
    };
    fixture.set_up(&mut world, plan, agreement);
    // Hardly any money: most of what was funded is paid by a claim of another member.
    let supply = |world: &World| {
        world.balance(&fixture.treasury)
            + world.balance(&fixture.vault)
            + world.balance(&fixture.payout)
    };
    let all = supply(&world);
    let (clerk, member, staff) = (
        fixture.clerk.key(),
        fixture.member_key(),
        fixture.staff.key(),
    );
    let mut pool = fixture.read_pool(&world);
    // The fixture funds more than these claims can use up: begin with a nearly empty pool.
    pool.funded = 30_000;
    let mut account = world.raw(&fixture.pool).unwrap();
    let mut bytes = Vec::new();
    anchor_lang::AccountSerialize::try_serialize(&pool, &mut bytes).unwrap();
    account.data[..bytes.len()].copy_from_slice(&bytes);
    world.set_raw(&fixture.pool, account);
    let mut vault = world.token(&fixture.vault);
    let surplus = vault.amount - 30_000 * UNIT_PER_CENT;
    vault.amount -= surplus;
    world.set_token(&fixture.vault, vault);
    let mut treasury = world.token(&fixture.treasury);
    treasury.amount += surplus;
    world.set_token(&fixture.treasury, treasury);

    let mut next = 0u8;
    for _ in 0..steps {
        let known = next;
        let pick = |dice: &mut Dice| dice.small(known.max(1));
        let outcome = match dice.roll(10) {
            0..=3 if next < 250 => {
                let count = 1 + dice.roll(4);
                let lines: Vec<ClaimLineArgs> = (0..count).map(|_| dice.line()).collect();
                next += 1;
                let outcome = world.send(
                    &[fixture.submit_claim(next - 1, &lines)],
                    &[&clerk, &member],
                );
                if outcome.succeeded() {
                    match fixture.read_claim(&world, next - 1).status {
                        ClaimStatus::Paid => tally.paid += 1,
                        ClaimStatus::Payable => tally.queued += 1,
                        ClaimStatus::Pended => tally.pended += 1,
                        ClaimStatus::Denied => tally.denied += 1,
                        _ => {}
                    }
                }
                outcome
            }
            4 => {
                let n = pick(&mut dice);
                let outcome = world.send(&[fixture.decide(n, Decision::Approve)], &[&staff]);
                tally.approved += u32::from(outcome.succeeded());
                outcome
            }
            5 => {
                let n = pick(&mut dice);
                world.send(
                    &[fixture.decide(
                        n,
                        Decision::Deny {
                            group: AdjustmentGroup::Contractual,
                            reason: 50,
                        },
                    )],
                    &[&staff],
                )
            }
            6 | 7 => {
                let n = pick(&mut dice);
                let outcome = world.send(&[fixture.settle(n)], &[]);
                if outcome.succeeded() {
                    match fixture.read_claim(&world, n).status {
                        ClaimStatus::Payable => tally.in_part += 1,
                        _ => tally.settled += 1,
                    }
                }
                outcome
            }
            8 => fixture.fund(&mut world, 1 + dice.roll(15_000)),
            _ => {
                world.advance(i64::try_from(dice.roll(100_000)).unwrap());
                continue;
            }
        };
        assert!(!outcome.crashed(), "seed {seed}: {outcome}");
        tally.refused += u32::from(!outcome.succeeded());
        fixture.assert_money_adds_up(&world);
        assert_eq!(supply(&world), all, "tokens are neither made nor lost");
        let period = fixture
            .read_member(&world)
            .period(2026)
            .copied()
            .unwrap_or_default();
        assert!(
            period.annual_used <= 300_000 && period.in_network.out_of_pocket_individual <= 40_000
        );
        assert!(
            period.category_used[0] <= 20_000 && period.in_network.deductible_individual <= 10_000
        );
    }
    // In the end, with money, every award can be paid.
    fixture.fund(&mut world, 1_000_000).assert_ok();
    for n in 0..next {
        if world.raw(&fixture.claim(n)).is_some()
            && fixture.read_claim(&world, n).status == ClaimStatus::Payable
        {
            world.send(&[fixture.settle(n)], &[]).assert_ok();
        }
    }
    let pool = fixture.read_pool(&world);
    assert_eq!((pool.unfunded, pool.reserved_for_claims), (0, 0));
    fixture.assert_money_adds_up(&world);
}

#[test]
fn no_cent_is_lost() {
    let mut tally = Tally::default();
    for seed in 1..=6 {
        play(seed, 120, &mut tally);
    }
    println!("{tally:?}");
    for (what, count) in [
        ("paid", tally.paid),
        ("queued", tally.queued),
        ("pended", tally.pended),
        ("denied", tally.denied),
        ("settled", tally.settled),
        ("settled in part", tally.in_part),
        ("approved", tally.approved),
        ("refused", tally.refused),
    ] {
        assert!(count > 0, "nothing was {what}: {tally:?}");
    }
}
