//! What holds for every claim, on random ones: 20,000 as a rule, 1,000,000 where `GALEN_SOAK` is
//! set (run those with `--release`).

mod support;

use galen_rules::adjudication::details::{ClaimDetails, MemberDetails, PlanDetails};
use galen_rules::adjudication::{
    adjudicate, adjudicate_slices, adjudicate_with, Accumulators, Details, Error, Limit, Line,
    LineResult, Network, OutOfNetwork, Plan, Setting, Totals, Used,
};
use galen_rules::date::Window;
use galen_rules::{Cents, Group, Reason};
use support::details;
use support::documents::{ClaimDoc, MemberDoc, PlanDoc};
use support::random::Random;

const SEED: u64 = 0x6761_6c65_6e01;

/// One random claim under one random plan, before anything is decided.
struct Case {
    number: u64,
    random: Random,
    plan: PlanDoc,
    member: MemberDoc,
    claim: ClaimDoc,
}

impl Case {
    fn new(number: u64) -> Self {
        let mut random = Random::new(SEED ^ number.wrapping_mul(0x2545_f491_4f6c_dd1d));
        let plan = PlanDoc::read(&random.plan());
        let member = MemberDoc::read(&random.member(), &plan);
        let claim = ClaimDoc::read(&random.claim(), &plan);
        Self {
            number,
            random,
            plan,
            member,
            claim,
        }
    }

    fn adjudicate(
        &self,
        claim: &ClaimDoc,
        lines: &[Line],
        member: &MemberDoc,
        accumulators: &mut Accumulators,
    ) -> Result<(Vec<LineResult>, Totals), Error> {
        let mut results = vec![LineResult::default(); lines.len()];
        let totals = details::lend(&self.plan, claim, member, lines, |details| {
            adjudicate_with(
                details,
                &self.plan.plan(),
                &claim.claim(lines),
                member.coverage,
                member.services(),
                accumulators,
                &mut results,
            )
        })?;
        Ok((results, totals))
    }
}

/// Runs a property over all cases, on every core.
fn over_all_cases(property: fn(Case)) {
    let cases = support::cases(20_000, 1_000_000);
    let threads = std::thread::available_parallelism().map_or(1, |cores| cores.get() as u64);
    std::thread::scope(|scope| {
        for first in 0..threads {
            scope.spawn(move || {
                for number in (first..cases).step_by(usize::try_from(threads).unwrap()) {
                    property(Case::new(number));
                }
            });
        }
    });
}

#[test]
fn every_line_balances_and_no_limit_is_passed() {
    over_all_cases(|case| {
        let before = case.member.accumulators;
        let mut after = before;
        let lines = &case.claim.lines;
        let decided = case.adjudicate(&case.claim, lines, &case.member, &mut after);
        let Ok((results, totals)) = decided else {
            assert_eq!(
                after, before,
                "case {}: refused, and yet grown",
                case.number
            );
            return;
        };
        let context = || format!("case {}", case.number);
        for (line, result) in lines.iter().zip(&results) {
            assert_eq!((line.number, line.charge), (result.number, result.charge));
            line_is_sound(line, result, &context());
        }
        let sum =
            |of: fn(&LineResult) -> Cents| -> u64 { results.iter().map(|r| of(r).get()).sum() };
        assert_eq!(totals.paid.get(), sum(|r| r.paid), "{}", context());
        let patient = sum(LineResult::patient);
        assert_eq!(totals.patient.get(), patient, "{}", context());
        assert_eq!(
            totals.charge.get(),
            [totals.paid, totals.patient, totals.write_off, totals.other]
                .map(Cents::get)
                .iter()
                .sum::<u64>(),
            "{}",
            context()
        );
        limits_hold(&case.plan.plan(), &before, &after, &context());
        grown_by_the_deltas(&before, &after, &results, &context());
    });
}

