//! The story of a million packs: registered in one transaction, a pallet handed to a wholesaler, a case to a pharmacy, which watches its
//! temperature; one pack is scanned and dispensed, its copy refused; what froze sets itself aside; another pack is dispensed for a claim, which is paid by
//! that; a recall stops what has not been dispensed, and a claim for it.

use std::fmt;
use std::fs::File;
use std::io::{BufWriter, Write};
use std::time::{Duration, Instant};

use galen_rules::gs1::check_digit;
use serde::Serialize;

use super::documents;
use super::purse;
use super::refill::Counter;
use super::stage::{Act, Role, Stage};
use super::story::{address, admit, amount, contract, expect, path, text, House};
use crate::error::{CliError, Result};
use crate::output::money;

/// Packs of the batch.
const PACKS: u32 = 1_000_000;
/// Packs in a case, and cases on a pallet.
const IN_CASE: &str = "48";
const IN_PALLET: &str = "40";
/// The kinds of the two credentials that the regulator gives: trading partner, and reverse distributor.
const TRADING: &str = "1";
const RETURNS: &str = "2";
/// Days of shelf life.
const SHELF_LIFE: u32 = 730;
const LOT: &str = "DEMO1";
/// The pack that is scanned and dispensed, and another of its case.
const SCANNED: u32 = 17;
const NEXT: u32 = 18;
/// The packs that claims are bound to: one is dispensed, one recalled.
const CLAIMED: u32 = 19;
const STOPPED: u32 = 20;
/// A pack of the pallet's second case.
const SET_ASIDE: u32 = 60;
/// The clock is looked at so often, and so long at most, where it cannot be moved.
const LOOK: Duration = Duration::from_millis(200);
const LOOKS: u32 = 300;

/// What the story found, beside its steps.
#[derive(Debug, Serialize)]
pub struct FoundPacks {
    /// The batch, for those who want to look further.
    pub batch: String,
    /// Its leaf file, which proves each pack.
    pub leaves: String,
    /// The picture of the code.
    pub picture: String,
    /// Packs in the batch.
    pub packs: u64,
    /// What registering them cost in fees, in lamports.
    pub fee: u64,
    /// What the second dispense was told.
    pub copy: String,
    /// What the dispense after the recall was told.
    pub recalled: String,
    /// What was paid for the claim whose pack was dispensed, in cents.
    pub paid: u64,
    /// What the claim for a recalled pack was told.
    pub stopped: String,
}

/// The partners of the trade, by their organizations.
pub struct Trade {
    regulator: String,
    manufacturer: String,
    wholesaler: String,
    pharmacy: String,
}

/// The batch and what goes with it.
pub struct Batch {
    /// 14 digits.
    gtin: String,
    /// Its leaf file.
    pub leaves: String,
    /// Its account.
    pub address: String,
    expiry: String,
    fee: u64,
    packs: u64,
    /// A delivery note, a notice: what is written of it is its hash.
    paper: String,
}

/// Organizations, their staff, and the credentials that make them partners.
///
/// # Errors
/// What a command refuses.
pub fn prepare(stage: &mut Stage, house: &House) -> Result<Trade> {
    for role in [
        Role::Regulator,
        Role::Manufacturer,
        Role::Wholesaler,
        Role::Pharmacy,
    ] {
        purse::fill(&stage.cluster, &stage.key(role)?)?;
    }
    let regulator = admit(
        stage,
        Role::Regulator,
        "regulator",
        documents::REGULATOR,
        "issue-credential,recall-batch",
    )?;
    let manufacturer = admit(
        stage,
        Role::Manufacturer,
        "manufacturer",
        documents::MANUFACTURER,
        "manage-batch,hand-over",
    )?;
    let wholesaler = admit(
        stage,
        Role::Wholesaler,
        "wholesaler",
        documents::WHOLESALER,
        "hand-over",
    )?;
    let pharmacy = admit(
        stage,
        Role::Pharmacy,
        "pharmacy",
        documents::PHARMACY,
        "hand-over,dispense-pack,submit-claim",
    )?;
    for (name, subject) in [
        ("manufacturer", &manufacturer),
        ("wholesaler", &wholesaler),
        ("pharmacy", &pharmacy),
    ] {
        let issue = [
            "credential",
            "issue",
            "--issuer",
            &regulator,
            "--subject",
            subject,
            "--kind",
            TRADING,
            "--until",
            "+365d",
        ];
        let title = format!("The regulator makes the {name} a trading partner");
        stage.act(Role::Regulator, &title, &issue)?;
    }
    contract(stage, house, Role::Pharmacy, "pharmacy", &pharmacy)?;
    Ok(Trade {
        regulator,
        manufacturer,
        wholesaler,
        pharmacy,
    })
}

