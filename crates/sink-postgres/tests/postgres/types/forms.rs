//! For each type: values in the forms that people write, how the server reads them, and which of
//! its forms are the server's alone.

use l0_mapping::ColumnType;

use super::random::Random;

pub struct Form {
    pub column: ColumnType,
    /// The type in SQL.
    pub sql: &'static str,
    /// How the server reads the text `src`.
    pub reading: &'static str,
    pub generate: fn(&mut Random) -> String,
    /// Whether only the server reads a text: a form that `docs/types.md` names as refused.
    pub only_postgres: fn(&str) -> bool,
}

pub const ALL: &[Form] = &[
    Form {
        column: ColumnType::Timestamp,
        sql: "timestamptz",
        reading: "src::timestamptz",
        generate: |random| format!("{}{}", local_time(random), zone(random)),
        only_postgres: |it| has_no_zone(it) || is_midnight_24(it) || has_blank_offset(it),
    },
    Form {
        column: ColumnType::LocalTimestamp,
        sql: "timestamp",
        reading: "src::timestamp",
        generate: |random| format!("{}{}", local_time(random), zone(random)),
        only_postgres: |it| has_offset(it) || is_midnight_24(it),
    },
    Form {
        column: ColumnType::Date,
        sql: "date",
        reading: "src::date",
        generate: |random| match random.below(8) {
            0 => random
                .pick(&["20240229", "yesterday", "infinity", "2024-1-3", "Jan 3, 2022"])
                .into(),
            1 => local_time(random),
            _ => day(random),
        },
        only_postgres: |it| it.len() != 10 || !it.starts_with(|it: char| it.is_ascii_digit()),
    },
    Form {
        column: ColumnType::Time,
        sql: "time",
        reading: "src::time",
        generate: |random| match random.below(4) {
            0 => format!("{}{}", clock(random), zone(random)),
            _ => clock(random),
        },
        only_postgres: |it| !has_no_zone(it) || is_midnight_24(it),
    },
    Form {
        column: ColumnType::TimeWithOffset,
        sql: "timetz",
        reading: "src::timetz",
        generate: |random| format!("{}{}", clock(random), zone(random)),
        only_postgres: |it| has_no_zone(it) || is_midnight_24(it) || has_blank_offset(it),
    },
    Form {
        column: ColumnType::Interval,
        sql: "interval",
        reading: "src::interval",
        generate: interval,
        only_postgres: |it| {
            let has_other_fraction = it.contains('.') && !it.ends_with('S') && !it.contains(':');
            it.contains(' ')
                || has_other_fraction
                || it.contains('W')
                || it == "23"
                || it.ends_with('T')
        },
    },
    Form {
        column: ColumnType::Inet,
        sql: "inet",
        reading: "src::inet",
        generate: address,
        only_postgres: is_other_address,
    },
    Form {
        column: ColumnType::Cidr,
        sql: "cidr",
        reading: "src::cidr",
        generate: address,
        only_postgres: is_other_address,
    },
    Form {
        column: ColumnType::MacAddress { bytes: 6 },
        sql: "macaddr",
        reading: "src::macaddr",
        generate: |random| {
            let pairs: Vec<_> = (0..6).map(|_| random.hex(2)).collect();
            pairs.join(random.pick(&[":", "-", "", "."]))
        },
        only_postgres: |it| !it.contains([':', '-']),
    },
    Form {
        column: ColumnType::Uuid,
        sql: "uuid",
        reading: "src::uuid",
        generate: |random| {
            let parts = [8, 4, 4, 4, 12].map(|digits| random.hex(digits));
            parts.join(random.pick(&["-", "-", ""]))
        },
        only_postgres: |it| it.len() != 36,
    },
    Form {
        column: ColumnType::Bytes,
        sql: "bytea",
        reading: "CASE WHEN src LIKE '\\\\x%' THEN src::bytea ELSE decode(src, 'base64') END",
        generate: |random| {
            let digits = 2 * random.below(9);
            match random.below(3) {
                0 => format!("\\x{}", random.hex(digits)),
                _ => base64(random),
            }
        },
        only_postgres: |it| it.ends_with("aB=="),
    },
    Form {
        column: ColumnType::Numeric { limit: Some((10, 2)) },
        sql: "numeric(10,2)",
        reading: "src::numeric(10,2)",
        generate: number,
        // It rounds, and it knows no smaller unit than a hundredth.
        only_postgres: |it| is_finer_than_hundredths(it) || is_odd_number(it),
    },
    Form {
        column: ColumnType::Numeric { limit: None },
        sql: "numeric",
        reading: "src::numeric",
        generate: number,
        only_postgres: is_odd_number,
    },
    Form {
        column: ColumnType::Int,
        sql: "integer",
        reading: "src::numeric::integer",
        generate: number,
        only_postgres: |it| it.contains(['.', 'e']) || is_odd_number(it),
    },
    Form {
        column: ColumnType::Real,
        sql: "real",
        reading: "src::real",
        generate: number,
        only_postgres: is_odd_number,
    },
    Form {
        column: ColumnType::Double,
        sql: "double precision",
        reading: "src::double precision",
        generate: number,
        only_postgres: is_odd_number,
    },
    Form {
        column: ColumnType::Boolean,
        sql: "boolean",
        reading: "src::boolean",
        generate: |random| {
            random.pick(&["true", "false", "t", "yes", "on", "1", "maybe", ""]).into()
        },
        only_postgres: |it| ["t", "yes", "on", "1"].contains(&it),
    },
    Form {
        column: ColumnType::Char { length: 3 },
        sql: "char(3)",
        reading: "CASE WHEN length(rtrim(src, ' ')) <= 3 THEN src::char(3) END",
        generate: |random| {
            random.pick(&["", "a", "ab ", "abc", "abc  ", "abcd", "тыц", "тыц "]).into()
        },
        only_postgres: |_| false,
    },
];

