//! Where walks begin: an insurer, two providers, a family of two and somebody alone.

use super::known::demands;
use super::members::{DESKS, KEYS};
use super::*;

/// Providers: one in the network, one outside.
pub const PROVIDERS: usize = 2;
/// Members: two of a family, one alone.
pub const PEOPLE: usize = 3;
/// Of these the first so many are the family's.
pub const FAMILY: usize = 2;
/// Codes that lines name; the last is in no schedule.
pub const CODES: u32 = 15;
/// Markers of the registry of duplicates.
pub const MARKERS: u8 = 4;

/// Days for which an entry is kept, and in which claims are filed where there are entries: fewer than a walk has.
const KEPT_DAYS: u16 = 90;

/// Days in which claims are filed under the plan's next version: some of a walk's are late.
const NEXT_FILING_DAYS: u16 = 15;

/// What the plan of a walk asks for.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Plans {
    /// Members confirm, two levels of appeal. An embedded deductible, terms of its own outside the network, tiers.
    Confirming,
    /// Claims are drawn, one level of appeal and a board after it. An aggregate deductible, nothing outside the network.
    Drawing,
    /// Claims are held against a registry shared with another insurer; a board as well. What another payer left is shared as if
    /// the plan were alone.
    Sharing,
}

/// Where walks begin.
pub struct Start {
    pub world: World,
    /// By provider and then by member: claims of that provider for that member.
    ways: [[ClaimsFixture; PEOPLE]; PROVIDERS],
    pub reviewers: [OperatorFixture; 2],
    /// The organisation outside the insurer that reviews, and who decides for it.
    pub board: Pubkey,
    pub judge: OperatorFixture,
    /// Another insurer with the provider in the network.
    pub other: ClaimsFixture,
    pub treaty: TreatyFixture,
    pub plans: Plans,
    pub terms: PlanTerms,
    pub clocks: PlanClocks,
    pub checks: PlanChecks,
    /// What the plan's next version has other figures in, and where that lies.
    pub next_terms: PlanTerms,
    pub next_version: Pubkey,
    /// What that version asks for beyond its terms and its schedule, and its number.
    pub next_details: Pubkey,
    pub family: Pubkey,
    pub next_number: u16,
    /// Keys that members have: the first is the one that each has in the beginning.
    pub keys: [Pubkey; KEYS],
    /// Keys of the eligibility desk, the same.
    pub desks: [Keypair; DESKS],
    /// By provider, the token accounts that can be paid: the first is the one that it accepted with.
    pub payouts: [[Pubkey; 2]; PROVIDERS],
    /// By provider and marker.
    entries: [[Pubkey; MARKERS as usize]; PROVIDERS],
}

impl Start {
    pub fn way(&self, provider: usize, person: usize) -> &ClaimsFixture {
        &self.ways[provider][person]
    }

    /// The insurer with the provider in the network and the first member.
    pub fn fixture(&self) -> &ClaimsFixture {
        self.way(0, 0)
    }

    pub fn entry(&self, provider: usize, marker: u8) -> Pubkey {
        self.entries[provider][usize::from(marker)]
    }

    /// First and last day of a member's coverage, as it is in the beginning.
    pub fn coverage(&self, person: usize) -> (i32, i32) {
        coverage(person)
    }

