//! Which gates a line passes, worked out apart from the program: by the plan, by the claims that stood before, by what has been waived.

use std::collections::BTreeSet;

use claims::waivers::*;

use super::checks::stands;
use super::known::{attached_by, LACKS_REPORT};
use super::*;

/// Codes of reasons for which a line can be denied by the rulebook (X12 code list 139).
const AUTHORIZATION: [u16; 3] = [15, 197, 198];

/// Reasons for which a line is to be denied, and whether its authorisation is one more.
struct Grounds {
    /// Each of them denies it; which is told depends on the order of the gates.
    reasons: Vec<u16>,
    /// It needs an authorisation, and that is not waived.
    asks_paper: bool,
}

impl Grounds {
    /// Whether a line is rightly denied for this reason.
    fn deny(&self, reason: u16) -> bool {
        let by_paper = self.asks_paper && AUTHORIZATION.contains(&reason);
        self.reasons.contains(&reason) || by_paper
    }

    /// Whether nothing denies it but that it lacks what has to come with it.
    fn lack_report_alone(&self) -> bool {
        self.reasons == [LACKS_REPORT]
    }
}

impl Walk {
    /// What a transaction has decided, line by line.
    pub fn check_decisions(&self, before: &Before) {
        for (n, claim) in self.numbered() {
            let was = before.claim(n);
            // A draft is decided by nobody.
            if was == Some(claim) || claim.received_at == 0 {
                continue;
            }
            self.check_lines(n, claim);
            if let Some(original) = self.filed(n).in_place_of {
                let original_was = before.claim(original);
                self.check_in_place(n, claim, original, original_was.filter(|_| was.is_none()));
            }
            if was.is_none_or(|was| was.pend_reason != claim.pend_reason) {
                self.check_waiting(n, claim, was, before);
            }
            // It has had its turn.
            if stands(claim) && was.is_none_or(|was| was.turn == 0) {
                self.check_gates(n, claim, before);
            }
        }
    }

    /// What holds of the lines of every claim.
    fn check_lines(&self, n: u8, claim: &Claim) {
        assert_eq!(
            claim.totals.charge,
            claim.lines.iter().map(|line| line.charge).sum::<u64>()
        );
        assert_eq!(claim.facts.waived(), self.filed(n).waived);
        let attached: BTreeSet<_> = attached_by(claim.facts.entries()).collect();
        assert_eq!(attached, self.filed(n).attached, "claim {n}");
        for (index, line) in claim.lines.iter().enumerate() {
            assert!(line.paid <= line.allowed && line.allowed <= line.charge);
            let is_plain = entry_of(claim, index).is_none();
            if stands(claim) && is_plain {
                let borne = line.deductible + line.copay + line.coinsurance;
                assert_eq!(line.deductible_delta, line.deductible);
                assert_eq!(line.out_of_pocket_delta, borne);
            }
            if claim.turn == 0 || line.is_denied() {
                let nothing = (line.paid, line.deductible_delta, line.out_of_pocket_delta);
                assert_eq!(nothing, (0, 0, 0));
                assert_eq!(line.tier_delta, 0);
            }
        }
    }

    /// Who stands in another's place has the same lines, and all that was waived; what an appeal has let through, and what had its
    /// authorisation, is not denied for want of that again.
    fn check_in_place(&self, n: u8, claim: &Claim, original: u8, was: Option<&Claim>) {
        let waived = self.filed(original).waived;
        assert_eq!(claim.facts.waived() & waived, waived);
        let Some(was) = was else {
            return;
        };
        assert_eq!(claim.lines.len(), was.lines.len());
        for (line, was) in claim.lines.iter().zip(&was.lines) {
            assert_eq!(
                (line.code_key, line.service_date, line.units, line.charge),
                (was.code_key, was.service_date, was.units, was.charge)
            );
            let had_paper = was.authorization != 0 && !was.is_denied();
            assert!(
                !(had_paper && AUTHORIZATION.contains(&line.denial_reason)),
                "claim {n} in place of {original}: {line:?} was let through by {}",
                was.authorization
            );
        }
    }