/// Plays the story.
///
/// # Errors
/// `story_broken`, and what a command refuses.
pub fn play(stage: &mut Stage, house: &House, trade: &Trade) -> Result<FoundPacks> {
    stage.now = Act::Packs;
    let batch = register(stage, trade)?;
    deliver(stage, trade, &batch)?;
    keep(stage, trade, &batch)?;
    let (picture, scanned) = scan(stage, &batch)?;
    let copy = dispense(stage, trade, &batch, &scanned)?;
    freeze(stage, trade, &batch)?;
    let counter = Counter::open(stage, house, &trade.pharmacy, &batch)?;
    // Days may have passed since the stories began; a claim with a pack is of the day of the dispense.
    let today = stage.cluster.today()?;
    let claim = counter.bind(stage, &serial(CLAIMED), today)?;
    let paid = counter.pay(stage, &serial(CLAIMED), &claim)?;
    // Of another day: two claims of a member for the same thing on one day would be a duplicate.
    let claim = counter.bind(stage, &serial(STOPPED), today.minus_days(1))?;
    let recalled = recall(stage, trade, &batch)?;
    let stopped = counter.stop(stage, &serial(STOPPED), &claim)?;
    Ok(FoundPacks {
        batch: batch.address,
        leaves: batch.leaves,
        picture,
        packs: batch.packs,
        fee: batch.fee,
        copy,
        recalled,
        paid,
        stopped,
    })
}

/// The tree, the product, the batch, and the page on which its first packs are dispensed.
fn register(stage: &mut Stage, trade: &Trade) -> Result<Batch> {
    let gtin = free_gtin()?;
    let serials = stage.file("serials.txt");
    write_serials(&serials).map_err(|error| {
        let message = format!("{} cannot be written: {error}.", serials.display());
        CliError::new("store_unwritable", message)
    })?;
    let (list, leaves) = (path(serials), path(stage.file("batch.leaves")));
    let started = Instant::now();
    let build = [
        "batch",
        "build",
        &list,
        "--gtin",
        &gtin,
        "--leaves",
        &leaves,
        "--packs-per-case",
        IN_CASE,
        "--cases-per-pallet",
        IN_PALLET,
    ];
    let built = stage.act(
        Role::Manufacturer,
        "Build a tree of 1,000,000 packs",
        &build,
    )?;
    let packs = amount(&built["count"]);
    expect("the number of packs", packs, u64::from(PACKS))?;
    stage.result(format!(
        "{IN_CASE} in a case, {IN_PALLET} cases on a pallet, height {}; {:.1} s",
        built["depth"],
        started.elapsed().as_secs_f64()
    ));
    let product = ["product", "register", &gtin, "--org", &trade.manufacturer];
    stage.act(Role::Manufacturer, "Register the product", &product)?;
    stage.result(format!("GTIN {gtin}"));
    let expiry = stage
        .cluster
        .today()?
        .plus_days(SHELF_LIFE)
        .ok_or_else(|| {
            CliError::new(
                "cluster_odd",
                "The cluster's clock is at the end of the calendar.",
            )
        })?
        .to_string();
    let register = [
        "batch",
        "register",
        &leaves,
        "--org",
        &trade.manufacturer,
        "--lot",
        LOT,
        "--expiry",
        &expiry,
        "--credentials-from",
        &trade.regulator,
        "--trading-kind",
        TRADING,
        "--returns-kind",
        RETURNS,
        "--storage",
        "cold",
        "--location",
        "https://packs.example/DEMO1.leaves",
    ];
    let registered = stage.act(Role::Manufacturer, "Register all of them", &register)?;
    let address = address(&registered)?;
    let (count, fee) = sent(stage);
    expect("the transactions that register the batch", count, 1)?;
    // Thousandths of a lamport: a fee is a few thousand lamports, and there are a million packs.
    let each = fee.saturating_mul(1_000) / packs.max(1);
    stage.result(format!(
        "one transaction, {fee} lamports: 0.{each:03} a pack; to be kept at 2 to 8 degrees, expires {expiry}"
    ));
    let first = serial(0);
    let page = ["batch", "open-page", &address, &leaves, "--serial", &first];
    stage.act(
        Role::Manufacturer,
        "Open the page of the first pallet",
        &page,
    )?;
    stage.result("a bit for each of its packs: dispensed or not".to_owned());
    let paper = path(stage.write("paper.txt", "a delivery note, a notice of recall")?);
    Ok(Batch {
        gtin,
        leaves,
        address,
        expiry,
        fee,
        packs,
        paper,
    })
}