    pub fn new(plans: Plans) -> Self {
        let mut world = empty();
        let mut terms = terms_of(plans);
        let mut elsewhere = super::terms();
        elsewhere.filing_limit_days = KEPT_DAYS;
        if plans == Plans::Sharing {
            terms.filing_limit_days = KEPT_DAYS;
        }
        let fixture = ClaimsFixture {
            entries: benefits(),
            ..ClaimsFixture::bare(&mut world)
        };
        fixture.set_up(&mut world, terms.clone(), agreement_of(0, 60_000));
        let registry = fixture.registry;
        let board = registry.organization(&mut world, "board", OrganizationKind::Regulator);
        let judge = board.operator(&mut world, "judge", &[Permission::DecideClaim]);
        let (clocks, checks) = ways_of(plans, board.address);
        let fixture = fixture.checked_by(&mut world, terms.clone(), clocks, checks);
        let outside = outside(&mut world, &fixture);
        let people = [fixture.clone(), fixture.sibling(7), fixture.sibling(8)];
        enrol(&mut world, &people);
        let ways = [&fixture, &outside].map(|provider| {
            people.each_ref().map(|person| ClaimsFixture {
                member: person.member,
                history: person.history,
                commitment: person.commitment,
                ..provider.clone()
            })
        });
        let other = ClaimsFixture::second(&mut world, registry, " 2", &MintTerms::default(), 0)
            .with_provider_of(&mut world, &fixture);
        other.set_up(&mut world, super::terms(), unlimited());
        let shared = PlanChecks {
            entry_days: KEPT_DAYS,
            ..sharing()
        };
        let other = other.checked(&mut world, elsewhere, shared);
        let commit = fixture.commit_draws(1, TODAY + 1);
        world.send_unsigned(&[commit]).assert_ok();
        let reviewers =
            ["reviewer 1", "reviewer 2"].map(|name| reviewer(&mut world, &fixture, name));
        // Little enough that awards have to wait.
        let announce = fixture.announce_withdrawal(&world, FUNDED - 100_000);
        world.send_unsigned(&[announce]).assert_ok();
        world.advance(claims::constants::WITHDRAWAL_NOTICE_SECONDS);
        world.send_unsigned(&[fixture.withdraw()]).assert_ok();
        let cover = TreatyTerms {
            claims_limit: 60_000,
            year_attachment: 150_000,
            year_limit: 50_000,
            ..cover()
        };
        let treaty = TreatyFixture::in_force(&mut world, &fixture, cover, 20_000);
        let entries = [&fixture, &outside].map(|provider| {
            let mut markers = [Pubkey::default(); MARKERS as usize];
            for (marker, address) in (0..MARKERS).zip(&mut markers) {
                *address = provider.entry(marker);
            }
            markers
        });
        let payouts = [
            (&fixture, "second payout"),
            (&outside, "second payout outside"),
        ]
        .map(|(provider, name)| {
            let owner = provider.provider.authority().pubkey();
            let second = world.token_account(name, &provider.mint, &owner);
            [provider.payout, second]
        });
        let plan: Plan = world.account(&fixture.plan);
        let next_number = plan.next_version();
        fixture.upload_details(&mut world, next_number, &demands());
        Self {
            next_terms: next(&terms),
            next_version: PlanVersion::find_address(&fixture.plan, next_number).0,
            next_details: fixture.details_of(next_number),
            next_number,
            keys: [
                fixture.member_key().pubkey(),
                actor("second member key").pubkey(),
                actor("third member key").pubkey(),
            ],
            desks: [fixture.desk(), actor("second desk")],
            checks,
            family: fixture.family(),
            payouts,
            world,
            ways,
            reviewers,
            board: board.address,
            judge,
            other,
            treaty,
            plans,
            terms,
            clocks,
            entries,
        }
    }
}

/// Terms of the agreement with a provider.
pub fn agreement_of(provider: usize, limit_per_claim: u64) -> AgreementTerms {
    AgreementTerms {
        in_network: provider == 0,
        limit_per_claim,
        limit_per_day: 120_000,
        ..unlimited()
    }
}

/// First and last day of a member's coverage: one goes on into the next year, one has just begun.
fn coverage(person: usize) -> (i32, i32) {
    match person {
        0 => (YEAR_BEGINS, YEAR_ENDS + 365),
        1 => (YEAR_BEGINS, YEAR_ENDS),
        _ => (TODAY - 10, TODAY + 220),
    }
}

/// Limits that random claims come near to.
fn terms_of(plans: Plans) -> PlanTerms {
    let both = |individual, family| Limits {
        individual: Some(individual),
        family: Some(family),
    };
    let outside = OutOfNetworkRule {
        coinsurance_bps: 4_000,
        deductible: both(20_000, 30_000),
        out_of_pocket_max: both(100_000, 150_000),
    };
    let category = |name, max, period| CategoryMaximum {
        name_key: [name; 8],
        max,
        period,
    };
    let tier = |up_to, coinsurance_bps| Tier {
        up_to,
        coinsurance_bps,
    };
    let common = PlanTerms {
        deductible: both(10_000, 15_000),
        out_of_pocket_max: both(60_000, 80_000),
        annual_max: Some(250_000),
        lifetime_max: Some(60_000),
        out_of_network: Some(outside),
        categories: vec![
            category(1, Some(30_000), CategoryPeriod::Year),
            category(2, Some(40_000), CategoryPeriod::Lifetime),
            category(3, None, CategoryPeriod::Year),
        ],
        ..terms()
    };
    match plans {
        Plans::Confirming => PlanTerms {
            annual_max: Some(80_000),
            lifetime_max: Some(300_000),
            tiers: vec![
                tier(Some(50_000), 2_000),
                tier(Some(150_000), 1_000),
                tier(None, 500),
            ],
            ..common
        },
        Plans::Drawing => PlanTerms {
            deductible: Limits {
                individual: None,
                family: Some(15_000),
            },
            out_of_pocket_max: Limits {
                individual: None,
                family: Some(80_000),
            },
            cost_share_order: CostShareOrder::CopayFirst,
            recognised_bps: 9_000,
            out_of_network: None,
            coordination: CoordinationRule::CarveOut,
            ..common
        },
        Plans::Sharing => PlanTerms {
            coordination: CoordinationRule::MaintenanceOfBenefits,
            ..common
        },
    }
}

