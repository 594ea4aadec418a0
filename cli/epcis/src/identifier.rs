//! What an identifier in an event names, linted by the rules for codes on packs.

use galen_rules::gs1::{self, Fault, Message};

use crate::uri;

/// What an identifier names.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Identifier {
    /// One pack: GTIN and serial number.
    Item {
        /// 14 digits.
        gtin: String,
        /// As it is printed.
        serial: String,
    },
    /// All packs of a lot.
    Lot {
        /// 14 digits.
        gtin: String,
        /// As it is printed.
        lot: String,
    },
    /// All packs of a product.
    Product {
        /// 14 digits.
        gtin: String,
    },
    /// A case, a pallet or what else is shipped as one: its SSCC, 18 digits.
    Logistic(String),
    /// A party: its GLN, 13 digits.
    Party(String),
    /// A place: its GLN, 13 digits, whatever its extension.
    Location(String),
    /// Another GS1 key.
    OtherKey,
    /// No GS1 identifier: an address, a UUID, a place on the map.
    Other,
}

impl Identifier {
    /// Whether it names single things, as the lists of EPCs do.
    #[must_use]
    pub fn is_instance(&self) -> bool {
        !matches!(self, Self::Lot { .. } | Self::Product { .. })
    }

    /// Whether it names a kind of things, as quantities are given of.
    #[must_use]
    pub fn is_class(&self) -> bool {
        !matches!(
            self,
            Self::Item { .. } | Self::Logistic(_) | Self::Party(_) | Self::Location(_)
        )
    }
}

/// What an identifier names; `year` is the one in which it is read.
///
/// # Errors
/// What `galen_rules::gs1` refuses of a Digital Link; that an EPC URN is not one of the EPC Tag Data Standard.
pub fn identify(text: &str, year: u16) -> Result<Identifier, String> {
    let is_urn = text.starts_with("urn:epc:");
    if gs1::is_link(text) {
        match gs1::parse(text, year) {
            Ok(message) => return Ok(named(&message)),
            Err(error) if error.fault == Fault::NoPrimaryKey => return Ok(Identifier::Other),
            Err(error) => return Err(error.to_string()),
        }
    }
    if !is_urn {
        return Ok(Identifier::Other);
    }
    let link = uri::canonical(text).ok_or_else(|| {
        "This is no EPC: its scheme, its company prefix or its length is not one of the EPC Tag Data Standard.".to_owned()
    })?;
    gs1::parse(&link, year)
        .map(|message| named(&message))
        .map_err(|error| error.to_string())
}

fn named(message: &Message) -> Identifier {
    let value = |ai: &str| message.value(ai).map(str::to_owned);
    match (value("01"), value("21"), value("10")) {
        (Some(gtin), Some(serial), _) => return Identifier::Item { gtin, serial },
        (Some(gtin), None, Some(lot)) => return Identifier::Lot { gtin, lot },
        (Some(gtin), None, None) if value("235").is_none() => return Identifier::Product { gtin },
        _ => {}
    }
    if let Some(sscc) = value("00") {
        return Identifier::Logistic(sscc);
    }
    if let Some(gln) = value("417") {
        return Identifier::Party(gln);
    }
    value("414").map_or(Identifier::OtherKey, Identifier::Location)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_forms_name_the_same() {
        let item = Identifier::Item {
            gtin: "09524000059109".to_owned(),
            serial: "a/b(c)".to_owned(),
        };
        for text in [
            "urn:epc:id:sgtin:9524000.005910.a%2Fb(c)",
            "https://id.gs1.org/01/09524000059109/21/a%2Fb(c)",
            "https://shop.example/x/01/9524000059109/10/L1/21/a%2Fb(c)?17=271120",
        ] {
            assert_eq!(identify(text, 2026), Ok(item.clone()), "{text}");
        }
        assert_eq!(
            identify("urn:epc:class:lgtin:9524000.005910.L1", 2026),
            Ok(Identifier::Lot {
                gtin: "09524000059109".to_owned(),
                lot: "L1".to_owned()
            })
        );
        for (text, expected) in [
            (
                "urn:epc:id:sscc:9524000.0123456789",
                Identifier::Logistic("095240001234567897".to_owned()),
            ),
            (
                "urn:epc:id:pgln:9524000.00001",
                Identifier::Party("9524000000019".to_owned()),
            ),
            (
                "https://id.gs1.org/414/9524000000019",
                Identifier::Location("9524000000019".to_owned()),
            ),
            (
                "urn:epc:idpat:sgtin:9524000.005910.*",
                Identifier::Product {
                    gtin: "09524000059109".to_owned(),
                },
            ),
            ("geo:52.3676,4.9041", Identifier::Other),
            ("https://example.com/lane/7", Identifier::Other),
        ] {
            assert_eq!(identify(text, 2026), Ok(expected), "{text}");
        }
    }

    #[test]
    fn what_is_no_identifier_is_refused() {
        for text in [
            "urn:epc:id:sgtin:95.005910.AB12",
            "urn:epc:id:sgtin:9524000.005910.",
            "urn:epc:id:nonsense:1.2",
            "https://id.gs1.org/01/09524000059108/21/AB12",
            "https://id.gs1.org/01/09524000059109/21/123456789012345678901",
            "https://id.gs1.org/00/095240001234567890",
        ] {
            assert!(identify(text, 2026).is_err(), "{text}");
        }
    }
}