/// A pallet goes to the wholesaler, a case of it on to the pharmacy.
fn deliver(stage: &mut Stage, trade: &Trade, batch: &Batch) -> Result<()> {
    let pallet = offer(batch, "pallet:0", &trade.manufacturer, &trade.wholesaler);
    let case = offer(batch, "case:0", &trade.wholesaler, &trade.pharmacy);
    for (from, to, place, words, titles) in [
        (
            Role::Manufacturer,
            Role::Wholesaler,
            "pallet:0",
            pallet,
            ("Offer the wholesaler a pallet", "The wholesaler accepts it"),
        ),
        (
            Role::Wholesaler,
            Role::Pharmacy,
            "case:0",
            case,
            ("Offer the pharmacy a case of it", "The pharmacy accepts it"),
        ),
    ] {
        stage.act(from, titles.0, &words)?;
        let accept = ["shipment", "accept", &batch.address, place];
        let accepted = stage.act(to, titles.1, &accept)?;
        let status = text(&accepted["account"]["status"])?;
        let custodian = text(&accepted["account"]["custodian"])?;
        let recipient = match to {
            Role::Wholesaler => &trade.wholesaler,
            _ => &trade.pharmacy,
        };
        same("the custodian", &custodian, recipient)?;
        same("the status", &status, "received")?;
        stage.result("in its custody: both have signed".to_owned());
    }
    Ok(())
}

fn offer<'a>(batch: &'a Batch, place: &'a str, from: &'a str, to: &'a str) -> [&'a str; 12] {
    [
        "shipment",
        "offer",
        &batch.address,
        place,
        "--from",
        from,
        "--to",
        to,
        "--within",
        "7d",
        "--documents",
        &batch.paper,
    ]
}

/// A code is printed as a picture and read from it. The picture, and the serial number in it.
fn scan(stage: &mut Stage, batch: &Batch) -> Result<(String, String)> {
    // YYMMDD, as GS1 writes it.
    let digits: String = batch
        .expiry
        .chars()
        .filter(char::is_ascii_digit)
        .skip(2)
        .collect();
    let code = format!(
        "(01){}(17){digits}(10){LOT}(21){}",
        batch.gtin,
        serial(SCANNED)
    );
    let picture = path(stage.file("pack.png"));
    let label = ["pack", "label", &code, "--out", &picture];
    stage.act(Role::Manufacturer, "Print the code of a pack", &label)?;
    stage.result(code);
    let read = stage.act(
        Role::Pharmacy,
        "Scan the picture",
        &["pack", "scan", &picture],
    )?;
    same(
        "the GTIN in the picture",
        &text(&read["gtin"])?,
        &batch.gtin,
    )?;
    same("the lot in the picture", &text(&read["lot"])?, LOT)?;
    let scanned = text(&read["serial"])?;
    same(
        "the serial number in the picture",
        &scanned,
        &serial(SCANNED),
    )?;
    stage.result(format!("the same; serial number {scanned}"));
    Ok((picture, scanned))
}

/// A pack is dispensed, and its copy is not. What the second was told.
fn dispense(stage: &mut Stage, trade: &Trade, batch: &Batch, scanned: &str) -> Result<String> {
    check(stage, &trade.pharmacy, batch, scanned, "sellable")?;
    let dispense = pack("dispense", batch, scanned, &trade.pharmacy);
    let dispensed = stage.act(Role::Pharmacy, "Dispense it", &dispense)?;
    same(
        "the pharmacy of the dispense",
        &text(&dispensed["account"]["pharmacy"])?,
        &trade.pharmacy,
    )?;
    stage.result("proved against the root, and marked on the page".to_owned());
    let refused = stage.refused(
        Role::Pharmacy,
        "Dispense a copy of it",
        &dispense,
        "already_dispensed",
    )?;
    if !refused.message.contains(&trade.pharmacy) {
        let message = format!(
            "The second dispense is not told who was first: {}",
            refused.message
        );
        return Err(CliError::new("story_broken", message));
    }
    let told = refused.message.replace(&trade.pharmacy, "the pharmacy");
    let told = told
        .rsplit_once(". ")
        .map_or(told.as_str(), |(_, last)| last);
    let told = told.split(", at the hand").next().unwrap_or_default();
    stage.result(format!("refused: {told}"));
    Ok(refused.message)
}