/// Forms that the server reads and we refuse, each as `docs/types.md` lists it.
pub const ONLY_POSTGRES: &[(ColumnType, &str, &str)] = &[
    (ColumnType::Timestamp, "timestamptz", "yesterday"),
    (ColumnType::Timestamp, "timestamptz", "infinity"),
    (ColumnType::Timestamp, "timestamptz", "2022-01-03T10:00:00"),
    (ColumnType::Timestamp, "timestamptz", "2022-01-03"),
    (ColumnType::Timestamp, "timestamptz", "20220103T100000Z"),
    (ColumnType::Timestamp, "timestamptz", "Mon, 03 Jan 2022 10:00:00 GMT"),
    (ColumnType::Timestamp, "timestamptz", "2022-01-03T24:00:00Z"),
    (ColumnType::LocalTimestamp, "timestamp", "2022-01-03T10:00:00+02"),
    (ColumnType::Date, "date", "20220103"),
    (ColumnType::Date, "date", "2022-01-03T00:00:00Z"),
    (ColumnType::Time, "time", "08:15 PM"),
    (ColumnType::Time, "time", "08:15:00+02"),
    (ColumnType::TimeWithOffset, "timetz", "08:15:00"),
    (ColumnType::Interval, "interval", "1 day 2 hours"),
    (ColumnType::Interval, "interval", "P1.5D"),
    (ColumnType::Inet, "inet", "10/8"),
    (ColumnType::Cidr, "cidr", "10/8"),
    (ColumnType::MacAddress { bytes: 6 }, "macaddr", "08002b:010203"),
    (ColumnType::Uuid, "uuid", "{01234567-89ab-cdef-0123-456789abcdef}"),
    (ColumnType::Numeric { limit: None }, "numeric", "NaN"),
    (ColumnType::Numeric { limit: None }, "numeric", " 12.5"),
    (ColumnType::Numeric { limit: None }, "numeric", ".5"),
    (ColumnType::Double, "double precision", "Infinity"),
    (ColumnType::Boolean, "boolean", "yes"),
];

fn day(random: &mut Random) -> String {
    let (year, month) = (random.pick(&["2024", "1999", "0017", "0000"]), random.below(13));
    format!("{year}-{month:02}-{:02}", random.below(32))
}

fn clock(random: &mut Random) -> String {
    let digits = 1 + random.below(6);
    match random.below(10) {
        0 => "24:00:00".to_owned(),
        1 => "23:59:60".to_owned(),
        2 => format!("{:02}:{:02}", random.below(25), random.below(61)),
        3 | 4 => {
            let (hour, minute) = (random.below(24), random.below(60));
            format!("{hour:02}:{minute:02}:{:02}.{}", random.below(60), random.digits(digits))
        }
        _ => format!("{:02}:{:02}:{:02}", random.below(24), random.below(60), random.below(60)),
    }
}

