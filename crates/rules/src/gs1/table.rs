//! The Application Identifiers that GS1 has assigned: format, length known beforehand or not, place in a Digital Link,
//! and what must or must not stand beside them.
//!
//! Facts of the GS1 General Specifications 3 and 4.13 to 4.14, in the notation of the GS1 Syntax Dictionary (release
//! of 2025). Formats: `N` digits, `X` character set 82, `Y` set 39, `Z` base64url; `N6` six, `X..20` one to twenty,
//! `[…]` optional; then the linters. Rules: `req=` one of these groups (joined by `+`) must be there, `ex=` none of
//! these may; `n` stands for any digit, `family` for its first three digits with another fourth; `dlpkey` a primary
//! key of a Digital Link, with its qualifiers in order.

use super::message::Ai;

/// An Application Identifier, or a run of them with one definition.
#[derive(Debug)]
pub(super) struct Entry {
    /// The first of the run.
    pub first: &'static str,
    last: &'static str,
    /// Of a length that readers know beforehand: no separator follows.
    pub is_predefined: bool,
    /// May stand in the query of a Digital Link.
    pub is_attribute: bool,
    /// Of the value.
    pub format: &'static str,
    /// Associations and key qualifiers.
    pub rules: &'static str,
}

impl Entry {
    /// Whether an Application Identifier is of the run. Each digit counts for itself: of a run of measures, 3100 to
    /// 3165, the last digit places the decimal point and goes no further than 5.
    fn has(&self, ai: &str) -> bool {
        ai.len() == self.first.len()
            && ai >= self.first
            && ai <= self.last
            && ai.as_bytes().last() >= self.first.as_bytes().last()
            && ai.as_bytes().last() <= self.last.as_bytes().last()
    }

    /// The sequences of qualifiers that this key can have in a Digital Link; none where it is no primary key.
    pub fn qualifiers(&self) -> Option<impl Iterator<Item = &'static str>> {
        self.rules
            .split_ascii_whitespace()
            .find_map(|rule| rule.strip_prefix("dlpkey"))
            .map(|sequences| sequences.trim_start_matches('=').split('|'))
    }
}

/// The definition of an Application Identifier, if GS1 has assigned it.
pub(super) fn find(ai: Ai) -> Option<&'static Entry> {
    TABLE.iter().find(|entry| entry.has(ai.as_str()))
}

/// The Application Identifier with which a text begins: the digits are such that at most one does.
pub(super) fn leading(text: &[u8]) -> Option<(Ai, &'static Entry)> {
    (2..=4).find_map(|length| {
        let ai = Ai::new(core::str::from_utf8(text.get(..length)?).ok()?)?;
        find(ai).map(|entry| (ai, entry))
    })
}

/// `flags`: `*` of predefined length, `?` allowed as an attribute of a Digital Link.
const fn run(
    first: &'static str,
    last: &'static str,
    flags: &'static str,
    format: &'static str,
    rules: &'static str,
) -> Entry {
    let (is_predefined, is_attribute) = match flags.as_bytes() {
        b"*?" => (true, true),
        b"*" => (true, false),
        b"?" => (false, true),
        _ => (false, false),
    };
    Entry {
        first,
        last,
        is_predefined,
        is_attribute,
        format,
        rules,
    }
}

const fn one(
    ai: &'static str,
    flags: &'static str,
    format: &'static str,
    rules: &'static str,
) -> Entry {
    run(ai, ai, flags, format, rules)
}

