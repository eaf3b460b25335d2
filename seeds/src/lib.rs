//! The 2022 document with its reviewed tables, China's working days, and the demo's accounts. Embedded: nothing is read at run time.

// A panic loses a request.
#![cfg_attr(
    not(test),
    warn(clippy::expect_used, clippy::panic, clippy::unwrap_used)
)]

use importer::TableFiles;

/// The year of the seed plan.
pub const YEAR: i32 = 2022;

/// 台政发〔2022〕9号, verbatim.
pub const DOCUMENT: &str = include_str!("../taizhou-2022/document.txt");

/// The reviewed tables beside it.
pub const TABLES: TableFiles<'static> = TableFiles {
    corrections: include_str!("../taizhou-2022/corrections.tsv"),
    units: include_str!("../taizhou-2022/units.tsv"),
    groups: include_str!("../taizhou-2022/groups.tsv"),
    indicators: include_str!("../taizhou-2022/indicators.tsv"),
};

/// The public holidays and make-up working days of China, for `domain::calendar::Calendar::parse`.
pub const CALENDAR: &str = include_str!("../calendar/china.tsv");

/// The departments that have demo accounts: the beginning of their names, and the unit. Each has a manager
/// (`fgw-manager`) and a reporter (`fgw-reporter`).
pub const DEMO_UNITS: [(&str, &str); 9] = [
    ("fgw", "市发展改革委"),
    ("jxj", "市经信局"),
    ("kjj", "市科技局"),
    ("czj", "市财政局"),
    ("jiaojiang", "椒江区政府"),
    ("linhai", "临海市政府"),
    ("dsj", "市大数据局"),
    ("yjj", "市应急管理局"),
    ("twxq", "台州湾新区管委会"),
];

/// How many of the document's leaders have demo accounts (`leader-1` …), in the order in which it first names them.
pub const DEMO_LEADERS: usize = 8;
