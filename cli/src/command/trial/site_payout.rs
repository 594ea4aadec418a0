//! What the commands about a site's announced token account have in common.

use std::fmt;

use serde::Serialize;
use solana_pubkey::Pubkey;
use trials::state::{PayoutChange, Site};

use super::read;
use crate::chain::entity::{self, Entity};
use crate::chain::session::Session;
use crate::chain::text::{facts, some_key};
use crate::chain::when::moment;
use crate::config::Settings;
use crate::error::Result;

impl Entity for PayoutChange {
    const NAME: &'static str = "announced token account";
    const HINT: &'static str = "One is announced with `galen trial propose-payout`.";
}

/// A site, the change announced for it, and who signs.
pub struct Announcement<'a> {
    /// The cluster, and who signs.
    pub session: Session<'a>,
    /// The site.
    pub site: Site,
    /// The account of the change.
    pub address: Pubkey,
    /// The change, where there is one.
    pub there: Option<PayoutChange>,
}

impl<'a> Announcement<'a> {
    /// Reads a site and what is announced for it.
    ///
    /// # Errors
    /// `not_found`, `wrong_account`, `cluster_unreachable`.
    pub fn find(site: &Pubkey, settings: &'a Settings) -> Result<Self> {
        let session = Session::open(settings)?;
        let (address, _) = PayoutChange::find_address(site);
        Ok(Self {
            site: read::get(session.cluster(), site)?,
            there: entity::find(session.cluster(), &address)?,
            address,
            session,
        })
    }

    /// The site and what is announced, as they are on the ledger now.
    ///
    /// # Errors
    /// `not_found`, `wrong_account`, `cluster_unreachable`.
    pub fn again(&self, site: &Pubkey) -> Result<PayoutView> {
        let cluster = self.session.cluster();
        let now: Site = read::get(cluster, site)?;
        let there = entity::find(cluster, &self.address)?;
        Ok(PayoutView::of(*site, &now, there.as_ref()))
    }
}

/// Where a site is paid, and what is announced.
#[derive(Debug, Serialize)]
pub struct PayoutView {
    site: String,
    payout: Option<String>,
    announced: Option<String>,
    effective_at: Option<i64>,
}

impl PayoutView {
    /// As it stands on the ledger.
    pub fn of(address: Pubkey, site: &Site, change: Option<&PayoutChange>) -> Self {
        Self {
            site: address.to_string(),
            payout: some_key(site.payout).map(|key| key.to_string()),
            announced: change.map(|change| change.payout.to_string()),
            effective_at: change.map(|change| change.effective_at),
        }
    }
}

impl fmt::Display for PayoutView {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        let or_none = |text: Option<String>| text.unwrap_or_else(|| "none".to_owned());
        facts(
            f,
            &[
                ("Site", self.site.clone()),
                ("Paid at", or_none(self.payout.clone())),
                ("Announced", or_none(self.announced.clone())),
                ("From", or_none(self.effective_at.map(moment))),
            ],
        )
    }
}