fn local_time(random: &mut Random) -> String {
    format!("{}{}{}", day(random), random.pick(&["T", "T", "t", " "]), clock(random))
}

fn zone(random: &mut Random) -> &'static str {
    random
        .pick(&["Z", "z", "+00", "+0130", "+05:45", "-15:59", "+16:00", " UTC", "", " +02", "+2x"])
}

fn has_no_zone(text: &str) -> bool {
    let clock = text.rsplit([' ', 'T', 't']).next().unwrap_or_default();
    !text.ends_with("UTC") && !clock.contains(['Z', 'z', '+', '-'])
}

fn is_midnight_24(text: &str) -> bool {
    text.contains("24:00")
}

fn has_blank_offset(text: &str) -> bool {
    text.contains(" +")
}

fn has_offset(text: &str) -> bool {
    ["+0130", "+05:45", "-15:59", " +02"].iter().any(|zone| text.ends_with(zone))
}

fn interval(random: &mut Random) -> String {
    let number = |random: &mut Random| random.below(1000);
    match random.below(8) {
        0 => format!("P{}W", number(random)),
        1 => format!("{}:{:02}:{:02}.5", number(random), random.below(60), random.below(60)),
        2 => format!("-{:02}:{:02}", random.below(24), random.below(60)),
        3 => format!("P{}.5D", number(random)),
        4 => random.pick(&["1 day", "23", "PT", "P1DT", "P1WT1H", "P", "1 mon -1 day"]).into(),
        5 => format!("P{}DT{}.25S", number(random), number(random)),
        6 => format!("P-{}DT-{}M", number(random), number(random)),
        _ => format!(
            "P{}Y{}M{}DT{}H",
            number(random),
            number(random),
            number(random),
            number(random)
        ),
    }
}

fn address(random: &mut Random) -> String {
    let part = |random: &mut Random| random.below(300);
    let host = match random.below(6) {
        0 => format!("2001:db8:{}::{}", random.hex(4), random.hex(2)),
        1 => random
            .pick(&["::", "::1", "::ffff:10.1.2.3", "fe80::1%eth0", "10/8", "010.1.2.3"])
            .into(),
        2 => format!("{}.0.0.0", part(random)),
        _ => format!("{}.{}.{}.{}", part(random), part(random), part(random), part(random)),
    };
    match random.below(2) {
        0 => host,
        _ => format!("{host}/{}", random.below(130)),
    }
}

/// Parts with leading zeros, or fewer than four of them.
fn is_other_address(text: &str) -> bool {
    let has_zeros = text.split(['.', '/']).any(|it| it.len() > 1 && it.starts_with('0'));
    has_zeros || !text.contains(':') && text.matches('.').count() < 3
}

fn number(random: &mut Random) -> String {
    let (whole, digits) = (random.below(100_000), 1 + random.below(4));
    match random.below(9) {
        0 => format!("{whole}.{}", random.digits(digits)),
        1 => format!("-{whole}"),
        2 => format!("{whole}e{}", random.below(5)),
        3 => format!("{whole}.{}e-{}", random.digits(digits), random.below(3)),
        4 => random
            .pick(&["NaN", ".5", "5.", " 7", "", "12,5", "1e400", "0x10", "-0.0", "1e-50"])
            .into(),
        5 => format!("{whole}00000"),
        6 => format!("+{whole}"),
        _ => whole.to_string(),
    }
}

fn is_odd_number(text: &str) -> bool {
    ["NaN", ".5", "5.", " 7", "0x10"].contains(&text)
}

fn is_finer_than_hundredths(text: &str) -> bool {
    text.contains('.') || text.contains("e-")
}

/// A text of base64 with its padding.
fn base64(random: &mut Random) -> String {
    const GROUPS: [&str; 6] = ["aGVs", "/+8A", "bG8=", "aA==", "aB==", "a==="];
    let groups = random.below(3);
    let full: String = (0..groups).map(|_| random.pick(&GROUPS[..2])).collect();
    full + random.pick(&GROUPS)
}
