//! Which claims are to be adjudicated anew: those that saw what has been taken back since, by the order in which claims were adjudicated.

use std::collections::btree_map::{BTreeMap, Entry};
use std::collections::BTreeSet;

use claims::convert;
use claims::state::{decode_zero_copy, Claim, Family, Member};
use solana_pubkey::Pubkey;

use crate::chain::people;
use crate::chain::text::some_key;
use crate::cluster::Cluster;
use crate::error::Result;

/// What counts the turns of claims: members and their families, each read once.
pub struct Turns<'a> {
    cluster: &'a Cluster,
    members: BTreeMap<Pubkey, Member>,
    families: BTreeMap<Pubkey, Family>,
}

impl<'a> Turns<'a> {
    /// On a cluster.
    pub const fn new(cluster: &'a Cluster) -> Self {
        Self {
            cluster,
            members: BTreeMap::new(),
            families: BTreeMap::new(),
        }
    }

    /// Reads what the turns of these claims are held against, many accounts at a time. Without it they are read one by one.
    ///
    /// # Errors
    /// `cluster_unreachable`.
    pub fn prepare<'c>(&mut self, claims: impl IntoIterator<Item = &'c Claim>) -> Result<()> {
        let adjudicated = claims.into_iter().filter(|claim| claim.is_adjudicated());
        let members: BTreeSet<Pubkey> = adjudicated.map(|claim| claim.member).collect();
        self.members.extend(self.many::<Member>(&members)?);
        let families = self.members.values().map(|member| member.family);
        let families: BTreeSet<Pubkey> = families.filter_map(some_key).collect();
        self.families.extend(self.many::<Family>(&families)?);
        Ok(())
    }

    /// Whether the claim can be adjudicated anew, for it saw what has been taken back since: what `reprocess_claim` asks.
    ///
    /// # Errors
    /// `member_unknown`, `wrong_account`, `cluster_unreachable`.
    pub fn is_flagged(&mut self, claim: &Claim) -> Result<bool> {
        if !claim.is_adjudicated() {
            return Ok(false);
        }
        let member = self.member(claim.member)?;
        // Of a year that is over for good nothing is adjudicated anew.
        let Ok(year) = convert::year_of(claim) else {
            return Ok(false);
        };
        let Some(family) = some_key(member.family) else {
            return Ok(member.keeps(year) && member.turns.is_flagged(claim.turn));
        };
        let family = self.family(family)?;
        let is_kept = member.keeps(year) && family.can_keep(year);
        Ok(is_kept && family.turns.is_flagged(claim.turn))
    }

    /// The account in which the claim's turn was counted: the member's family, else the member.
    ///
    /// # Errors
    /// Those of [`Turns::is_flagged`].
    pub fn counted_in(&mut self, claim: &Claim) -> Result<Pubkey> {
        let member = self.member(claim.member)?;
        Ok(some_key(member.family).unwrap_or(claim.member))
    }

    fn member(&mut self, address: Pubkey) -> Result<Member> {
        Ok(match self.members.entry(address) {
            Entry::Occupied(known) => *known.get(),
            Entry::Vacant(place) => *place.insert(people::member(self.cluster, &address)?),
        })
    }

    fn family(&mut self, address: Pubkey) -> Result<Family> {
        Ok(match self.families.entry(address) {
            Entry::Occupied(known) => *known.get(),
            Entry::Vacant(place) => *place.insert(people::family(self.cluster, &address)?),
        })
    }

    /// Those that can be read; of the others the reader of one account says what is wrong.
    fn many<T: anchor_lang::ZeroCopy>(
        &self,
        addresses: &BTreeSet<Pubkey>,
    ) -> Result<Vec<(Pubkey, T)>> {
        let addresses: Vec<Pubkey> = addresses.iter().copied().collect();
        let accounts = self.cluster.accounts(&addresses)?;
        let read = addresses
            .into_iter()
            .zip(accounts)
            .filter_map(|(address, account)| {
                let account = account.filter(|account| account.owner == claims::ID)?;
                Some((address, decode_zero_copy::<T>(&account.data).ok()?))
            });
        Ok(read.collect())
    }
}