/// What the plan does not allow, above the fee or for a reduction (59), moves from the patient to the provider, and nothing else
/// does: so the provider's own word is enough.
#[test]
fn a_ban_on_balance_billing_changes_only_who_bears_what_is_not_allowed() {
    over_all_cases(|case| {
        let decided = |is_banned| {
            let mut lines = case.claim.lines.clone();
            for line in &mut lines {
                line.balance_billing_prohibited = is_banned;
            }
            let mut after = case.member.accumulators;
            let decided = case.adjudicate(&case.claim, &lines, &case.member, &mut after);
            (decided, after)
        };
        let ((free, grown), (banned, grown_banned)) = (decided(false), decided(true));
        let number = case.number;
        assert_eq!(grown, grown_banned, "case {number}");
        assert_eq!(free.is_ok(), banned.is_ok(), "case {number}");
        let (Ok((free, totals)), Ok((banned, totals_banned))) = (free, banned) else {
            return;
        };
        for (free, banned) in free.iter().zip(&banned) {
            let above = &banned.adjustments;
            assert!(
                above.over_fee.is_zero() || above.over_fee_group == Group::Contractual,
                "case {number}"
            );
            let mut same = *banned;
            same.adjustments.over_fee_group = free.adjustments.over_fee_group;
            if banned.denial.is_none() && !above.denied.is_zero() {
                assert_eq!(above.denied_group, Group::Contractual, "case {number}");
                same.adjustments.denied_group = free.adjustments.denied_group;
            }
            assert_eq!(same, *free, "case {number}");
        }
        let borne = |totals: &Totals| (totals.paid, totals.patient.get() + totals.write_off.get());
        assert_eq!(borne(&totals), borne(&totals_banned), "case {number}");
        assert!(totals_banned.patient <= totals.patient, "case {number}");
    });
}

fn line_is_sound(line: &Line, result: &LineResult, context: &str) {
    let adjustments = result.adjustments.list();
    let adjusted: u64 = adjustments.iter().map(|a| a.amount.get()).sum();
    assert_eq!(
        result.paid.get() + adjusted,
        result.charge.get(),
        "{context}"
    );
    assert!(
        result.paid <= result.allowed && result.allowed <= result.charge,
        "{context}"
    );
    assert!(adjustments.iter().all(|a| !a.amount.is_zero()), "{context}");
    if let Some(denial) = result.denial {
        assert!(
            result.allowed.is_zero() && result.deltas.is_none(),
            "{context}"
        );
        assert_eq!(
            denial.reason.needs_remark(),
            denial.remark.is_some(),
            "{context}"
        );
        let listed: Vec<Reason> = adjustments.iter().map(|a| a.reason).collect();
        let expected = [Reason::PriorPayer, denial.reason];
        assert!(
            listed.iter().all(|reason| expected.contains(reason)),
            "{context}"
        );
        assert!(line.other_payer.is_some() || listed.len() <= 1, "{context}");
    } else {
        const ORDER: [u16; 9] = [45, 59, 122, 1, 3, 2, 23, 119, 149];
        let places: Vec<usize> = adjustments
            .iter()
            .map(|a| {
                ORDER
                    .iter()
                    .position(|code| *code == a.reason.code())
                    .unwrap()
            })
            .collect();
        assert!(
            places.is_sorted_by(|a, b| a < b),
            "{context}: {adjustments:?}"
        );
        if let Some(prior) = line.other_payer {
            // Nobody is asked for more than the provider may still collect.
            let open = prior.obligated.get() - prior.paid.get();
            let owed: u64 = adjustments
                .iter()
                .filter(|a| a.group.as_str() == "PR")
                .map(|a| a.amount.get())
                .sum();
            assert!(result.paid.get() + owed <= open, "{context}");
        }
    }
}

fn limits_hold(plan: &Plan<'_>, before: &Accumulators, after: &Accumulators, context: &str) {
    let outside = match plan.out_of_network {
        OutOfNetwork::Terms(terms) => terms,
        OutOfNetwork::Deny => {
            assert_eq!(after.out_of_network, before.out_of_network, "{context}");
            plan.in_network
        }
    };
    for (network, terms) in [(Network::In, plan.in_network), (Network::Out, outside)] {
        let (before, after) = (before.of_network(network), after.of_network(network));
        figure_holds(
            terms.deductible,
            before.deductible,
            after.deductible,
            context,
        );
        figure_holds(
            terms.out_of_pocket,
            before.out_of_pocket,
            after.out_of_pocket,
            context,
        );
        if terms.deductible == Limit::NONE {
            assert_eq!(after.deductible, before.deductible, "{context}");
        }
    }
    holds(plan.annual_maximum, before.annual, after.annual, context);
    holds(
        plan.lifetime_maximum,
        before.lifetime,
        after.lifetime,
        context,
    );
    holds(None, before.tier, after.tier, context);
    for (index, category) in plan.categories.iter().enumerate() {
        holds(
            category.maximum,
            before.category[index],
            after.category[index],
            context,
        );
    }
}

