//! Claims to visits as they are on the ledger, and as people and scripts see them.

use std::fmt;
use std::path::Path;

use galen_rules::trial::Bits;
use serde::Serialize;
use solana_pubkey::Pubkey;
use trials::state::{ClaimTurn, VisitClaim};

use super::super::case::Case;
use super::super::parts::day;
use super::super::read::Page;
use super::super::rows::{self, Reason};
use super::super::who::{self, Place, Register};
use crate::chain::entity::{self, Entity};
use crate::chain::text::{facts, hex};
use crate::cluster::Cluster;
use crate::error::Result;

/// Where a claim's cohort stands in its account: after discriminator, version and bump.
const COHORT: usize = 10;

impl Entity for VisitClaim {
    const NAME: &'static str = "claim to a visit";
    const HINT: &'static str = "A visit is claimed with `galen trial visit claim`; `galen trial visit list` lists the claims there are.";
}

/// A milestone of a participant, and the claim to it where there is one.
pub struct Found {
    /// The participant.
    pub place: Place,
    /// The milestone.
    pub milestone: u8,
    /// The account of the claim.
    pub address: Pubkey,
    /// The claim.
    pub claim: Option<VisitClaim>,
}

impl Found {
    /// Finds what a participant's key and a milestone's number name.
    ///
    /// # Errors
    /// `address_invalid`, `address_length`, `milestone_invalid`, `participant_unknown`, `participant_ambiguous`,
    /// `wrong_account`, `cluster_unreachable`.
    pub fn find(case: &Case, participant: &str, milestone: &str) -> Result<Self> {
        let key = who::key(participant, Path::new(""))
            .map_err(|reason| reason.at(None, "participant").into_error())?;
        Self::of(case, &key, milestone)
    }

    /// As [`Found::find`], of the participant with a key.
    ///
    /// # Errors
    /// Those of [`Found::find`].
    pub fn of(case: &Case, key: &Pubkey, milestone: &str) -> Result<Self> {
        let refused = |reason: Reason| reason.at(None, "participant").into_error();
        let milestone = rows::milestone(milestone)
            .map_err(|reason| reason.at(None, "milestone").into_error())?;
        let place = *Register::of(&case.cohorts()?).get(key).map_err(refused)?;
        let (address, _) = VisitClaim::find_address(&place.cohort, place.index, milestone);
        Ok(Self {
            claim: entity::find(case.cluster(), &address)?,
            place,
            milestone,
            address,
        })
    }

    /// The claim, which must be there.
    ///
    /// # Errors
    /// `not_found`, `wrong_account`, `cluster_unreachable`.
    pub fn claim(&self, cluster: &Cluster) -> Result<VisitClaim> {
        match &self.claim {
            Some(claim) => Ok(claim.clone()),
            None => entity::get(cluster, &self.address),
        }
    }

    /// Reads claim and participant anew.
    ///
    /// # Errors
    /// Those of [`Found::find`].
    pub fn again(&self, case: &Case) -> Result<ClaimView> {
        let key = self.place.participant.key;
        let found = Self::of(case, &key, &self.milestone.to_string())?;
        let claim = found.claim(case.cluster())?;
        Ok(ClaimView::of(found.address, &found.place, &claim))
    }
}

/// The claims of a trial's participants, by cohort and address.
///
/// # Errors
/// `cluster_unreachable`, `wrong_account`.
pub fn all(cluster: &Cluster, pages: &[Page]) -> Result<Vec<(Pubkey, VisitClaim, Place)>> {
    let mut found = Vec::new();
    for page in pages {
        let filter = [(COHORT, page.address)];
        for (address, claim) in entity::list::<VisitClaim>(cluster, &filter)? {
            let Some(participant) = page.participants.get(usize::from(claim.index)) else {
                continue;
            };
            let place = Place {
                cohort: page.address,
                site: page.header.site,
                index: claim.index,
                participant: *participant,
            };
            found.push((address, claim, place));
        }
    }
    Ok(found)
}

