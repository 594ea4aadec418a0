//! X12 interchanges of professional claims.

use super::insured::Insured;

/// A claim: its number, days before today, and lines as (procedure, units, cents).
pub type Claim<'a> = (&'a str, u32, &'a [(&'a str, u32, u64)]);

/// An interchange of claims of a member, with this control number.
pub fn interchange(
    world: &Insured,
    control: u32,
    member: &str,
    npi: &str,
    claims: &[Claim],
) -> String {
    let claims: Vec<(&str, Claim)> = claims.iter().map(|claim| (member, *claim)).collect();
    of_members(world, control, npi, &claims)
}

/// An interchange of claims, each with its member's number.
pub fn of_members(world: &Insured, control: u32, npi: &str, claims: &[(&str, Claim)]) -> String {
    let day = |ago: u32| world.day(ago).replace('-', "");
    let today = day(0);
    let mut segments = vec![
        "ST*837*0001*005010X222A1".to_owned(),
        format!("BHT*0019*00*{control}*{today}*1015*CH"),
        "NM1*41*2*CLINIC OF EXAMPLE TOWN*****46*CLINIC01".to_owned(),
        "PER*IC*BILLING DESK*TE*5550100100".to_owned(),
        "NM1*40*2*GALEN INSURER*****46*INSURER01".to_owned(),
        "HL*1**20*1".to_owned(),
        format!("NM1*85*2*CLINIC OF EXAMPLE TOWN*****XX*{npi}"),
        "N3*1 EXAMPLE STREET".to_owned(),
        "N4*EXAMPLE TOWN*CT*060010000".to_owned(),
        "REF*EI*000000001".to_owned(),
    ];
    let (mut level, mut subscriber) = (1, "");
    for (member, (number, ago, lines)) in claims {
        if *member != subscriber {
            (level, subscriber) = (level + 1, member);
            segments.push(format!("HL*{level}*1*22*0"));
            segments.push("SBR*P*18*******12".to_owned());
            segments.push(format!("NM1*IL*1*TESTMEMBER*ALPHA****MI*{member}"));
            segments.push("NM1*PR*2*GALEN INSURER*****PI*INSURER01".to_owned());
        }
        let charge: u64 = lines.iter().map(|(_, _, cents)| cents).sum();
        let decimal = |cents: u64| format!("{}.{:02}", cents / 100, cents % 100);
        segments.push(format!("CLM*{number}*{}***11:B:1*Y*A*Y*Y", decimal(charge)));
        segments.push("HI*ABK:J189".to_owned());
        for (index, (code, units, cents)) in lines.iter().enumerate() {
            segments.push(format!("LX*{}", index + 1));
            segments.push(format!("SV1*HC:{code}*{}*UN*{units}***1", decimal(*cents)));
            segments.push(format!("DTP*472*D8*{}", day(*ago)));
            segments.push(format!("REF*6R*{number}L{}", index + 1));
        }
    }
    segments.push(format!("SE*{}*0001", segments.len() + 1));
    let date = &today[2..];
    format!(
        "ISA*00*          *00*          *ZZ*CLINIC01       *ZZ*INSURER01      *{date}*1015*^*00501*{control:09}*0*T*:~\n\
         GS*HC*CLINIC01*INSURER01*{today}*1015*{control}*X*005010X222A1~\n{}~\nGE*1*{control}~\nIEA*1*{control:09}~\n",
        segments.join("~\n")
    )
}