/// A logger, where it lies, with whom, and what it reads.
struct Watch<'a> {
    role: Role,
    organization: &'a str,
    place: &'a str,
    /// Of its key and its readings.
    name: &'a str,
    title: &'a str,
    /// How long it reads where the clock can be moved, the readings, and how they are told.
    hours: u32,
    readings: &'a str,
    told: &'a str,
    /// The same in seconds, where it cannot.
    seconds: i64,
    brief: &'a str,
    briefly: &'a str,
}

/// A logger is put at a place and reports. How its readings are told, and the record of the place.
fn watch<'a>(
    stage: &mut Stage,
    batch: &Batch,
    logger: &Watch<'a>,
) -> Result<(&'a str, serde_json::Value)> {
    let key = format!("{}.json", logger.name);
    let device = stage.make_key(&key)?.to_string();
    let keyfile = path(stage.file(&key));
    let register = [
        "cold-chain",
        "register",
        &batch.address,
        logger.place,
        "--org",
        logger.organization,
        "--device",
        &device,
    ];
    let registered = stage.act(logger.role, logger.title, &register)?;
    let begun = registered["account"]["covered_until"].clone();
    let (told, readings) = if stage.pass_hours(logger.hours)? {
        (logger.told, logger.readings)
    } else {
        let end = begun
            .as_i64()
            .unwrap_or_default()
            .saturating_add(logger.seconds);
        wait_until(stage, end)?;
        (logger.briefly, logger.brief)
    };
    let file = format!("{}.csv", logger.name);
    let readings = path(stage.write(&file, &format!("hours,celsius\n{readings}"))?);
    let from = begun.to_string();
    let record = [
        "cold-chain",
        "record",
        &batch.address,
        logger.place,
        &readings,
        "--from",
        &from,
        "--device",
        &keyfile,
    ];
    let title = "It reports, and signs what it reports";
    let recorded = stage.act(logger.role, title, &record)?;
    Ok((told, recorded["account"].clone()))
}

/// The pharmacy's logger reads that the case is kept as it must be: of goods that nobody watches nobody can say so.
fn keep(stage: &mut Stage, trade: &Trade, batch: &Batch) -> Result<()> {
    let logger = Watch {
        role: Role::Pharmacy,
        organization: &trade.pharmacy,
        place: "case:0",
        name: "shelf",
        title: "Put a logger on the case",
        hours: 1,
        readings: "1,4.5\n",
        told: "an hour at 4.5 degrees",
        seconds: 2,
        brief: "0.0003,4.5\n",
        briefly: "a second at 4.5 degrees",
    };
    let (told, watched) = watch(stage, batch, &logger)?;
    let verdict = text(&watched["verdict"])?;
    same("the verdict over the case", &verdict, "labelled")?;
    stage.result(format!("{told}: as the label says"));
    Ok(())
}

/// What its logger has read sets the rest of the pallet aside, and nobody passes it on.
fn freeze(stage: &mut Stage, trade: &Trade, batch: &Batch) -> Result<()> {
    let logger = Watch {
        role: Role::Wholesaler,
        organization: &trade.wholesaler,
        place: "pallet:0",
        name: "logger",
        title: "Put a logger on the rest of the pallet",
        hours: 6,
        readings: "5,4.5\n1,-1.5\n",
        told: "five hours at 4.5, one at -1.5 degrees",
        seconds: 3,
        brief: "0.0003,4.5\n0.0003,-1.5\n",
        briefly: "a second at 4.5, one at -1.5 degrees",
    };
    let (told, watched) = watch(stage, batch, &logger)?;
    let verdict = text(&watched["verdict"])?;
    same("the verdict over the pallet", &verdict, "quarantine")?;
    let reason = text(&watched["reason"])?.replace('_', " ");
    stage.result(format!("{told}: {reason}, and set aside by that"));
    check(
        stage,
        &trade.wholesaler,
        batch,
        &serial(SET_ASIDE),
        "not_sellable",
    )?;
    check(stage, &trade.pharmacy, batch, &serial(NEXT), "sellable")?;
    Ok(())
}

