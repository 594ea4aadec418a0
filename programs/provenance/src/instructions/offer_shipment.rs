use anchor_lang::prelude::*;
use anchor_lang::Discriminator;
use galen_rules::merkle::{Level, Subtree};
use galen_rules::provenance::{is_return, may_move, may_send, Action, Recall, Recipient, Side};
use registry::state::{Credential, Operator, Organization, OrganizationKind, Permission};

use crate::address::{view_mut, Birth};
use crate::authorize::{self, Partner};
use crate::convert::Place;
use crate::error::ProvenanceError;
use crate::events::ShipmentOffered;
use crate::path::{self, Path};
use crate::record;
use crate::state::shipment::Parties;
use crate::state::{Batch, BatchPage, Custody, Shipment, ShipmentTerms};

/// Arguments of `offer_shipment`.
#[derive(AnchorSerialize, AnchorDeserialize, Clone, Debug)]
pub struct OfferShipmentArgs {
    /// What is handed over.
    pub place: Place,
    /// How.
    pub terms: ShipmentTerms,
}

/// Accounts of `offer_shipment`.
#[event_cpi]
#[derive(Accounts)]
pub struct OfferShipment<'info> {
    /// The sender's operator. Pays the rent of the shipment, refunded when it ends, and of the place's record.
    #[account(mut)]
    pub operator: Signer<'info>,
    /// The operator's record at the sender.
    pub operator_record: Box<Account<'info, Operator>>,
    /// The sender.
    pub sender: Box<Account<'info, Organization>>,
    /// The credential that makes it a trading partner.
    pub credential: Box<Account<'info, Credential>>,
    /// The recipient.
    pub recipient: Box<Account<'info, Organization>>,
    /// The credential that makes the recipient a trading partner, or a reverse distributor.
    pub recipient_credential: Box<Account<'info, Credential>>,
    /// The batch.
    pub batch: AccountLoader<'info, Batch>,
    /// The page of a pack; left out for anything else.
    pub page: Option<AccountLoader<'info, BatchPage>>,
    /// CHECK: the record of the place, made where it is absent; its address is checked then.
    #[account(mut)]
    pub node: UncheckedAccount<'info>,
    /// CHECK: the record of the case above, or the empty account at its address; left out where the place is not below a case.
    pub case_above: Option<UncheckedAccount<'info>>,
    /// CHECK: the record of the pallet above, or the empty account at its address; left out where the place is not below a
    /// pallet.
    pub pallet_above: Option<UncheckedAccount<'info>>,
    /// CHECK: the record of the batch; left out where the place is the batch itself.
    pub batch_above: Option<UncheckedAccount<'info>>,
    /// CHECK: the shipment to be created; its address is checked then.
    #[account(mut)]
    pub shipment: UncheckedAccount<'info>,
    /// The system program.
    pub system_program: Program<'info, System>,
}

impl OfferShipment<'_> {
    /// Checks who hands over what to whom. Returns the custody once it is offered, and whether it is a return.
    fn validate(&self, place: Subtree, terms: &ShipmentTerms, now: i64) -> Result<(Custody, bool)> {
        let sender = self.sender.key();
        let recipient = self.recipient.key();
        authorize::staff(
            &self.sender,
            &self.operator_record,
            &self.operator.key(),
            Permission::HandOver,
            now,
        )?;
        require!(
            self.recipient.is_active(),
            ProvenanceError::OrganizationNotActive
        );
        let batch = self.batch.load()?;
        let batch_key = self.batch.key();
        let from = authorize::partner(&batch, &sender, &self.credential, now)?;
        let to = authorize::partner(&batch, &recipient, &self.recipient_credential, now)?;
        let infos = path::infos(
            place,
            &self.node,
            [
                self.case_above.as_ref(),
                self.pallet_above.as_ref(),
                self.batch_above.as_ref(),
            ],
        )?;
        let path = Path::read(&batch_key, batch.layout()?, place, infos)?;
        let custody = path.custody()?;
        require_keys_eq!(custody.custodian, sender, ProvenanceError::NotCustodian);
        require!(
            !terms.is_sale || custody.owner == sender,
            ProvenanceError::NotOwner
        );
        match (place.level, &self.page) {
            (Level::Pack, page) => require!(
                !record::is_marked(page.as_ref(), &batch_key, place.index)?,
                ProvenanceError::AlreadyDispensed
            ),
            (_, Some(_)) => return Err(ProvenanceError::RecordNotNeeded.into()),
            (_, None) => {}
        }
        let recalls = path::recalls(infos)?;
        require_may_go(&recalls, &batch.manufacturer, to, &recipient)?;
        let sides = [(from, &self.sender), (to, &self.recipient)];
        let [from, to] = sides.map(|(as_what, party)| side(as_what, party.kind));
        let is_back = recipient == batch.manufacturer
            || recalls
                .iter()
                .any(|recall| recall.issuer == recipient.to_bytes());
        require!(
            may_send(from, to, is_back),
            ProvenanceError::TakenBackMustReturn
        );
        let is_return = terms.is_return || is_return(from, to);
        Ok((custody.after(Action::Ship, sender)?, is_return))
    }
}

