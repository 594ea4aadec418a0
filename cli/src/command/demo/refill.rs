//! A claim that is bound to one of the packs, and stopped when that is recalled.

use super::documents;
use super::packs::{same, Batch};
use super::purse;
use super::stage::{Role, Stage};
use super::story::{address, expect, path, text, ticket, House};
use crate::error::Result;

/// For how long the member agrees, and the pack is kept.
const KEPT: &str = "2d";

/// The pharmacy submits a claim that waits for the pack, and keeps the pack for it. The claim.
///
/// # Errors
/// `story_broken`, and what a command refuses.
pub fn bind(
    stage: &mut Stage,
    house: &House,
    pharmacy: &str,
    batch: &Batch,
    serial: &str,
) -> Result<String> {
    let to = ("pharmacy", pharmacy);
    let ticket = ticket(stage, house, documents::MEMBER, to, "refill-ticket.json")?;
    let document = path(stage.write("refill.json", &documents::refill(&house.days))?);
    let submit = [
        "claim",
        "submit",
        "--pool",
        &house.pool,
        "--provider",
        pharmacy,
        "--claim",
        &document,
        "--ticket",
        &ticket,
        "--pack",
        &batch.address,
        "--leaves",
        &batch.leaves,
        "--serial",
        serial,
        "--within",
        KEPT,
    ];
    let submitted = stage.act(Role::Pharmacy, "Bind a claim to a pack", &submit)?;
    let status = text(&submitted["account"]["status"])?;
    same("the status of the claim", &status, "awaits_dispense")?;
    stage.result("it waits for that pack, of which the ledger has a commitment only".to_owned());
    let claim = address(&submitted)?;
    let reserve = [
        "pack",
        "reserve",
        &batch.address,
        &batch.leaves,
        "--serial",
        serial,
        "--org",
        pharmacy,
        "--claim",
        &claim,
        "--within",
        KEPT,
    ];
    let reserved = stage.act(Role::Pharmacy, "Keep the pack for it", &reserve)?;
    same(
        "the record of the pack",
        &text(&reserved["account"]["kind"])?,
        "reserved",
    )?;
    stage.result("nobody else gets it for two days".to_owned());
    Ok(claim)
}

/// The claim is to be paid by the dispense of its pack, which is recalled: neither happens. What it was told.
///
/// # Errors
/// `story_broken`, and what a command refuses.
pub fn stop(
    stage: &mut Stage,
    house: &House,
    batch: &Batch,
    serial: &str,
    claim: &str,
) -> Result<String> {
    let dispense = [
        "claim",
        "dispense",
        claim,
        &batch.address,
        &batch.leaves,
        "--serial",
        serial,
    ];
    let title = "Dispense the pack that the claim waits for";
    let refused = stage.refused(Role::Pharmacy, title, &dispense, "recalled")?;
    let account = purse::token_account(&stage.key(Role::Pharmacy)?, &house.mint);
    let held = purse::cents(&stage.cluster, &account)?;
    expect("what the pharmacy was paid", held, 0)?;
    stage.result("refused, and the claim is not paid: both or neither".to_owned());
    let shown = stage.act(
        Role::Pharmacy,
        "Look at the claim",
        &["claim", "show", claim],
    )?;
    // A look is no step of the story.
    stage.steps.pop();
    same(
        "the status of the claim",
        &text(&shown["status"])?,
        "awaits_dispense",
    )?;
    let release = ["claim", "release", claim];
    stage.act(Role::Pharmacy, "Release the claim from it", &release)?;
    stage.result("a draft again, for another pack".to_owned());
    Ok(refused.message)
}