fn figure_holds(limit: Limit, before: Used, after: Used, context: &str) {
    holds(
        limit.individual,
        before.individual,
        after.individual,
        context,
    );
    holds(limit.family, before.family, after.family, context);
}

/// Never less than before, and above the limit only where it was before.
fn holds(limit: Option<Cents>, before: Cents, after: Cents, context: &str) {
    assert!(after >= before, "{context}");
    if let Some(limit) = limit {
        assert!(after <= limit.max(before), "{context}: {after} of {limit}");
    }
}

fn grown_by_the_deltas(
    before: &Accumulators,
    after: &Accumulators,
    results: &[LineResult],
    context: &str,
) {
    let mut back = *after;
    for result in results {
        back.reverse(&result.deltas).unwrap();
    }
    assert_eq!(back, *before, "{context}");
}

#[test]
fn the_order_of_the_slice_does_not_matter() {
    over_all_cases(|mut case| {
        let mut shuffled = case.claim.lines.clone();
        for last in (1..shuffled.len()).rev() {
            let other = usize::try_from(case.random.below(last as u64 + 1)).unwrap();
            shuffled.swap(last, other);
        }
        let (mut plain, mut other) = (case.member.accumulators, case.member.accumulators);
        let member = &case.member;
        let as_given = case.adjudicate(&case.claim, &case.claim.lines, member, &mut plain);
        let as_shuffled = case.adjudicate(&case.claim, &shuffled, member, &mut other);
        assert_eq!(plain, other, "case {}", case.number);
        match (as_given, as_shuffled) {
            (Ok((given, totals)), Ok((mut shuffled, other))) => {
                shuffled.sort_by_key(|result| result.number);
                assert_eq!(given, shuffled, "case {}", case.number);
                assert_eq!(totals, other, "case {}", case.number);
            }
            (given, shuffled) => {
                assert_eq!(given.is_err(), shuffled.is_err(), "case {}", case.number);
            }
        }
    });
}

#[test]
fn what_reverses_a_and_reprocesses_b_is_b_alone() {
    over_all_cases(|mut case| {
        let document = case.random.claim();
        let second = ClaimDoc::read(&document, &case.plan);
        let start = case.member.accumulators;
        let before = &case.member;

        let mut alone = start;
        let expected = case.adjudicate(&second, &second.lines, before, &mut alone);

        let mut running = start;
        let mut member = before.clone();
        let Ok((a, _)) = case.adjudicate(&case.claim, &case.claim.lines, &member, &mut running)
        else {
            return;
        };
        // Whose the entries of the history are: 0 = those of before, 1 = A's, 2 = B's.
        let mut whose = vec![0; member.history.len()];
        member.take_in(&case.plan, &case.claim, &a);
        whose.resize(member.history.len(), 1);
        let b = case.adjudicate(&second, &second.lines, &member, &mut running);
        let mut b_stands = before.clone();
        if let Ok((results, _)) = &b {
            member.take_in(&case.plan, &second, results);
            b_stands.take_in(&case.plan, &second, results);
        }
        whose.resize(member.history.len(), 2);
        let mut forget = |member: &mut MemberDoc, claim: u8| {
            let mut of_each = whose.iter();
            member.history.retain(|_| of_each.next() != Some(&claim));
            whose.retain(|of| *of != claim);
        };

        // A is reversed while B stands; then B is reversed and adjudicated anew without A.
        for result in &a {
            running.reverse(&result.deltas).unwrap();
        }
        member.use_up(&case.plan, &case.claim, &a, u32::checked_sub);
        forget(&mut member, 1);
        assert_eq!(member.history, b_stands.history, "case {}", case.number);
        assert_eq!(
            member.facts.authorizations, b_stands.facts.authorizations,
            "case {}",
            case.number
        );
        if let Ok((results, _)) = &b {
            for result in results {
                running.reverse(&result.deltas).unwrap();
            }
            member.use_up(&case.plan, &second, results, u32::checked_sub);
            forget(&mut member, 2);
        }
        assert_eq!(running, start, "case {}", case.number);
        assert_eq!(member.history, before.history, "case {}", case.number);
        assert_eq!(
            member.facts.authorizations, before.facts.authorizations,
            "case {}",
            case.number
        );
        let again = case.adjudicate(&second, &second.lines, &member, &mut running);
        assert_eq!(running, alone, "case {}", case.number);
        assert_eq!(again, expected, "case {}", case.number);
    });
}

