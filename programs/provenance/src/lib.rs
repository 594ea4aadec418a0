//! Galen's provenance program: a pack is scanned, and one knows. A manufacturer anchors the tree of a batch's packs; partners
//! hand them over in two signed steps; a pharmacy dispenses each once; a recall stops everything at once.
//!
//! What decides is in `galen_rules::provenance` and `galen_rules::merkle`; this program holds the state and checks who may do
//! what. Custody, recalls and dispenses are recorded at places of the tree, and every check takes all places that contain
//! a pack, absent records as the empty accounts at their addresses.
#![forbid(unsafe_code)]

use anchor_lang::prelude::*;

pub mod address;
pub mod authorize;
pub mod check;
pub mod closed;
pub mod cold_chain;
pub mod constants;
pub mod convert;
pub mod error;
pub mod events;
pub mod hashing;
pub mod instructions;
pub mod path;
pub mod record;
pub mod state;
pub mod vault;

use instructions::*;

declare_id!("Bt8ro5i9wY59i5fCSTvtqYKLK33zSKBNcQ1rXGmH8QUE");

#[cfg(feature = "lean-entry")]
galen_entry::entrypoint!(closed::enter);

/// The provenance program.
#[program]
pub mod provenance {
    use super::*;

    /// A manufacturer's operator registers a product.
    pub fn register_product(
        ctx: Context<RegisterProduct>,
        args: RegisterProductArgs,
    ) -> Result<()> {
        instructions::register_product(ctx, args)
    }

    /// A product's owner, or governance, gives it to another manufacturer. Batches stay with whoever registered them.
    pub fn transfer_product(ctx: Context<TransferProduct>) -> Result<()> {
        instructions::transfer_product(ctx)
    }

    /// A manufacturer's operator registers a batch, however many packs it has.
    pub fn register_batch(ctx: Context<RegisterBatch>, args: RegisterBatchArgs) -> Result<()> {
        instructions::register_batch(ctx, args)
    }

    /// A manufacturer's operator opens a page for the dispense bits of some of a batch's packs.
    pub fn open_page(ctx: Context<OpenPage>, args: OpenPageArgs) -> Result<()> {
        instructions::open_page(ctx, args)
    }

    /// Refuses a pack that is not in the batch. Changes nothing: for other programs.
    pub fn verify_pack(ctx: Context<VerifyPack>, args: VerifyPackArgs) -> Result<()> {
        instructions::verify_pack(ctx, args)
    }

    /// A pharmacy's operator dispenses a pack: proof, bit and record.
    pub fn dispense_pack(ctx: Context<DispensePack>, args: DispensePackArgs) -> Result<()> {
        instructions::dispense_pack(ctx, args)
    }

    /// A pharmacy's operator keeps a pack for a claim, which then signs when it is dispensed.
    pub fn reserve_pack(ctx: Context<ReservePack>, args: ReservePackArgs) -> Result<()> {
        instructions::reserve_pack(ctx, args)
    }

    /// A claim has the pack dispensed that is kept for it: the pharmacy's operator and the claim sign, and the reservation stands
    /// for the proof.
    pub fn dispense_reserved(
        ctx: Context<DispenseReserved>,
        args: DispenseReservedArgs,
    ) -> Result<()> {
        instructions::dispense_reserved(ctx, args)
    }

    /// A pharmacy's operator gives a reservation up.
    pub fn cancel_reservation(ctx: Context<CancelReservation>) -> Result<()> {
        instructions::cancel_reservation(ctx)
    }

    /// A pharmacy's operator takes units out of a pack that fills several prescriptions.
    pub fn fill_pack(ctx: Context<FillPack>, args: FillPackArgs) -> Result<()> {
        instructions::fill_pack(ctx, args)
    }

    /// A pharmacy's operator dispenses all of a case or a pallet in one record.
    pub fn dispense_subtree(
        ctx: Context<DispenseSubtree>,
        args: DispenseSubtreeArgs,
    ) -> Result<()> {
        instructions::dispense_subtree(ctx, args)
    }

    /// A pharmacy's operator says that what was dispensed has left the pharmacy.
    pub fn hand_out(ctx: Context<HandOut>) -> Result<()> {
        instructions::hand_out(ctx)
    }

    /// A pharmacy's operator undoes a dispense, under the six conditions.
    pub fn undo_dispense(ctx: Context<UndoDispense>, args: UndoDispenseArgs) -> Result<()> {
        instructions::undo_dispense(ctx, args)
    }

    /// Anybody closes the record of a dispense that can no longer be undone, or a lapsed reservation.
    pub fn close_dispense(ctx: Context<CloseDispense>) -> Result<()> {
        instructions::close_dispense(ctx)
    }

    /// A sender's operator offers to hand something over.
    pub fn offer_shipment(ctx: Context<OfferShipment>, args: OfferShipmentArgs) -> Result<()> {
        instructions::offer_shipment(ctx, args)
    }

