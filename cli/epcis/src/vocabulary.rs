//! Words of the Core Business Vocabulary and the GS1 Web Vocabulary, which JSON-LD documents write bare.
//!
//! Lists of terms from CBV 2.0 and the EPCIS 2.0 context.

use std::collections::BTreeSet;

use serde_json::Value;

const CBV: &str = "https://ref.gs1.org/cbv";
const WEB: &str = "https://gs1.org/voc";

/// Business steps (CBV 2.0, 7.1.2).
#[rustfmt::skip]
const BIZ_STEPS: &[&str] = &[
    "accepting", "arriving", "assembling", "collecting", "commissioning", "consigning",
    "creating_class_instance", "cycle_counting", "decommissioning", "departing", "destroying", "disassembling",
    "dispensing", "encoding", "entering_exiting", "holding", "inspecting", "installing", "killing", "loading",
    "other", "packing", "picking", "receiving", "removing", "repackaging", "repairing", "replacing",
    "reserving", "retail_selling", "sampling", "sensor_reporting", "shipping", "staging_outbound",
    "stock_taking", "stocking", "storing", "transporting", "unloading", "unpacking", "void_shipping",
];

/// Dispositions (CBV 2.0, 7.2.2).
#[rustfmt::skip]
const DISPOSITIONS: &[&str] = &[
    "active", "available", "completeness_verified", "completeness_inferred", "conformant", "container_closed",
    "container_open", "damaged", "destroyed", "dispensed", "disposed", "encoded", "expired", "in_progress",
    "in_transit", "inactive", "mismatch_instance", "mismatch_class", "mismatch_quantity", "needs_replacement",
    "no_pedigree_match", "non_conformant", "non_sellable_other", "partially_dispensed", "recalled", "reserved",
    "retail_sold", "returned", "sellable_accessible", "sellable_not_accessible", "stolen", "unavailable",
    "unknown",
];

/// Business transaction types (CBV 2.0, 7.3.2).
#[rustfmt::skip]
const TRANSACTIONS: &[&str] = &[
    "bol", "cert", "desadv", "inv", "pedigree", "po", "poc", "prodorder", "recadv", "rma", "testprd", "testres",
    "upevt",
];

/// Source and destination types (CBV 2.0, 7.4.2).
#[rustfmt::skip]
const PARTIES: &[&str] = &[
    "owning_party", "possessing_party", "location",
];

/// Measurement types (GS1 Web Vocabulary).
#[rustfmt::skip]
const MEASUREMENTS: &[&str] = &[
    "AbsoluteHumidity", "AbsorbedDose", "AbsorbedDoseRate", "Acceleration", "Radioactivity", "Altitude",
    "AmountOfSubstance", "AmountOfSubstancePerUnitVolume", "Angle", "AngularAcceleration", "AngularMomentum",
    "AngularVelocity", "Area", "Capacitance", "Conductance", "Conductivity", "Count", "Density",
    "Dimensionless", "DoseEquivalent", "DoseEquivalentRate", "DynamicViscosity", "ElectricCharge",
    "ElectricCurrent", "ElectricCurrentDensity", "ElectricFieldStrength", "Energy", "Exposure", "Force",
    "Frequency", "Illuminance", "Inductance", "Irradiance", "KinematicViscosity", "Length", "LinearMomentum",
    "Luminance", "LuminousFlux", "LuminousIntensity", "MagneticFlux", "MagneticFluxDensity",
    "MagneticVectorPotential", "Mass", "MassConcentration", "MassFlowRate", "MassPerAreaTime", "MemoryCapacity",
    "MolalityOfSolute", "MolarEnergy", "MolarMass", "MolarVolume", "Power", "Pressure", "RadiantFlux",
    "RadiantIntensity", "RelativeHumidity", "Resistance", "Resistivity", "SolidAngle", "SpecificVolume",
    "Speed", "SurfaceDensity", "SurfaceTension", "Temperature", "Time", "Torque", "Voltage", "Volume",
    "VolumeFlowRate", "VolumeFraction", "VolumetricFlux", "Wavenumber",
];

/// Sensor alerts (GS1 Web Vocabulary).
#[rustfmt::skip]
const EXCEPTIONS: &[&str] = &[
    "ALARM_CONDITION", "ERROR_CONDITION",
];