/// Every assigned Application Identifier, in order.
#[rustfmt::skip]
pub(super) const TABLE: &[Entry] = &[
    one("00", "*?", "N18,csum,keyoff1", "dlpkey"),
    one("01", "*?", "N14,csum,keyoff1", "ex=255,37 dlpkey=22,10,21|235"),
    one("02", "*?", "N14,csum,keyoff1", "ex=01,03 req=37"),
    one("03", "*", "N14,csum,keyoff1", "ex=01,02,37"),
    one("10", "?", "X..20", "req=01,02,03,8006,8026"),
    one("11", "*?", "N6,yymmd0", "req=01,02,03,8006,8026"),
    one("12", "*?", "N6,yymmd0", "req=8020"),
    one("13", "*?", "N6,yymmd0", "req=01,02,03,8006,8026"),
    run("15", "16", "*?", "N6,yymmd0", "req=01,02,03,8006,8026"),
    one("17", "*?", "N6,yymmd0", "req=01,02,03,255,8006,8026"),
    one("20", "*?", "N2", "req=01,02,8006,8026"),
    one("21", "", "X..20", "req=01,03,8006 ex=235"),
    one("22", "", "X..20", "req=01"),
    one("235", "", "X..28", "req=01"),
    run("240", "241", "?", "X..30", "req=01,02,8006,8026"),
    one("242", "?", "N..6", "req=01,02,8006,8026"),
    one("243", "?", "X..20", "req=01"),
    one("250", "?", "X..30", "req=01,8006 req=21"),
    one("251", "?", "X..30", "req=01,8006"),
    one("253", "?", "N13,csum,key [X..17]", "dlpkey"),
    one("254", "", "X..20", "req=414"),
    one("255", "?", "N13,csum,key [N..12]", "dlpkey ex=01,02,415,8006,8020,8026"),
    one("30", "?", "N..8", "req=01,02"),
    run("3100", "3165", "*?", "N6", "req=01,02 ex=family"),
    run("3200", "3295", "*?", "N6", "req=01,02 ex=family"),
    run("3300", "3365", "*?", "N6", "req=00,01 ex=family"),
    run("3370", "3375", "*?", "N6", "req=01 ex=family"),
    run("3400", "3495", "*?", "N6", "req=00,01 ex=family"),
    run("3500", "3525", "*?", "N6", "req=01,02 ex=family"),
    run("3530", "3555", "*?", "N6", "req=00,01 ex=family"),
    run("3560", "3575", "*?", "N6", "req=01,02 ex=family"),
    run("3600", "3615", "*?", "N6", "req=01,02 ex=family"),
    run("3620", "3635", "*?", "N6", "req=00,01 ex=family"),
    run("3640", "3665", "*?", "N6", "req=01,02 ex=family"),
    run("3670", "3695", "*?", "N6", "req=00,01 ex=family"),
    one("37", "?", "N..8", "req=00 req=02,8026"),
    run("3900", "3909", "?", "N..15", "req=255,8020 ex=390n,391n,394n,8111"),
    run("3910", "3919", "?", "N3,iso4217 N..15", "req=8020 ex=391n"),
    run("3920", "3929", "?", "N..15", "req=01 req=30,31nn,32nn,35nn,36nn ex=392n,393n"),
    run("3930", "3939", "?", "N3,iso4217 N..15", "req=30,31nn,32nn,35nn,36nn ex=393n"),
    run("3940", "3943", "?", "N4", "req=255 ex=394n,8111"),
    run("3950", "3955", "?", "N6", "req=30,31nn,32nn,35nn,36nn ex=392n,393n,395n,8005"),
    one("400", "?", "X..30", ""),
    one("401", "?", "X..30,key", "dlpkey"),
    one("402", "?", "N17,csum,key", "dlpkey"),
    one("403", "?", "X..30", "req=00"),
    run("410", "413", "*?", "N13,csum,key", ""),
    one("414", "*?", "N13,csum,key", "dlpkey=254|7040"),
    one("415", "*?", "N13,csum,key", "req=8020 dlpkey=8020"),
    one("416", "*?", "N13,csum,key", ""),
    one("417", "*?", "N13,csum,key", "dlpkey=7040"),
    one("420", "?", "X..20", "ex=421"),
    one("421", "?", "N3,iso3166 X..9", "ex=4307"),
    one("422", "?", "N3,iso3166", "req=01,02,8006,8026 ex=426"),
    one("423", "?", "N3,iso3166 [N3],iso3166 [N3],iso3166 [N3],iso3166 [N3],iso3166", "req=01,02 ex=426"),
    one("424", "?", "N3,iso3166", "req=01,02 ex=426"),
    one("425", "?", "N3,iso3166 [N3],iso3166 [N3],iso3166 [N3],iso3166 [N3],iso3166", "req=01,02 ex=426"),
    one("426", "?", "N3,iso3166", "req=01,02"),
    one("427", "?", "X..3", "req=01,02 req=422"),
    run("4300", "4301", "?", "X..35,pcenc", "req=00"),
    one("4302", "?", "X..70,pcenc", "req=00"),
    one("4303", "?", "X..70,pcenc", "req=4302"),
    run("4304", "4306", "?", "X..70,pcenc", "req=00"),
    one("4307", "?", "X2,iso3166alpha2", "req=00"),
    one("4308", "?", "X..30", "req=00"),
    one("4309", "?", "N10,latitude N10,longitude", "req=00"),
    run("4310", "4311", "?", "X..35,pcenc", "req=00"),
    one("4312", "?", "X..70,pcenc", "req=00"),
    one("4313", "?", "X..70,pcenc", "req=4312"),
    run("4314", "4316", "?", "X..70,pcenc", "req=00"),
    one("4317", "?", "X2,iso3166alpha2", "req=00"),
    one("4318", "?", "X..20", "req=00"),
    one("4319", "?", "X..30", "req=00"),
    one("4320", "?", "X..35,pcenc", "req=00"),
    run("4321", "4323", "?", "N1,yesno", "req=00"),
    run("4324", "4325", "?", "N6,yymmd0 N4,hhmi", "req=00"),
    one("4326", "?", "N6,yymmdd", "req=00"),
    one("4330", "?", "N6 [X1],hyphen", "req=00 ex=4331"),
    one("4331", "?", "N6 [X1],hyphen", "req=00 ex=4330"),
    one("4332", "?", "N6 [X1],hyphen", "req=00 ex=4333"),
    one("4333", "?", "N6 [X1],hyphen", "req=00 ex=4332"),
    one("7001", "?", "N13", "req=01,02,8006,8026"),
    one("7002", "?", "X..30", "req=01,02"),
    one("7003", "?", "N6,yymmdd N4,hhmi", "req=01,02"),
    one("7004", "?", "N..4", "req=01 req=10"),
    one("7005", "?", "X..12", "req=01,02"),
    one("7006", "?", "N6,yymmdd", "req=01,02"),
    one("7007", "?", "N6,yymmdd [N6],yymmdd", "req=01,02"),
    one("7008", "?", "X..3", "req=01,02"),
    one("7009", "?", "X..10", "req=01,02"),
    one("7010", "?", "X..2", "req=01,02"),
    one("7011", "?", "N6,yymmdd [N4],hhmi", "req=01,02"),
    one("7020", "?", "X..20", "req=01,8006 req=416"),
    one("7021", "?", "X..20", "req=01,8006"),
    one("7022", "?", "X..20", "req=7021"),
    one("7023", "?", "X..30,key", ""),
    run("7030", "7039", "?", "N3,iso3166999 X..27", "req=01,02"),
    one("7040", "", "N1 X1 X1 X1,importeridx", ""),
    one("7041", "", "X..4,packagetype", "req=00"),
    run("710", "717", "", "X..20", "req=01"),
    run("7230", "7239", "?", "X2 X..28", "req=01,8004"),
    one("7240", "?", "X..20", "req=01,8006"),
    one("7241", "?", "N2,mediatype", "req=8017,8018"),
    one("7242", "?", "X..25", "req=8017,8018"),
    one("7250", "?", "N8,yyyymmdd", "req=8018 ex=7251"),
    one("7251", "?", "N8,yyyymmdd N4,hhmi", "req=8018 ex=7250"),
    one("7252", "?", "N1,iso5218", "req=8018"),
    run("7253", "7254", "?", "X..40,pcenc", "req=8017,8018 ex=7256,7259"),
    one("7255", "?", "X..10", "req=8017,8018 ex=7256,7259"),
    one("7256", "?", "X..90,pcenc", "req=8017,8018"),
    one("7257", "?", "X..70,pcenc", "req=8018"),
    one("7258", "?", "X3,posinseqslash", "req=8018+7259"),
    one("7259", "?", "X..40,pcenc", "req=8018 ex=7256"),
    one("8001", "?", "N4,nonzero N5,nonzero N3,nonzero N1,winding N1", "req=01"),
    one("8002", "?", "X..20", ""),
    one("8003", "?", "N1,zero N13,csum,key [X..16]", "dlpkey"),
    one("8004", "?", "X..30,key", "dlpkey=7040"),
    one("8005", "?", "N6", "req=01,02"),
    one("8006", "?", "N14,csum,keyoff1 N4,pieceoftotal", "ex=01,37 dlpkey=22,10,21"),
    one("8007", "?", "X..34,iban", "req=415"),
    one("8008", "?", "N6,yymmdd N2,hh [N2],mi [N2],ss", "req=01,02"),
    one("8009", "?", "X..50", "req=00,01"),
    one("8010", "?", "Y..30,key", "dlpkey=8011"),
    one("8011", "", "N..12,nozeroprefix", "req=8010"),
    one("8012", "?", "X..20", "req=01,8006"),
    one("8013", "?", "X..25,csumalpha,key", "dlpkey"),
    one("8014", "", "X..25,csumalpha,key,hasnondigit", "req=01"),
    one("8017", "?", "N18,csum,key", "ex=8018 dlpkey=8019"),
    one("8018", "?", "N18,csum,key", "ex=8017 dlpkey=8019"),
    one("8019", "", "N..10", "req=8017,8018"),
    one("8020", "", "X..25", "req=415"),
    one("8026", "?", "N14,csum,keyoff1 N4,pieceoftotal", "req=37 ex=02,8006"),
    one("8030", "?", "Z..90", "req=00,01+21,253,255,8003,8004,8006+21,8010+8011,8017,8018"),
    one("8110", "?", "X..70,couponcode", ""),
    one("8111", "?", "N4", "req=255"),
    one("8112", "?", "X..70,couponposoffer", ""),
    one("8200", "", "X..70", "req=01"),
    one("90", "?", "X..30", ""),
    run("91", "99", "?", "X..90", ""),
];