#[test]
fn details_that_say_nothing_change_nothing() {
    over_all_cases(|case| {
        let nothing = Details {
            plan: &PlanDetails::NONE,
            member: &MemberDetails::NONE,
            claim: &ClaimDetails::NONE,
            lines: &[],
        };
        let (plan, member) = (case.plan.plan(), &case.member);
        let claim = case.claim.claim(&case.claim.lines);
        let blank = vec![LineResult::default(); claim.lines.len()];
        let (mut plain, mut other) = (member.accumulators, member.accumulators);
        let (mut without, mut with) = (blank.clone(), blank);
        let services = || member.services();
        let one = adjudicate(
            &plan,
            &claim,
            member.coverage,
            services(),
            &mut plain,
            &mut without,
        );
        let two = adjudicate_with(
            &nothing,
            &plan,
            &claim,
            member.coverage,
            services(),
            &mut other,
            &mut with,
        );
        assert_eq!(two, one, "case {}", case.number);
        assert_eq!(other, plain, "case {}", case.number);
        if one.is_ok() {
            assert_eq!(with, without, "case {}", case.number);
        }
    });
}

/// The short way through gate 6 decides what the long one does.
#[test]
fn a_first_payer_is_missed_either_way() {
    over_all_cases(|case| {
        let Some(first) = case.claim.lines.first() else {
            return;
        };
        // Some of the claim's days, as chance has it: its lines are spread over days around the first one's.
        let from = first.service.date;
        let days = Window {
            from,
            to: from
                .plus_days(u32::try_from(case.number % 5).unwrap())
                .unwrap(),
        };
        let member = MemberDetails {
            other_payer_first: &[days],
            ..MemberDetails::NONE
        };
        let details = Details {
            plan: &PlanDetails::NONE,
            member: &member,
            claim: &ClaimDetails::NONE,
            lines: &[],
        };
        let (plan, member) = (case.plan.plan(), &case.member);
        let claim = case.claim.claim(&case.claim.lines);
        let blank = vec![LineResult::default(); claim.lines.len()];
        let (mut short, mut long) = (member.accumulators, member.accumulators);
        let (mut one, mut two) = (blank.clone(), blank);
        let (coverage, services) = (member.coverage, || member.services());
        let wanted = adjudicate_with(
            &details,
            &plan,
            &claim,
            coverage,
            services(),
            &mut long,
            &mut two,
        );
        let found = adjudicate_slices(
            &Setting {
                plan: &plan,
                submitted: claim.submitted,
                network: claim.network,
                coverage,
                first_payer: Some(days),
            },
            claim.lines,
            services(),
            &mut short,
            &mut one,
        );
        match (found, wanted) {
            (Ok(found), Ok(wanted)) => {
                assert_eq!(found, wanted, "case {}", case.number);
                assert_eq!(short, long, "case {}", case.number);
                for (one, two) in one.iter().zip(&two) {
                    assert_eq!(
                        (one.denial, one.paid, one.adjustments.list(), one.deltas),
                        (two.denial, two.paid, two.adjustments.list(), two.deltas),
                        "case {}",
                        case.number
                    );
                }
            }
            (found, wanted) => assert_eq!(found, wanted, "case {}", case.number),
        }
    });
}
