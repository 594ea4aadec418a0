//! Gets claims to the ledger, in waves: what stands there decides what is still to be sent.

use std::collections::{BTreeSet, VecDeque};
use std::time::Duration;

use indicatif::ProgressBar;
use solana_pubkey::Pubkey;

use super::desk::Desk;
use super::order::Order;
use super::standing::{self, Standing};
use crate::command::claim::filing::Part;
use crate::command::claim::view::Status;
use crate::error::{CliError, Result};
use crate::send::{Draft, SUBMIT_CLAIMS};

/// Claims that are under way together.
const WAVE: usize = 128;
/// Waves in which nothing lands after which the rest is given up.
const IDLE_WAVES: u32 = 3;
/// What became of a transaction where another attempt can do better: it never arrived, or what it makes is there by now.
const TRANSIENT: [&str; 3] = ["expired", "blockhash_unknown", "account_exists"];
/// How long to wait after a wave in which nothing moved.
const PAUSE: Duration = Duration::from_millis(500);

/// What became of a claim.
pub struct Fate {
    /// How it stands on the ledger now.
    pub standing: Standing,
    /// Transactions that brought it there, of this run or as the journal remembers them.
    pub signatures: Vec<String>,
    /// Whether this run brought it there.
    pub filed: bool,
    /// Why it did not get there.
    pub error: Option<CliError>,
}

/// How the claims stand before anything is sent.
///
/// # Errors
/// `cluster_unreachable`, `wrong_account`.
pub fn look(desk: &Desk, orders: &[Order]) -> Result<Vec<Fate>> {
    let addresses: Vec<Pubkey> = orders.iter().map(|order| order.address).collect();
    let standings = standing::read(desk.session.cluster(), &addresses)?;
    Ok(orders
        .iter()
        .zip(standings)
        .map(|(order, standing)| Fate {
            standing,
            signatures: order.entry.signature.iter().cloned().collect(),
            filed: false,
            error: None,
        })
        .collect())
}

/// Sends what is missing, each member's claims in the file's order.
///
/// # Errors
/// `cluster_unreachable`, `undecided`, `store_damaged`. What one claim is refused for stands in its fate.
pub fn deliver(
    desk: &Desk,
    orders: &mut [Order],
    fates: &mut [Fate],
    bar: &ProgressBar,
) -> Result<()> {
    let mut queue: VecDeque<usize> = (0..)
        .zip(fates.iter())
        .filter(|(_, fate)| !fate.standing.has_landed())
        .map(|(index, _)| index)
        .collect();
    let mut idle = 0;
    while !queue.is_empty() {
        let member = |index: usize| {
            orders
                .get(index)
                .map(|order| order.parties.member_address)
                .unwrap_or_default()
        };
        let wave = next_wave(&mut queue, member, WAVE);
        send(desk, orders, fates, &wave)?;
        let (again, moved) = settle(desk, orders, fates, &wave)?;
        bar.inc(wave.len().saturating_sub(again.len()) as u64);
        idle = if moved || again.is_empty() {
            0
        } else {
            idle + 1
        };
        if idle >= IDLE_WAVES {
            idle = 0;
            bar.inc(again.len() as u64);
            continue;
        }
        if idle > 0 {
            std::thread::sleep(PAUSE);
        }
        // In front, so that a member's later claims still come after.
        again
            .into_iter()
            .rev()
            .for_each(|index| queue.push_front(index));
    }
    Ok(())
}

/// The next claims that can be under way together: in the order of the queue, one of each member, because the order in
/// which a member's claims are adjudicated decides what each is paid.
fn next_wave(
    queue: &mut VecDeque<usize>,
    member: impl Fn(usize) -> Pubkey,
    most: usize,
) -> Vec<usize> {
    let mut wave = Vec::new();
    let mut members = BTreeSet::new();
    let mut later = VecDeque::new();
    while let Some(index) = queue.pop_front() {
        if wave.len() == most {
            later.push_back(index);
            break;
        }
        match members.insert(member(index)) {
            true => wave.push(index),
            false => later.push_back(index),
        }
    }
    later.append(queue);
    *queue = later;
    wave
}

