//! Amounts and quantities, read digit by digit: never through binary floating point.

use ::fhir::r4::types::{Money, Quantity};
use galen_rules::Cents;

use crate::problem::Problem;

/// Reads an amount in `currency` as whole cents.
pub(super) fn cents(money: &Money, at: &str, currency: &str) -> Result<Cents, Problem> {
    let value = money.value.as_ref().ok_or_else(|| {
        Problem::new(
            "missing_field",
            format!("{at}.value"),
            "The amount has no value.",
        )
    })?;
    match money.currency.as_ref() {
        None => {
            return Err(Problem::new(
                "missing_field",
                format!("{at}.currency"),
                format!("The amount has no currency; the plan's is {currency}."),
            ));
        }
        Some(code) if code.0 != currency => {
            return Err(Problem::new(
                "wrong_currency",
                format!("{at}.currency"),
                format!("The amount is in {}, the plan in {currency}; a claim is adjudicated in the plan's currency.", code.0),
            ));
        }
        Some(_) => {}
    }
    hundredths(value.as_str())
        .map_err(|(code, message)| Problem::new(code, format!("{at}.value"), message))
}

/// Reads an amount in `currency` that can be below zero, as whole cents.
pub(super) fn signed_cents(money: &Money, at: &str, currency: &str) -> Result<i64, Problem> {
    let positive = |money: &Money| {
        let size = cents(money, at, currency)?;
        i64::try_from(size.get()).map_err(|_| {
            Problem::new(
                "money_too_large",
                format!("{at}.value"),
                "The amount is larger than Galen counts.",
            )
        })
    };
    let size = money
        .value
        .as_ref()
        .and_then(|value| value.as_str().strip_prefix('-'));
    let Some(size) = size else {
        return positive(money);
    };
    let size = ::fhir::r4::types::Decimal::new(size).map_err(|error| {
        Problem::new(
            "invalid_value",
            format!("{at}.value"),
            format!("This is {error}."),
        )
    })?;
    let money = Money {
        value: Some(size),
        ..money.clone()
    };
    Ok(positive(&money)?.saturating_neg())
}

/// Reads a count of units: a positive whole number without a comparator; absent means 1.
pub(super) fn units(quantity: Option<&Quantity>, at: &str) -> Result<u16, Problem> {
    let Some(quantity) = quantity else {
        return Ok(1);
    };
    if quantity.comparator.is_some() {
        return Err(Problem::new(
            "unsupported",
            format!("{at}.comparator"),
            "A quantity that is only a bound cannot be billed; give the exact number.",
        ));
    }
    // qty-3: without the system nobody can tell what the code counts.
    if quantity.code.is_some() && quantity.system.is_none() {
        return Err(Problem::new(
            "missing_field",
            format!("{at}.system"),
            "The quantity has the code of a unit; say of which system.",
        ));
    }
    let at = format!("{at}.value");
    let value = quantity
        .value
        .as_ref()
        .ok_or_else(|| Problem::new("missing_field", at.clone(), "The quantity has no value."))?;
    let digits = value.as_str();
    let whole = digits.split_once('.').map_or(digits, |(whole, rest)| {
        if rest.bytes().all(|byte| byte == b'0') {
            whole
        } else {
            digits
        }
    });
    match whole.parse::<u16>() {
        Ok(units) if units > 0 => Ok(units),
        _ => Err(Problem::new(
            "invalid_value",
            at,
            format!(
                "A quantity is a whole number from 1 to {}; found {digits}.",
                u16::MAX
            ),
        )),
    }
}

/// `12.5` as 1250.
fn hundredths(digits: &str) -> Result<Cents, (&'static str, String)> {
    if digits.starts_with('-') {
        return Err((
            "negative_money",
            format!("An amount cannot be negative; found {digits}."),
        ));
    }
    if digits.contains(['e', 'E']) {
        return Err((
            "invalid_value",
            format!("Write the amount out, without an exponent; found {digits}."),
        ));
    }
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
    if fraction.len() > 2 {
        return Err((
            "too_many_decimals",
            format!("An amount has at most two decimals; found {digits}."),
        ));
    }
    let too_large = || {
        (
            "money_too_large",
            format!("The amount {digits} is larger than Galen counts."),
        )
    };
    format!("{whole}{fraction:0<2}")
        .parse::<u64>()
        .map(Cents::new)
        .map_err(|_| too_large())
}

#[cfg(test)]
mod tests {
    use super::hundredths;

    #[test]
    fn amounts_are_read_by_their_digits() {
        for (digits, cents) in [
            ("0", 0),
            ("105", 10_500),
            ("105.0", 10_500),
            ("0.1", 10),
            ("12.34", 1_234),
            ("90071992547409.93", 9_007_199_254_740_993),
        ] {
            assert_eq!(hundredths(digits).expect(digits).get(), cents, "{digits}");
        }
    }

    #[test]
    fn other_amounts_are_refused_by_name() {
        for (digits, code) in [
            ("-1", "negative_money"),
            ("-0.01", "negative_money"),
            ("1.005", "too_many_decimals"),
            ("1e3", "invalid_value"),
            ("99999999999999999999.00", "money_too_large"),
        ] {
            assert_eq!(hundredths(digits).expect_err(digits).0, code, "{digits}");
        }
    }
}