    /// Each line of a claim that was just adjudicated is denied where a gate fails, by a reason that there is, and else not.
    fn check_gates(&self, n: u8, claim: &Claim, before: &Before) {
        for (index, line) in claim.lines.iter().enumerate() {
            let grounds = self.grounds(n, claim, index, before);
            let is_right = if line.is_denied() {
                grounds.deny(line.denial_reason)
            } else {
                let has_paper = line.authorization != 0 || !grounds.asks_paper;
                grounds.reasons.is_empty() && has_paper
            };
            let filed = self.filed(n);
            let (reasons, waived) = (&grounds.reasons, filed.waived);
            assert!(
                is_right,
                "claim {n}, line {index}: {line:?}, grounds {reasons:?}, waived {waived:b}"
            );
            let was_decided = claim.course.decider != [0; 8] || filed.in_place_of.is_some();
            assert!(
                was_decided || !grounds.lack_report_alone() || !line.is_denied(),
                "claim {n}, line {index}, was not waited for"
            );
            // Nor is what a person has denied let through by the rulebook when it is filed again.
            assert!(
                was_decided || line.is_denied() || !self.is_denied_before(n, claim, index, before),
                "claim {n}, line {index}, was denied before"
            );
            // Nor what is late on the word of who bills.
            assert!(
                was_decided || line.is_denied() || !self.lateness(n, claim, index).0,
                "claim {n}, line {index}, was late"
            );
        }
    }

    /// Each line of a claim that begins to wait, or to wait for something else, is denied where a gate fails, unless that is the one
    /// for what has to come with it; and a claim waits for that where a line lacks it, and nothing else.
    fn check_waiting(&self, n: u8, claim: &Claim, was: Option<&Claim>, before: &Before) {
        if claim.pend_reason == PendReason::DeniedBefore {
            let mut lines = 0..claim.lines.len();
            assert!(
                lines.any(|index| self.is_denied_before(n, claim, index, before)),
                "nobody has denied what is in claim {n}"
            );
        }
        let for_report = claim.pend_reason == PendReason::AttachmentMissing;
        let is_fresh = was.is_none_or(|was| was.received_at == 0);
        if claim.status != ClaimStatus::Pended || !(for_report || is_fresh) {
            return;
        }
        let mut lacks_report = false;
        for (index, line) in claim.lines.iter().enumerate() {
            let grounds = self.grounds(n, claim, index, before);
            let lacks = grounds.lack_report_alone();
            let is_right = if line.is_denied() {
                grounds.deny(line.denial_reason) && !lacks
            } else {
                let has_paper = line.authorization != 0 || !grounds.asks_paper;
                (lacks || grounds.reasons.is_empty()) && has_paper
            };
            let reasons = &grounds.reasons;
            if for_report && !line.is_denied() {
                assert!(
                    !self.is_suspect(n, claim, index, before) && !self.lateness(n, claim, index).0,
                    "claim {n}, line {index}, is to be looked at"
                );
            }
            assert!(
                is_right,
                "claim {n}, line {index}, waits: {line:?}, grounds {reasons:?}"
            );
            lacks_report |= lacks;
        }
        assert!(lacks_report || !for_report, "claim {n} lacks nothing");
    }

    /// Whether a person has denied a line of the provider and day of this one, in a claim that stands.
    fn is_denied_before(&self, n: u8, claim: &Claim, index: usize, before: &Before) -> bool {
        let day = claim.lines[index].service_date;
        let mut others = (1..).zip(&before.claims).filter_map(|(number, other)| {
            let other = other.as_deref().filter(|_| number != n)?;
            Some((self.filed(number), other))
        });
        others.any(|(filed, other)| {
            let found = if filed.waived & WAIVE_REVIEW == 0 {
                filed.findings[0] | filed.findings[1]
            } else {
                0
            };
            let mut lines = (0..).zip(&other.lines);
            other.status != ClaimStatus::Reversed
                && (other.member, other.provider) == (claim.member, claim.provider)
                && lines.any(|(index, line)| {
                    (filed.denied | found) & 1_u16 << index != 0 && line.service_date == day
                })
        })
    }

    /// Whether another claim that is live has a line of the provider and day of this one.
    fn is_suspect(&self, n: u8, claim: &Claim, index: usize, before: &Before) -> bool {
        let filed = self.filed(n);
        let day = claim.lines[index].service_date;
        let mut others = (1..).zip(&before.claims).filter_map(|(number, other)| {
            let is_other = number != n && filed.in_place_of != Some(number);
            let other = other.as_deref().filter(|_| is_other)?;
            Some((self.filed(number), other))
        });
        filed.waived & WAIVE_HISTORY == 0
            && others.any(|(filed, other)| {
                let mut lines = other.lines.iter();
                is_live(filed, other)
                    && (other.member, other.provider) == (claim.member, claim.provider)
                    && lines.any(|line| !line.is_denied() && line.service_date == day)
            })
    }