/// Sends the transactions of a wave: the first of each claim together, then the second of those that have one.
fn send(desk: &Desk, orders: &[Order], fates: &mut [Fate], wave: &[usize]) -> Result<()> {
    let ledger = &desk.session.ledger;
    let mut open = Vec::with_capacity(wave.len());
    for index in wave {
        let (Some(order), Some(fate)) = (orders.get(*index), fates.get_mut(*index)) else {
            continue;
        };
        // Of an earlier attempt.
        fate.error = None;
        let draft = match &fate.standing {
            Standing::Draft(draft) => Some(draft.as_ref()),
            _ => None,
        };
        let filing = order.filing(desk);
        let parts = filing.parts(draft, |instructions| ledger.fits(instructions))?;
        open.push((*index, filing, VecDeque::from(parts)));
    }
    loop {
        open.retain(|(index, _, parts)| {
            let failed = fates.get(*index).is_some_and(|fate| fate.error.is_some());
            !parts.is_empty() && !failed
        });
        if open.is_empty() {
            return Ok(());
        }
        let now: Vec<(usize, Part)> = open
            .iter_mut()
            .filter_map(|(index, _, parts)| Some((*index, parts.pop_front()?)))
            .collect();
        let drafts: Vec<Draft> = open
            .iter()
            .zip(&now)
            .map(|((_, filing, _), (_, part))| Draft {
                instructions: part.instructions.clone(),
                signers: filing.signer(part).into_iter().collect(),
                limit: ledger.unpriced_limit(&part.instructions),
            })
            .collect();
        let sent = ledger.send_each(SUBMIT_CLAIMS, &drafts, |_| {})?;
        for ((index, _), outcome) in now.iter().zip(sent) {
            if let Some(fate) = fates.get_mut(*index) {
                match outcome {
                    Ok(signature) => fate.signatures.push(signature),
                    Err(error) => fate.error = Some(error),
                }
            }
        }
    }
}

/// Reads how a wave's claims stand and notes it; answers which are to be sent once more, and whether any has come further.
fn settle(
    desk: &Desk,
    orders: &mut [Order],
    fates: &mut [Fate],
    wave: &[usize],
) -> Result<(Vec<usize>, bool)> {
    let addresses: Vec<Pubkey> = wave
        .iter()
        .filter_map(|index| orders.get(*index).map(|order| order.address))
        .collect();
    let standings = standing::read(desk.session.cluster(), &addresses)?;
    let scope = desk.scope();
    let mut again = Vec::new();
    let mut moved = false;
    desk.session.ledger.store.together(|store| {
        for (index, standing) in wave.iter().zip(standings) {
            let (Some(order), Some(fate)) = (orders.get_mut(*index), fates.get_mut(*index)) else {
                continue;
            };
            let further = standing.progress() > fate.standing.progress();
            fate.standing = standing;
            moved |= further;
            if fate.standing.has_landed() {
                // Whatever was refused here: somebody else was quicker with the same claim.
                fate.filed = fate.error.take().is_none();
                if let Standing::Claim(claim, _) = &fate.standing {
                    order.entry.status = Status::from(claim.status).to_string();
                }
                order.entry.signature = fate.signatures.last().cloned();
                store.note_claim(&order.hash, &scope, &order.entry)?;
                continue;
            }
            let error = fate.error.get_or_insert_with(|| {
                let message = "It has not got to the ledger; run the command again.";
                CliError::new("expired", message)
            });
            // Where a draft has grown meanwhile, somebody else is at it, and the refusal was of what is done by now.
            if further || TRANSIENT.contains(&error.code.as_str()) {
                again.push(*index);
            }
        }
        Ok(())
    })?;
    Ok((again, moved))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wave_has_one_claim_of_each_member_in_the_files_order() {
        // Claims 0 to 6, of members 1, 1, 2, 1, 3, 2, 4.
        let members = [1, 1, 2, 1, 3, 2, 4];
        let member = |index: usize| Pubkey::new_from_array([members[index]; 32]);
        let mut queue: VecDeque<usize> = (0..7).collect();
        let mut waves = Vec::new();
        while !queue.is_empty() {
            waves.push(next_wave(&mut queue, member, 3));
        }
        assert_eq!(waves, [vec![0, 2, 4], vec![1, 5, 6], vec![3]]);
    }
}