/// As what a party of a hand-over acts: by the credential that it shows, and by what it is.
const fn side(as_what: Partner, kind: OrganizationKind) -> Side {
    match (as_what, kind) {
        (Partner::ReverseDistributor, _) => Side::ReverseDistributor,
        (Partner::Trading, OrganizationKind::Pharmacy | OrganizationKind::Provider) => {
            Side::Dispenser
        }
        (Partner::Trading, _) => Side::Trader,
    }
}

/// Refuses to move goods under these recalls anywhere but back to who recalled or made them, or to a reverse distributor.
///
/// # Errors
/// `RecalledMustReturn`.
pub(crate) fn require_may_go(
    recalls: &[Recall],
    manufacturer: &Pubkey,
    as_what: Partner,
    recipient: &Pubkey,
) -> Result<()> {
    let to = match as_what {
        Partner::ReverseDistributor => Recipient::ReverseDistributor,
        Partner::Trading => Recipient::Organization(recipient.to_bytes()),
    };
    require!(
        may_move(recalls, &manufacturer.to_bytes(), to),
        ProvenanceError::RecalledMustReturn
    );
    Ok(())
}

/// See [`crate::provenance::offer_shipment`].
pub fn offer_shipment(ctx: Context<OfferShipment>, args: OfferShipmentArgs) -> Result<()> {
    let now = Clock::get()?.unix_timestamp;
    let accounts = &*ctx.accounts;
    let place = args.place.within(accounts.batch.load()?.layout()?)?;
    let (custody, is_return) = accounts.validate(place, &args.terms, now)?;
    // What goes back up the trade is a return, whatever its sender calls it.
    let terms = ShipmentTerms {
        is_return,
        ..args.terms
    };
    let parties = Parties {
        batch: accounts.batch.key(),
        place,
        sender: accounts.sender.key(),
        recipient: accounts.recipient.key(),
        payer: accounts.operator.key(),
    };
    let birth = Birth {
        payer: accounts.operator.as_ref(),
        batch: &accounts.batch,
        system_program: accounts.system_program.as_ref(),
    };
    record::ensure_node(&birth, &accounts.node, place)?;
    record::change_node(&accounts.node, &parties.batch, place, |node| {
        node.hold(&custody, now)
    })?;
    birth.make(
        &accounts.shipment,
        &Shipment::seed(place),
        Shipment::SIZE,
        Shipment::DISCRIMINATOR,
    )?;
    let accept_by = {
        let mut data = accounts.shipment.try_borrow_mut_data()?;
        let shipment: &mut Shipment = view_mut(&mut data)?;
        shipment.begin(&parties, &terms, now)?;
        shipment.invariant()?;
        shipment.accept_by
    };

    galen_entry::emit!(ctx => ShipmentOffered {
        batch: parties.batch,
        place: args.place,
        sender: parties.sender,
        recipient: parties.recipient,
        is_sale: args.terms.is_sale,
        is_return,
        documents: args.terms.documents,
        accept_by,
    });
    Ok(())
}