    /// A recipient's operator accepts a hand-over, all of it or but for some children.
    pub fn accept_shipment<'info>(
        ctx: Context<'info, AcceptShipment<'info>>,
        args: AcceptShipmentArgs,
    ) -> Result<()> {
        instructions::accept_shipment(ctx, args)
    }

    /// Sender or recipient end a hand-over that is not accepted yet; anybody does once it has lapsed.
    pub fn end_shipment(ctx: Context<EndShipment>, args: EndShipmentArgs) -> Result<()> {
        instructions::end_shipment(ctx, args)
    }

    /// An operator sets aside, releases, destroys or the like.
    pub fn set_status(ctx: Context<SetStatus>, args: SetStatusArgs) -> Result<()> {
        instructions::set_status(ctx, args)
    }

    /// The manufacturer's or a regulator's operator recalls a batch or a part of one.
    pub fn issue_recall(ctx: Context<IssueRecall>, args: IssueRecallArgs) -> Result<()> {
        instructions::issue_recall(ctx, args)
    }

    /// An operator of who issued a recall lifts it.
    pub fn lift_recall(ctx: Context<LiftRecall>, args: LiftRecallArgs) -> Result<()> {
        instructions::lift_recall(ctx, args)
    }

    /// A holder's operator acknowledges a recall: of who is or was a trading partner for the batch.
    pub fn acknowledge_recall(
        ctx: Context<AcknowledgeRecall>,
        args: AcknowledgeRecallArgs,
    ) -> Result<()> {
        instructions::acknowledge_recall(ctx, args)
    }

    /// An operator of who has something registers the device that watches its temperature.
    pub fn register_device(ctx: Context<RegisterDevice>, args: RegisterDeviceArgs) -> Result<()> {
        instructions::register_device(ctx, args)
    }

    /// Anybody records readings that the device has signed. An excursion sets the goods aside by itself.
    pub fn record_readings(ctx: Context<RecordReadings>, args: RecordReadingsArgs) -> Result<()> {
        instructions::record_readings(ctx, args)
    }

    /// Anybody counts the silence of a device that has not reported for a day: a gap is an excursion.
    pub fn count_silence(ctx: Context<CountSilence>, args: CountSilenceArgs) -> Result<()> {
        instructions::count_silence(ctx, args)
    }

    /// Quality of the manufacturer, or a regulator, decides what an excursion means: released or condemned.
    pub fn assess_excursion(
        ctx: Context<AssessExcursion>,
        args: AssessExcursionArgs,
    ) -> Result<()> {
        instructions::assess_excursion(ctx, args)
    }

    /// An operator of who has the goods ends the watch over them; anybody does once the batch need not be kept.
    pub fn end_monitoring(ctx: Context<EndMonitoring>, args: EndMonitoringArgs) -> Result<()> {
        instructions::end_monitoring(ctx, args)
    }

    /// A manufacturer's operator says how scans of a batch's packs are judged.
    pub fn set_scan_policy(ctx: Context<SetScanPolicy>, args: SetScanPolicyArgs) -> Result<()> {
        instructions::set_scan_policy(ctx, args)
    }

    /// A partner's operator reports where a pack was scanned just now; in too many places at once, by the reports of two organisations,
    /// it is suspect.
    pub fn report_scan(ctx: Context<ReportScan>, args: ReportScanArgs) -> Result<()> {
        instructions::report_scan(ctx, args)
    }

    /// Anybody closes the record of a pack's scans that tells nothing any more.
    pub fn close_scan(ctx: Context<CloseScan>) -> Result<()> {
        instructions::close_scan(ctx)
    }

    /// Anybody closes a page once its batch need not be kept any longer.
    pub fn close_page(ctx: Context<ClosePage>) -> Result<()> {
        instructions::close_page(ctx)
    }

    /// Anybody closes the record of a place once its batch need not be kept any longer and its pages are closed.
    pub fn close_node(ctx: Context<CloseNode>) -> Result<()> {
        instructions::close_node(ctx)
    }
    /// Anybody closes a batch once its time is over and its pages are closed; its address stays taken.
    pub fn close_batch(ctx: Context<CloseBatch>) -> Result<()> {
        instructions::close_batch(ctx)
    }

    /// Anybody closes a record that a closed batch has left.
    pub fn close_orphan(ctx: Context<CloseOrphan>) -> Result<()> {
        instructions::close_orphan(ctx)
    }
    /// A manufacturer's operator opens a bond: money out of which insurers get back what they paid for recalled packs.
    pub fn open_bond(ctx: Context<OpenBond>, args: OpenBondArgs) -> Result<()> {
        instructions::open_bond(ctx, args)
    }

    /// Anybody deposits money in a bond.
    pub fn deposit_bond(ctx: Context<DepositBond>, args: DepositBondArgs) -> Result<()> {
        instructions::deposit_bond(ctx, args)
    }

    /// A manufacturer's operator says that a bond covers a batch, and up to how much a pack.
    pub fn cover_batch(ctx: Context<CoverBatch>, args: CoverBatchArgs) -> Result<()> {
        instructions::cover_batch(ctx, args)
    }

    /// A manufacturer's operator announces a withdrawal of a bond that covers no open batch.
    pub fn announce_bond_withdrawal(
        ctx: Context<AnnounceBondWithdrawal>,
        args: AnnounceBondWithdrawalArgs,
    ) -> Result<()> {
        instructions::announce_bond_withdrawal(ctx, args)
    }

    /// A manufacturer's operator withdraws the announcement.
    pub fn cancel_bond_withdrawal(
        ctx: Context<CancelBondWithdrawal>,
        args: CancelBondWithdrawalArgs,
    ) -> Result<()> {
        instructions::cancel_bond_withdrawal(ctx, args)
    }

    /// A manufacturer's operator withdraws what was announced, after the notice.
    pub fn withdraw_bond(ctx: Context<WithdrawBond>) -> Result<()> {
        instructions::withdraw_bond(ctx)
    }
    /// A claim asks back what it paid for a pack that has been recalled for 72 hours: the bond owes it, and pays what there is.
    pub fn recoup_pack(ctx: Context<RecoupPack>, args: RecoupPackArgs) -> Result<()> {
        instructions::recoup_pack(ctx, args)
    }

    /// Anybody has a bond pay what it still owes for a pack.
    pub fn pay_recoupment(ctx: Context<PayRecoupment>) -> Result<()> {
        instructions::pay_recoupment(ctx)
    }
}
