//! Claims that are bound to packs: one is paid by dispensing its pack, the other stopped when its pack is recalled.

use galen_rules::Date;

use super::documents;
use super::packs::{same, Batch};
use super::purse;
use super::stage::{Role, Stage};
use super::story::{address, amount, expect, path, text, ticket, House};
use crate::error::Result;
use crate::output::money;

/// For how long the member agrees, and the pack is kept.
const KEPT: &str = "2d";

/// The pharmacy's counter.
pub struct Counter<'a> {
    house: &'a House,
    pharmacy: &'a str,
    batch: &'a Batch,
    /// The insurer's word for the member, as a file.
    ticket: String,
}

impl<'a> Counter<'a> {
    /// Has the insurer vouch for the member.
    ///
    /// # Errors
    /// What a command refuses.
    pub fn open(
        stage: &mut Stage,
        house: &'a House,
        pharmacy: &'a str,
        batch: &'a Batch,
    ) -> Result<Self> {
        let to = ("pharmacy", pharmacy);
        let ticket = ticket(stage, house, documents::MEMBER, to, "refill-ticket.json")?;
        Ok(Self {
            house,
            pharmacy,
            batch,
            ticket,
        })
    }

    /// Submits a claim of `day` that waits for the pack with this serial number, and keeps the pack for it. The claim.
    ///
    /// # Errors
    /// `story_broken`, and what a command refuses.
    pub fn bind(&self, stage: &mut Stage, serial: &str, day: Date) -> Result<String> {
        let name = format!("refill-{serial}.json");
        let document = path(stage.write(&name, &documents::refill(day))?);
        let submit = [
            "claim",
            "submit",
            "--pool",
            &self.house.pool,
            "--provider",
            self.pharmacy,
            "--claim",
            &document,
            "--ticket",
            &self.ticket,
            "--pack",
            &self.batch.address,
            "--leaves",
            &self.batch.leaves,
            "--serial",
            serial,
            "--within",
            KEPT,
        ];
        let title = format!("Bind a claim to {serial}");
        let submitted = stage.act(Role::Pharmacy, &title, &submit)?;
        let status = text(&submitted["account"]["status"])?;
        same("the status of the claim", &status, "awaits_dispense")?;
        stage
            .result("it waits for that pack, of which the ledger has a commitment only".to_owned());
        let claim = address(&submitted)?;
        let reserve = [
            "pack",
            "reserve",
            &self.batch.address,
            &self.batch.leaves,
            "--serial",
            serial,
            "--org",
            self.pharmacy,
            "--claim",
            &claim,
            "--within",
            KEPT,
        ];
        let reserved = stage.act(Role::Pharmacy, "Keep the pack for it", &reserve)?;
        let kind = text(&reserved["account"]["kind"])?;
        same("the record of the pack", &kind, "reserved")?;
        stage.result("nobody else gets it for two days".to_owned());
        Ok(claim)
    }

    /// The claim is adjudicated, its pack dispensed and paid, at once. What was paid, in cents.
    ///
    /// # Errors
    /// `story_broken`, and what a command refuses.
    pub fn pay(&self, stage: &mut Stage, serial: &str, claim: &str) -> Result<u64> {
        let title = format!("Dispense {serial} for the claim");
        let dispensed = stage.act(Role::Pharmacy, &title, &self.dispense(serial, claim))?;
        let status = text(&dispensed["account"]["status"])?;
        same("the status of the claim", &status, "paid")?;
        let paid = amount(&dispensed["account"]["totals"]["paid"]);
        expect("what the plan paid", paid, documents::REFILL_PAID)?;
        expect("what the pharmacy was paid", self.held(stage)?, paid)?;
        stage.result(format!(
            "adjudicated, dispensed and {} paid by one transaction",
            money(paid)
        ));
        Ok(paid)
    }

    /// The claim is to be paid by the dispense of its pack, which is recalled: neither happens. What it was told.
    ///
    /// # Errors
    /// `story_broken`, and what a command refuses.
    pub fn stop(&self, stage: &mut Stage, serial: &str, claim: &str) -> Result<String> {
        let before = self.held(stage)?;
        let title = format!("Dispense {serial} for its claim");
        let dispense = self.dispense(serial, claim);
        let refused = stage.refused(Role::Pharmacy, &title, &dispense, "recalled")?;
        expect("what the pharmacy was paid", self.held(stage)?, before)?;
        stage.result("refused, and the claim is not paid: both or neither".to_owned());
        let show = ["claim", "show", claim];
        let shown = stage.act(Role::Pharmacy, "Look at the claim", &show)?;
        // A look is no step of the story.
        stage.steps.pop();
        let status = text(&shown["status"])?;
        same("the status of the claim", &status, "awaits_dispense")?;
        let release = ["claim", "release", claim];
        stage.act(Role::Pharmacy, "Release the claim from it", &release)?;
        stage.result("a draft again, for another pack".to_owned());
        Ok(refused.message)
    }

    fn dispense<'b>(&'b self, serial: &'b str, claim: &'b str) -> [&'b str; 7] {
        let (batch, leaves) = (&self.batch.address, &self.batch.leaves);
        [
            "claim", "dispense", claim, batch, leaves, "--serial", serial,
        ]
    }

    /// What the pharmacy holds, in cents.
    fn held(&self, stage: &Stage) -> Result<u64> {
        let account = purse::token_account(&stage.key(Role::Pharmacy)?, &self.house.mint);
        purse::cents(&stage.cluster, &account)
    }
}