#[cfg(test)]
mod tests {
    extern crate std;

    use super::*;
    use std::vec::Vec;

    fn assigned() -> Vec<std::string::String> {
        let mut all = Vec::new();
        for (length, count) in [(2, 100), (3, 1_000), (4, 10_000)] {
            all.extend((0..count).map(|number| std::format!("{number:0length$}")));
        }
        all.retain(|digits| find(Ai::new(digits).unwrap()).is_some());
        all
    }

    #[test]
    fn no_identifier_begins_another_and_none_is_defined_twice() {
        let assigned = assigned();
        assert_eq!(assigned.len(), 537);
        for ai in &assigned {
            let defined = TABLE.iter().filter(|entry| entry.has(ai)).count();
            assert_eq!(defined, 1, "{ai}");
            let begun = assigned
                .iter()
                .filter(|other| ai.starts_with(other.as_str()));
            assert_eq!(begun.count(), 1, "{ai}");
        }
    }

    #[test]
    fn lengths_known_beforehand_are_those_of_the_general_specifications() {
        // Figure 7.8.5-2: the first two digits of the Application Identifiers of predefined length, and the length
        // of the whole element string.
        let published: &[(&str, usize)] = &[
            ("00", 20),
            ("01", 16),
            ("02", 16),
            ("03", 16),
            ("11", 8),
            ("12", 8),
            ("13", 8),
            ("15", 8),
            ("16", 8),
            ("17", 8),
            ("20", 4),
            ("31", 10),
            ("32", 10),
            ("33", 10),
            ("34", 10),
            ("35", 10),
            ("36", 10),
            ("41", 16),
        ];
        for ai in assigned() {
            let entry = find(Ai::new(&ai).unwrap()).unwrap();
            let length = published
                .iter()
                .find(|(prefix, _)| ai.starts_with(prefix))
                .map(|(_, length)| *length);
            let (_, most) = super::super::format::lengths(entry.format);
            assert_eq!(
                entry.is_predefined.then_some(ai.len() + most),
                length,
                "{ai}"
            );
        }
    }

    #[test]
    fn rules_name_identifiers_that_exist() {
        for entry in TABLE {
            for rule in entry.rules.split_ascii_whitespace() {
                let list = match rule.split_once('=') {
                    Some((kind, list)) => {
                        assert!(["req", "ex", "dlpkey"].contains(&kind), "{rule}");
                        list
                    }
                    None => {
                        assert_eq!(rule, "dlpkey");
                        continue;
                    }
                };
                for name in list.split([',', '+', '|']).filter(|name| *name != "family") {
                    let digits = name.replace('n', "0");
                    assert!(find(Ai::new(&digits).unwrap()).is_some(), "{rule}");
                }
            }
        }
    }
}