/// The regulator recalls, and the next dispense is refused. What it was told.
fn recall(stage: &mut Stage, trade: &Trade, batch: &Batch) -> Result<String> {
    let issue = [
        "recall",
        "issue",
        &batch.address,
        "batch",
        "--org",
        &trade.regulator,
        "--class",
        "one",
        "--depth",
        "consumer",
        "--notice",
        &batch.paper,
        "--within",
        "3d",
    ];
    stage.act(Role::Regulator, "Recall the batch", &issue)?;
    stage.result("class I, down to the patients; in force at once".to_owned());
    let next = serial(NEXT);
    let dispense = pack("dispense", batch, &next, &trade.pharmacy);
    let title = "Dispense the next pack";
    let refused = stage.refused(Role::Pharmacy, title, &dispense, "recalled")?;
    let told = refused.message.split_once("): ");
    let told = told.map_or(refused.message.as_str(), |(_, told)| told);
    stage.result(format!("refused: {}", told.replace("; ", ", ")));
    Ok(refused.message)
}

/// An organization asks the ledger about a pack, which costs nothing.
fn check(stage: &mut Stage, asker: &str, batch: &Batch, serial: &str, answer: &str) -> Result<()> {
    let title = format!("Ask about {serial}");
    let checked = stage.act(Role::Pharmacy, &title, &pack("check", batch, serial, asker))?;
    same(
        "the answer about a pack",
        &text(&checked["answer"])?,
        answer,
    )?;
    let asked = stage.steps.last().map_or(0, |step| step.lamports);
    expect("what an answer costs", asked, 0)?;
    stage.result(text(&checked["says"])?);
    Ok(())
}

fn pack<'a>(verb: &'a str, batch: &'a Batch, serial: &'a str, by: &'a str) -> [&'a str; 8] {
    [
        "pack",
        verb,
        &batch.address,
        &batch.leaves,
        "--serial",
        serial,
        "--org",
        by,
    ]
}

/// The transactions of the last step, and their fees in lamports.
fn sent(stage: &Stage) -> (u64, u64) {
    stage.steps.last().map_or((0, 0), |step| {
        let fees = step.transactions.iter().map(|receipt| receipt.fee);
        (step.sent, fees.fold(0, u64::saturating_add))
    })
}

/// Waits for the cluster's clock.
fn wait_until(stage: &Stage, moment: i64) -> Result<()> {
    for _ in 0..LOOKS {
        if stage.cluster.unix_time()? >= moment {
            return Ok(());
        }
        std::thread::sleep(LOOK);
    }
    Err(CliError::new(
        "cluster_odd",
        "The cluster's clock stands still.",
    ))
}

/// A GTIN of the range that GS1 keeps for examples (952), new for each run: a product is registered once.
fn free_gtin() -> Result<String> {
    let drawn = getrandom::u32().map_err(|error| {
        CliError::new(
            "no_randomness",
            format!("The system gives no random numbers: {error}."),
        )
    })?;
    let body = format!("0952{:09}", drawn % 1_000_000_000);
    let digit = check_digit(body.as_bytes()).map(char::from);
    Ok(body.chars().chain(digit).collect())
}

fn serial(number: u32) -> String {
    format!("SN{number:08}")
}

fn write_serials(file: &std::path::Path) -> std::io::Result<()> {
    let mut writer = BufWriter::new(File::create(file)?);
    for number in 0..PACKS {
        writeln!(writer, "{}", serial(number))?;
    }
    writer.flush()
}

/// Stops the play where the ledger says something else.
///
/// # Errors
/// `story_broken`.
pub fn same(what: &str, is: &str, should: &str) -> Result<()> {
    if is == should {
        return Ok(());
    }
    let message = format!("Something is wrong with {what}: it is {is} and should be {should}.");
    Err(CliError::new("story_broken", message))
}

impl fmt::Display for FoundPacks {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        write!(
            f,
            "{} packs were registered for {} lamports; two were dispensed, each once, one of them with the claim for it, which was \
             paid {}; a recall stops all others.",
            grouped(self.packs),
            self.fee,
            money(self.paid)
        )
    }
}

/// A number with its thousands apart.
fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_drawn_gtin_is_an_example_with_its_check_digit() {
        let gtin = free_gtin().expect("random numbers");
        assert_eq!((gtin.len(), gtin.starts_with("0952")), (14, true));
        assert!(galen_rules::gs1::has_check_digit(gtin.as_bytes()));
    }

    #[test]
    fn thousands_are_apart() {
        assert_eq!(
            [1, 999, 1_000, 1_000_000].map(grouped),
            ["1", "999", "1,000", "1,000,000"]
        );
    }
}
