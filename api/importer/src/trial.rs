//! Any bytes as a document, as its tables, or as a table of accounts: what the fuzzer runs for hours, and a test briefly (fuzz/README.md). There is none of it in
//! the program.

use std::sync::OnceLock;

use crate::{TableFiles, Tables, accounts, read};

/// The reviewed tables of the seed.
fn tables() -> &'static Tables {
    static TABLES: OnceLock<Tables> = OnceLock::new();
    TABLES.get_or_init(|| {
        match Tables::parse(&TableFiles {
            corrections: include_str!("../../../seeds/taizhou-2022/corrections.tsv"),
            units: include_str!("../../../seeds/taizhou-2022/units.tsv"),
            groups: include_str!("../../../seeds/taizhou-2022/groups.tsv"),
            indicators: include_str!("../../../seeds/taizhou-2022/indicators.tsv"),
        }) {
            Ok(tables) => tables,
            Err(bad) => panic!("{bad:?}"),
        }
    })
}

/// Reads bytes as a document, or as one of the tables; the first byte says which. There is a plan or a problem, never both and never
/// neither; and the same bytes are read the same way twice.
pub fn document(bytes: &[u8]) {
    let Some((what, rest)) = bytes.split_first() else {
        return;
    };
    let text = String::from_utf8_lossy(rest);
    let of = |number: u8| if what % 8 == number { &*text } else { "" };
    match what % 8 {
        // Half of the time, a document.
        0..4 => {
            let reading = read(&text, 2022, tables());
            assert_eq!(reading.plan.is_none(), !reading.report.problems.is_empty());
            assert_eq!(reading, read(&text, 2022, tables()));
        }
        _ => {
            // Good or bad, it is said.
            let _ = Tables::parse(&TableFiles {
                corrections: of(4),
                units: of(5),
                groups: of(6),
                indicators: of(7),
            });
        }
    }
}

/// Reads bytes as a table of accounts, of text or of a workbook. It cannot be read, or its rows are in their order; and the same bytes are
/// read the same way twice.
pub fn accounts(bytes: &[u8]) {
    let table = accounts::read(bytes);
    assert_eq!(table, accounts::read(bytes));
    if let Ok(table) = table {
        assert!(table.rows.is_sorted_by_key(|row| row.line));
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::document;

    const SEED: &str = include_str!("../../../seeds/taizhou-2022/document.txt");

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(96))]

        #[test]
        fn whatever_comes_is_a_plan_or_a_problem(what in any::<u8>(), text in "(?s)(.{0,200}|[一二三（）\\t\\n0-9.、，；：（台州市）]{0,200})") {
            document(&[&[what], text.as_bytes()].concat());
        }

        #[test]
        fn lines_of_the_seed_in_any_order_are_a_plan_or_a_problem(lines in prop::collection::vec(any::<prop::sample::Index>(), 0..60)) {
            let all: Vec<&str> = SEED.lines().collect();
            let picked: Vec<&str> = lines.iter().map(|line| *line.get(&all)).collect();
            document(&[&[0], picked.join("\n").as_bytes()].concat());
        }
    }
}