/// Terms with other figures: fee, copay, coinsurance and the time to file. Limits are counted over versions, and are the same.
fn next(terms: &PlanTerms) -> PlanTerms {
    PlanTerms {
        copay: 700,
        coinsurance_bps: 3_500,
        recognised_bps: 8_000,
        filing_limit_days: NEXT_FILING_DAYS,
        ..terms.clone()
    }
}

/// Benefits of every kind; those from 14 on are not asked for.
fn benefits() -> Vec<BenefitEntry> {
    let mut entries: Vec<BenefitEntry> = (0..CODES - 1).map(benefit).collect();
    entries[1].category = 1;
    entries[2].category = 2;
    entries[3].category = 1;
    entries[3].copay = 1_000;
    entries[4].flags |= BenefitEntry::DEDUCTIBLE_WAIVED;
    entries[4].coinsurance_bps = 5_000;
    entries[5].copay = 2_000;
    entries[5].category = 3;
    entries[7].flags = 0;
    entries[8].flags |= BenefitEntry::AUTHORIZATION;
    entries[9].frequency_days = 20;
    entries[10].max_units = 3;
    entries[11].waiting_days = 90;
    entries[12].flags |= BenefitEntry::AUTHORIZATION;
    entries[12].category = 2;
    entries
}

fn ways_of(plans: Plans, board: Pubkey) -> (PlanClocks, PlanChecks) {
    let reviewed = PlanChecks {
        reviewer: board,
        review_days: 180,
        review_decision_days: 45,
        ..PlanChecks::default()
    };
    let one_level = PlanClocks {
        appeal_levels: 1,
        ..clocks()
    };
    match plans {
        Plans::Confirming => (clocks(), confirmed()),
        Plans::Drawing => (
            one_level,
            PlanChecks {
                confirmation: Confirmation::Sampled,
                confirmation_days: CONFIRMATION_DAYS,
                sampling_bps: 3_000,
                reveal_days: REVEAL_DAYS,
                ..reviewed
            },
        ),
        Plans::Sharing => (
            PlanClocks {
                appeal_days: 5,
                ..one_level
            },
            PlanChecks {
                entry_days: KEPT_DAYS,
                blinder: blinder(),
                ..reviewed
            },
        ),
    }
}

/// The insurer with another provider, outside the network.
fn outside(world: &mut World, fixture: &ClaimsFixture) -> ClaimsFixture {
    let provider =
        fixture
            .registry
            .organization(world, "provider outside", OrganizationKind::Provider);
    let clerk = provider.operator(world, "outside staff", &[Permission::SubmitClaim]);
    let payout = world.token_account(
        "payout outside",
        &fixture.mint,
        &provider.authority().pubkey(),
    );
    let outside = ClaimsFixture {
        agreement: Agreement::find_address(&fixture.pool, &provider.address).0,
        provider,
        clerk,
        payout,
        ..fixture.clone()
    };
    let offer = outside.offer(agreement_of(1, 60_000));
    let accept = outside.accept(world);
    world.send_unsigned(&[offer, accept]).assert_ok();
    outside
}

/// Enrols the members but the first, who is, and brings the family together.
fn enrol(world: &mut World, people: &[ClaimsFixture; PEOPLE]) {
    for (person, fixture) in people.iter().enumerate() {
        let (covered_from, covered_to) = coverage(person);
        if person == 0 {
            let extend = fixture.end_coverage(world, covered_to);
            world.send_unsigned(&[extend]).assert_ok();
        } else {
            let enrol = fixture.enrol_as(EnrolMemberArgs {
                commitment: fixture.commitment,
                authority: fixture.member_key().pubkey(),
                covered_from,
                covered_to,
                opening: None,
            });
            world.send_unsigned(&[enrol]).assert_ok();
        }
    }
    let [first, second, _] = people;
    world
        .send_unsigned(&[
            first.create_family(),
            first.join_family(),
            second.join_family(),
        ])
        .assert_ok();
}
