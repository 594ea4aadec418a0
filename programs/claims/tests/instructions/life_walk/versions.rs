//! A second version of the plan, with other figures and with details, for services from some day on.

use anchor_lang::prelude::AccountMeta;
use galen_testkit::fixtures::details::DETAILS_OF_PUBLISH;

use super::*;

impl Walk {
    /// `publish_plan_version` of the next one, for services of some weeks from tomorrow on.
    pub fn publish(&mut self) -> Instruction {
        let start = Rc::clone(&self.start);
        let later = i32::try_from(self.dice.below(20)).unwrap();
        let from = self.today() + 1 + later;
        self.change = Some(Change::Published { from });
        let mut publish = start.fixture().publish_by(
            &self.world,
            start.next_terms.clone(),
            start.clocks,
            start.checks,
            from,
        );
        publish.accounts[DETAILS_OF_PUBLISH] = AccountMeta::new_readonly(start.next_details, false);
        publish
    }

    /// The version by which services of a day go.
    pub fn version_on(&self, day: i32) -> Pubkey {
        match self.published {
            Some(from) if day >= from => self.start.next_version,
            _ => self.start.fixture().plan_version,
        }
    }

    /// The terms of a claim's version.
    pub fn terms_of(&self, claim: &Claim) -> &PlanTerms {
        if claim.plan_version == self.start.next_version {
            &self.start.next_terms
        } else {
            &self.start.terms
        }
    }

    /// Puts, wherever a plan version is named, that of the claim that is there already; else that of the new claim's days.
    pub fn go_by_version(&self, instructions: &mut [Instruction]) {
        let first = self.start.fixture().plan_version;
        for instruction in instructions {
            let accounts = &mut instruction.accounts;
            let named: Vec<Pubkey> = accounts.iter().map(|meta| meta.pubkey).collect();
            // What publishes the next version names both as they are: then there is one only.
            if self.published.is_none() || !named.contains(&first) {
                continue;
            }
            let mut known = self.numbered().filter(|(n, claim)| {
                let provider = self.filed(*n).provider;
                let address = self.start.way(provider, 0).claim(*n);
                claim.received_at != 0 && named.contains(&address)
            });
            let version = known
                .next()
                .map_or(self.version, |(_, claim)| claim.plan_version);
            // The first version asks for no details.
            if version != self.start.next_version {
                accounts.retain(|meta| meta.pubkey != self.start.next_details);
            }
            for meta in accounts.iter_mut().filter(|meta| meta.pubkey == first) {
                meta.pubkey = version;
            }
        }
    }
}