/// Sensor components (CBV 2.0, 7.7).
#[rustfmt::skip]
const COMPONENTS: &[&str] = &[
    "x", "y", "z", "axial_distance", "azimuth", "height", "spherical_radius", "polar_angle", "elevation_angle",
    "easting", "northing", "latitude", "longitude", "altitude",
];

/// Error reasons (CBV 2.0, 7.5.2).
#[rustfmt::skip]
const REASONS: &[&str] = &[
    "did_not_occur", "incorrect_data",
];

/// A word of GS1's vocabularies without what stands in front of it: `shipping` of
/// `https://ref.gs1.org/cbv/BizStep-shipping`; any other text as it is.
#[must_use]
pub fn bare(word: &str) -> &str {
    own(word).map_or(word, |(_, bare)| bare)
}

/// A word of GS1's own by its list and itself.
fn own(word: &str) -> Option<(&str, &str)> {
    let rest = [
        "https://ref.gs1.org/cbv/",
        "http://ref.gs1.org/cbv/",
        "cbv:",
    ]
    .into_iter()
    .find_map(|start| word.strip_prefix(start))?;
    rest.split_once('-')
}

/// Whether a text claims to be a word of CBV 2.0 of this kind (`bizStep`, `disposition`) and is none.
pub fn is_unknown(kind: &str, word: &str) -> bool {
    let (list, terms) = match kind {
        "bizStep" => ("BizStep", BIZ_STEPS),
        _ => ("Disp", DISPOSITIONS),
    };
    match own(word) {
        Some((named, bare)) => named != list || !terms.contains(&bare),
        None => word.starts_with(CBV) || (!word.contains(':') && !terms.contains(&word)),
    }
}

/// The vocabulary addresses that a document uses, in full or bare.
pub struct Words(BTreeSet<String>);

impl Words {
    /// Collects them from all events, as JSON-LD expansion would.
    pub fn of(document: &Value) -> Self {
        let mut words = Self(BTreeSet::new());
        words.collect(document, "", "");
        words
    }

    /// The address for which a string stands, wherever in the document it is; none where it is no word of the
    /// document's vocabulary, or one of several.
    pub fn address(&self, text: &str) -> Option<&str> {
        let is_end = |address: &&String| {
            address
                .strip_suffix(text)
                .is_some_and(|start| start.ends_with(['-', '/']))
        };
        let mut matching = self.0.iter().filter(is_end);
        let only = matching.next()?;
        matching.next().is_none().then_some(only)
    }

    fn collect(&mut self, value: &Value, parent: &str, field: &str) {
        match value {
            Value::Array(items) => items
                .iter()
                .for_each(|item| self.collect(item, parent, field)),
            Value::Object(entries) => {
                for (key, value) in entries {
                    self.collect(value, field, key);
                }
            }
            Value::String(text) if text.starts_with(CBV) || text.starts_with(WEB) => {
                self.0.insert(text.clone());
            }
            Value::String(text) => {
                if let Some((start, _)) =
                    vocabulary(parent, field).filter(|(_, terms)| terms.contains(&text.as_str()))
                {
                    self.0.insert(format!("{start}{text}"));
                }
            }
            _ => {}
        }
    }
}

/// The vocabulary of a field, by the field and what contains it.
fn vocabulary(parent: &str, field: &str) -> Option<(&'static str, &'static [&'static str])> {
    Some(match (parent, field) {
        (_, "bizStep") => ("https://ref.gs1.org/cbv/BizStep-", BIZ_STEPS),
        (_, "disposition") => ("https://ref.gs1.org/cbv/Disp-", DISPOSITIONS),
        ("persistentDisposition", "set" | "unset") => {
            ("https://ref.gs1.org/cbv/Disp-", DISPOSITIONS)
        }
        ("bizTransactionList", "type") => ("https://ref.gs1.org/cbv/BTT-", TRANSACTIONS),
        ("sourceList" | "destinationList", "type") => ("https://ref.gs1.org/cbv/SDT-", PARTIES),
        ("sensorReport", "type") => ("https://gs1.org/voc/", MEASUREMENTS),
        ("sensorReport", "exception") => ("https://gs1.org/voc/", EXCEPTIONS),
        ("sensorReport", "component") => ("https://ref.gs1.org/cbv/Comp-", COMPONENTS),
        ("errorDeclaration", "reason") => ("https://ref.gs1.org/cbv/ER-", REASONS),
        _ => return None,
    })
}