    fn grounds(&self, n: u8, claim: &Claim, index: usize, before: &Before) -> Grounds {
        let filed = self.filed(n);
        let waived = |bit| filed.waived & bit != 0;
        let line = &claim.lines[index];
        let date = line.service_date;
        let mut reasons = Vec::new();
        let mut deny_if = |failed: bool, reason| {
            if failed {
                reasons.push(reason);
            }
        };
        let (from, _) = self.start.coverage(filed.person);
        let to = self.covered[filed.person];
        if !waived(WAIVE_COVERAGE) {
            deny_if(date < from, 26);
            deny_if(date > to, 27);
        }
        let filed_after = i32::try_from(claim.received_at / DAY).unwrap() - date;
        deny_if(filed_after < 0, 110);
        let (is_late, is_excused) = self.lateness(n, claim, index);
        deny_if(is_late && !is_excused, 29);
        let first_payer = self.members()[filed.person].other_coverage();
        let comes_first = first_payer.is_some_and(|days| (days.from..=days.to).contains(&date));
        let is_asked = entry_of(claim, index).is_some();
        deny_if(comes_first && !is_asked && !waived(WAIVE_OTHER_PAYER), 22);
        if !waived(WAIVE_REVIEW) {
            let found = |bits: u16| bits & (1 << index) != 0;
            let [not_necessary, level_unsupported] = filed.findings;
            deny_if(found(not_necessary), 50);
            deny_if(found(level_unsupported), 150);
        }
        for reason in self.demanded(n, claim, index) {
            deny_if(true, reason);
        }
        let outside = !claim.in_network && self.start.terms.out_of_network.is_none();
        deny_if(outside, 242);
        let entries = &self.start.fixture().entries;
        let entry = entries.iter().find(|entry| entry.code_key == line.code_key);
        let Some(entry) = entry else {
            deny_if(true, 204);
            return Grounds {
                reasons,
                asks_paper: false,
            };
        };
        let is_covered = entry.flags & BenefitEntry::COVERED != 0;
        deny_if(!is_covered && !waived(WAIVE_EXCLUSION), 204);
        let waits = entry.waiting_days != BenefitEntry::INHERIT
            && (0..i32::from(entry.waiting_days)).contains(&(date - from));
        deny_if(
            waits && !waived(WAIVE_WAITING) && !waived(WAIVE_COVERAGE),
            179,
        );
        let too_many = entry.max_units != 0 && line.units > entry.max_units;
        deny_if(too_many && !waived(WAIVE_UNITS), 151);
        let had = self.had_before(n, claim, index, before);
        if !waived(WAIVE_HISTORY) {
            let too_soon =
                |had: &Had| (0..i32::from(entry.frequency_days)).contains(&(date - had.date));
            deny_if(had.iter().any(too_soon), 151);
        }
        deny_if(
            had.iter().any(|had| {
                had.date == date
                    && had.provider == claim.provider
                    // Within a claim a line is the same as another whatever an appeal waives.
                    && (had.in_claim || !waived(WAIVE_HISTORY))
            }),
            18,
        );
        Grounds {
            reasons,
            asks_paper: entry.flags & BenefitEntry::AUTHORIZATION != 0
                && !waived(WAIVE_AUTHORIZATION),
        }
    }

    /// The services of the code of a line that were live when it was adjudicated.
    fn had_before(&self, n: u8, claim: &Claim, index: usize, before: &Before) -> Vec<Had> {
        let filed = self.filed(n);
        let line = &claim.lines[index];
        let mut had = Vec::new();
        for (number, other) in (1..).zip(&before.claims) {
            let Some(other) = other.as_deref() else {
                continue;
            };
            let is_other = number != n && filed.in_place_of != Some(number);
            if !is_live(self.filed(number), other) || !is_other || other.member != claim.member {
                continue;
            }
            let lines = other.lines.iter().filter(|other| !other.is_denied());
            had.extend(
                lines
                    .filter(|other| other.code_key == line.code_key)
                    .map(|other_line| Had {
                        date: other_line.service_date,
                        provider: other.provider,
                        in_claim: false,
                    }),
            );
        }
        // Lines of a claim are adjudicated by their days, and then as they stand.
        for (place, other) in claim.lines.iter().enumerate() {
            let is_earlier = (other.service_date, place) < (line.service_date, index);
            // What waits for a report has not been let through yet: it is no duplicate's first.
            let is_live = !other.is_denied() && !self.lacks_report(n, claim, place);
            if is_earlier && is_live && other.code_key == line.code_key {
                had.push(Had {
                    date: other.service_date,
                    provider: claim.provider,
                    in_claim: true,
                });
            }
        }
        had
    }
}

/// Whether a claim's lines stand in the member's history, those that are not denied.
fn is_live(filed: &Filed, claim: &Claim) -> bool {
    use ClaimStatus::{NothingDue, Paid, Payable, Pended};
    matches!(claim.status, NothingDue | Paid | Payable | Pended) && filed.entered
}

/// A service that was had before.
struct Had {
    date: i32,
    provider: Pubkey,
    in_claim: bool,
}

/// What another payer has decided about a line of a claim.
fn entry_of(claim: &Claim, index: usize) -> Option<&OtherPayer> {
    let mut entries = claim.other_payers.entries().iter();
    entries.find(|entry| usize::from(entry.line) == index)
}