/// A claim to a visit.
#[derive(Debug, Serialize)]
pub struct ClaimView {
    address: String,
    participant: String,
    cohort: String,
    index: u16,
    milestone: u8,
    visited: Option<String>,
    turn: &'static str,
    until: Option<String>,
    evidence: String,
    payer: String,
}

impl ClaimView {
    /// As it stands on the ledger, with the participant's record: `attested` where the visit was earned in the ordinary way
    /// after all; where the record no longer has the claim open, a countersigner has rejected the visit.
    pub fn of(address: Pubkey, place: &Place, claim: &VisitClaim) -> Self {
        let pending = place.participant.has_claim(claim.milestone);
        let earned = Bits(place.participant.earned).has(claim.milestone);
        let turn = match claim.turn {
            ClaimTurn::Granted => "granted",
            _ if earned => "attested",
            ClaimTurn::Site if pending => "site",
            ClaimTurn::Arbiter if pending => "arbiter",
            _ => "refused",
        };
        Self {
            address: address.to_string(),
            participant: place.participant.key.to_string(),
            cohort: place.cohort.to_string(),
            index: place.index,
            milestone: claim.milestone,
            visited: day(claim.visit_day),
            turn,
            until: day(claim.until),
            evidence: hex(&claim.evidence_digest),
            payer: claim.payer.to_string(),
        }
    }

    /// A line of a table.
    pub fn row(&self) -> [String; 5] {
        [
            self.participant.clone(),
            self.milestone.to_string(),
            self.visited.clone().unwrap_or_else(|| "-".to_owned()),
            self.turn.to_owned(),
            self.until.clone().unwrap_or_else(|| "-".to_owned()),
        ]
    }
}

impl fmt::Display for ClaimView {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        facts(
            f,
            &[
                ("Claim", self.address.clone()),
                ("Participant", self.participant.clone()),
                ("Milestone", self.milestone.to_string()),
                (
                    "Visited on",
                    self.visited
                        .clone()
                        .unwrap_or_else(|| "as the site has attested".to_owned()),
                ),
                ("Waits for", self.turn.to_owned()),
                (
                    "Until",
                    self.until.clone().unwrap_or_else(|| "-".to_owned()),
                ),
                ("Evidence", self.evidence.clone()),
            ],
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use anchor_lang::AccountSerialize;
    use bytemuck::Zeroable;
    use galen_rules::Date;
    use trials::state::{ClaimedVisit, Participant};

    fn claim() -> (Pubkey, VisitClaim) {
        let cohort = Pubkey::new_from_array([3; 32]);
        let claimed = ClaimedVisit {
            cohort,
            index: 0,
            milestone: 2,
            visit: Date::from_days(20_000),
            evidence_digest: [4; 32],
        };
        let today = Date::from_days(20_001).expect("a day");
        let payer = Pubkey::new_from_array([5; 32]);
        let claim = VisitClaim::new(255, &claimed, payer, today, 30).expect("made");
        (cohort, claim)
    }

    #[test]
    fn the_cohort_stands_where_the_filter_looks() {
        let (cohort, claim) = claim();
        let mut bytes = Vec::new();
        claim.try_serialize(&mut bytes).expect("serialized");
        assert_eq!(bytes.get(COHORT..COHORT + 32), Some(cohort.as_ref()));
    }

    #[test]
    fn a_claim_that_the_record_has_dropped_is_refused() {
        let (cohort, claim) = claim();
        let mut place = Place {
            cohort,
            site: cohort,
            index: 0,
            participant: Participant::zeroed(),
        };
        assert_eq!(ClaimView::of(cohort, &place, &claim).turn, "refused");
        place.participant.claimed = 1 << 2;
        assert_eq!(ClaimView::of(cohort, &place, &claim).turn, "site");
        place.participant.earned = 1 << 2;
        assert_eq!(ClaimView::of(cohort, &place, &claim).turn, "attested");
    }
}
