//! The whole of the 2022 document, and documents that are broken.

use std::fmt::Write;

use entity::kinds::AssignmentRole;
use proptest::prelude::*;

use crate::{PlanDraft, Reading, TableFiles, Tables, read};

const DOCUMENT: &str = include_str!("../../../seeds/taizhou-2022/document.txt");

pub(crate) fn tables() -> Tables {
    Tables::parse(&TableFiles {
        corrections: include_str!("../../../seeds/taizhou-2022/corrections.tsv"),
        units: include_str!("../../../seeds/taizhou-2022/units.tsv"),
        groups: include_str!("../../../seeds/taizhou-2022/groups.tsv"),
        indicators: include_str!("../../../seeds/taizhou-2022/indicators.tsv"),
    })
    .expect("the reviewed tables")
}

fn reading() -> (PlanDraft, Reading) {
    let reading = read(DOCUMENT, 2022, &tables());
    assert_eq!(reading.report.problems, []);
    (reading.plan.clone().expect("a plan"), reading)
}

/// The whole result as text, so that a change shows as a difference between lines.
fn print(plan: &PlanDraft, reading: &Reading) -> String {
    let mut out = String::new();
    let mut line = |text: String| {
        out.push_str(&text);
        out.push('\n');
    };
    line(format!(
        "{} {} {} {} {}",
        plan.year, plan.title, plan.document_number, plan.issuer, plan.issued_on
    ));
    line(format!("leaders: {}", plan.leaders.join(" ")));
    for unit in &plan.units {
        line(format!(
            "unit: {} = {} {} {} {}",
            unit.name,
            unit.full_name.as_deref().unwrap_or("-"),
            unit.kind.as_str(),
            unit.code.as_deref().unwrap_or("-"),
            unit.aliases.join("|")
        ));
    }
    for group in &plan.groups {
        line(format!(
            "group: {} {} {}",
            group.name,
            group.resolution.as_str(),
            group.members.join("|")
        ));
    }
    for correction in &plan.corrections {
        line(format!(
            "heading: {} = {} ({})",
            correction.heading, correction.corrected, correction.reason
        ));
    }
    for at in 0..plan.sections.len() {
        let level = plan.sections[at].level;
        line(format!("section: {level} {}", path(plan, at)));
    }
    // Of a group in the list above, from 1.
    let place = |group: &str| {
        plan.groups
            .iter()
            .position(|it| it.name == group)
            .map_or(0, |at| at + 1)
    };
    let mut section = None;
    for target in &plan.targets {
        if section != Some(target.section) {
            section = Some(target.section);
            line(String::new());
            line(format!("## {}", path(plan, target.section)));
        }
        let mut text = format!(
            "{} (line {}) {}",
            target.number, target.source_line, target.text
        );
        if target.plain_text != target.text {
            let _ = write!(text, "\n   = {}", target.plain_text);
        }
        let _ = write!(text, "\n   {}", target.leaders.join(" "));
        if let Some(due_on) = target.due_on {
            let _ = write!(text, " until {due_on}");
        }
        for assignment in &target.assignments {
            let _ = write!(
                text,
                " | {}{} {}",
                &assignment.role.as_str()[..1],
                assignment.ordinal,
                assignment.unit
            );
            if let Some(acting) = &assignment.acting_unit {
                let _ = write!(text, "←{acting}");
            }
            if let Some(group) = &assignment.group {
                let _ = write!(text, "*{}", place(group));
            }
        }
        for designation in &target.designations {
            let _ = write!(
                text,
                " | ?{}{} {}*{}",
                &designation.role.as_str()[..1],
                designation.ordinal,
                designation.phrase,
                place(&designation.group)
            );
        }
        if target.open_ended {
            text.push_str(" | …");
        }
        for indicator in &target.indicators {
            let _ = write!(
                text,
                "\n   # {} {} {} {} {} {}《{}》",
                indicator.name,
                indicator.comparison.as_str(),
                indicator.goal.normalize(),
                indicator.unit_of_measure,
                indicator.kind.as_str(),
                if indicator.confirmed { "" } else { "? " },
                indicator.phrase
            );
        }
        line(text);
    }
    line(String::new());
    for (what, notes) in [
        ("correction", &reading.report.corrections),
        ("doubt", &reading.report.doubts),
    ] {
        for note in notes {
            line(format!(
                "{what}, line {}: {}",
                note.line,
                note.remark.english()
            ));
        }
    }
    out
}

fn path(plan: &PlanDraft, at: usize) -> String {
    let section = &plan.sections[at];
    match section.parent {
        Some(parent) => format!(
            "{} / {}.{}",
            path(plan, parent),
            section.ordinal,
            section.title
        ),
        None => format!("{}.{}", section.ordinal, section.title),
    }
}

#[test]
fn the_whole_document() {
    let (plan, reading) = reading();
    insta::assert_snapshot!(print(&plan, &reading));
}

#[test]
fn what_the_domain_says_of_the_document() {
    let (plan, reading) = reading();
    assert_eq!(plan.targets.len(), 194);
    assert_eq!(plan.leaders.len(), 8);
    let numbers: Vec<u32> = plan.targets.iter().map(|target| target.number).collect();
    assert_eq!(numbers, (1..=194).collect::<Vec<u32>>());
    let carbon = plan
        .targets
        .iter()
        .filter(|target| path(&plan, target.section).ends_with("实施“6+1”领域碳达峰行动"));
    assert_eq!(carbon.count(), 5);
    assert!(plan.targets.iter().all(|target| {
        target
            .indicators
            .iter()
            .all(|indicator| indicator.confirmed)
    }));
    assert!(!reading.report.corrections.is_empty());
}

#[test]
fn every_text_is_verbatim_and_every_phrase_is_in_it() {
    let (plan, _) = reading();
    let lines: Vec<&str> = DOCUMENT.lines().collect();
    for target in &plan.targets {
        let line = lines[target.source_line as usize - 1];
        assert!(
            line.split('\t').any(|cell| cell.trim() == target.text),
            "{}",
            target.number
        );
        for indicator in &target.indicators {
            assert!(
                target.plain_text.contains(&indicator.phrase),
                "{}",
                indicator.phrase
            );
        }
    }
    let particles = &plan
        .targets
        .iter()
        .find(|target| target.text.contains("<sub>"))
        .expect("PM2.5")
        .plain_text;
    assert!(
        particles.starts_with("实施PM2.5和O3“双控双减”"),
        "{particles}"
    );
}

#[test]
fn another_year_than_the_documents_is_a_problem() {
    let reading = read(DOCUMENT, 2023, &tables());
    assert_eq!(reading.plan, None);
    assert_eq!(reading.report.problems.len(), 1);
    assert_eq!(reading.report.problems[0].line, 25);
}

#[test]
fn each_problem_is_told_with_its_place() {
    let broken = DOCUMENT.replace("市审计局", "市审什么局").replace(
        "\t发展近洋航线。\t苗文斌 宋积晟 李昌明\t",
        "\t发展近洋航线。\t",
    );
    let reading = read(&broken, 2022, &tables());
    assert_eq!(reading.plan, None);
    let places: Vec<(u32, Option<u32>)> = reading
        .report
        .problems
        .iter()
        .filter(|note| !note.remark.english().contains("indicators.tsv"))
        .map(|note| (note.line, note.column))
        .collect();
    assert_eq!(places, [(127, None), (260, Some(4))]);
}

#[test]
fn leaders_are_separated_by_spaces_or_commas() {
    let commas = DOCUMENT.replace("\t苗文斌 宋积晟 李昌明\t", "\t苗文斌、宋积晟，李昌明\t");
    assert_ne!(commas, DOCUMENT);
    let (plan, _) = reading();
    let read = read(&commas, 2022, &tables());
    assert_eq!(read.report.problems, []);
    assert_eq!(read.plan.expect("a plan").targets, plan.targets);
}

/// A document of another city: rows are numbered, lead units have a column of their own, and so have due dates.
fn elsewhere(header: &str, rows: &[&str]) -> Reading {
    let (head, _) = DOCUMENT.split_once("目标任务\t").expect("a header");
    let document = format!("{head}{header}\n{}\n", rows.join("\n"));
    let tables = tables();
    // What was reviewed by hand is of another document.
    let tables = Tables::of(tables.units, tables.groups, tables.corrections);
    read(&document, 2022, &tables)
}

const NAMED: &str = "序号\t目标任务\t\t责任领导\t牵头单位\t配合单位\t完成时限\t备注";

#[test]
fn columns_are_read_by_their_headings() {
    let reading = elsewhere(
        NAMED,
        &[
            "1\t一、主要目标\t生产总值增长 7%以上。\t林先华\t市发展改革委、市财政局\t市水利局，各县（市、区）政府等\t6月底前\t重点",
            "2\t\t发展近洋航线。\t林先华、李昌明\t市科技局\t\t持续推进",
            NAMED,
            "3\t二、其他目标\t整治河道。\t李昌明\t市水利局\t\t2022年9月30日",
            "4\t\t整治海岸。\t李昌明\t市水利局",
        ],
    );
    assert_eq!(reading.report.problems, []);
    let doubts: Vec<String> = reading
        .report
        .doubts
        .iter()
        .map(|it| it.remark.english())
        .collect();
    for doubt in ["备注", "《持续推进》 is no due date", "《》 is no due date"] {
        let found = doubts.iter().filter(|it| it.contains(doubt)).count();
        assert_eq!(found, 1, "{doubt}: {doubts:?}");
    }
    let plan = reading.plan.expect("a plan");
    let told: Vec<String> = plan
        .targets
        .iter()
        .map(|target| {
            let units = target.assignments.iter().filter(|it| it.group.is_none());
            let units: Vec<String> = units
                .map(|it| format!("{}{} {}", &it.role.as_str()[..1], it.ordinal, it.unit))
                .collect();
            format!(
                "{} {} {} | {} | {} {} {}",
                target.number,
                path(&plan, target.section),
                target.text,
                target.leaders.join(" "),
                units.join(" "),
                target.due_on.map_or("-".to_owned(), |day| day.to_string()),
                target.open_ended
            )
        })
        .collect();
    assert_eq!(
        told,
        [
            "1 1.一、主要目标 生产总值增长 7%以上。 | 林先华 | L1 市发展改革委 L2 市财政局 S3 市水利局 2022-06-30 true",
            "2 1.一、主要目标 发展近洋航线。 | 林先华 李昌明 | L1 市科技局 - false",
            "3 2.二、其他目标 整治河道。 | 李昌明 | L1 市水利局 2022-09-30 false",
            "4 2.二、其他目标 整治海岸。 | 李昌明 | L1 市水利局 - false",
        ]
    );
    let of_group = plan.targets[0]
        .assignments
        .iter()
        .filter(|it| it.group.is_some());
    assert!(
        of_group
            .clone()
            .all(|it| it.role == AssignmentRole::Supporting)
    );
    assert_eq!(of_group.count(), 9);
}

#[test]
fn columns_before_the_targets_hold_headings_unless_they_are_known() {
    let reading = elsewhere(
        "序号\t重点工作\t责任领导\t目标任务\t牵头单位\t责任领导",
        &[
            "1\t一、工业\t林先华\t做。\t市科技局\t李昌明",
            "2\t\t林先华\t做完。\t市科技局",
        ],
    );
    assert_eq!(reading.report.problems, []);
    let doubts: Vec<String> = reading
        .report
        .doubts
        .iter()
        .map(|it| it.remark.english())
        .collect();
    assert!(
        !doubts.iter().any(|it| it.contains("重点工作")),
        "{doubts:?}"
    );
    assert!(
        doubts.contains(&"the column 责任领导 is not read".to_owned()),
        "{doubts:?}"
    );
    let plan = reading.plan.expect("a plan");
    let titles: Vec<&str> = plan.sections.iter().map(|it| &*it.title).collect();
    assert_eq!(titles, ["一、工业"]);
    assert!(plan.targets.iter().all(|it| it.leaders == ["林先华"]));
    // A row whose target is empty is none, whatever stands before it.
    let reading = elsewhere(
        "重点工作\t目标任务\t责任领导\t牵头单位",
        &["一、工业\t\t林先华\t市科技局"],
    );
    assert_eq!(reading.plan, None);
    let wide = format!("{NAMED}{}", "\t列".repeat(50));
    let problems = elsewhere(&wide, &["1\t一\t做。\t林先华\t市科技局"])
        .report
        .problems;
    assert!(
        problems
            .iter()
            .any(|it| it.remark.english().contains("at most 50 columns")),
        "{problems:?}"
    );
}

#[test]
fn what_a_table_of_named_columns_lacks_is_told_with_its_place() {
    for (header, row, place, told) in [
        (
            "序号\t目标任务\t\t牵头单位",
            "1\t一\t做。\t市科技局",
            (27, None),
            "no column 责任领导",
        ),
        (
            NAMED,
            "1\t一\t做。\t林先华\t\t市科技局",
            (28, Some(5)),
            "no responsible unit",
        ),
        (
            NAMED,
            "1\t一\t做。\t林先华\t市科技局\t市什么局",
            (28, Some(6)),
            "register",
        ),
        (
            "目标任务\t\t责任领导\t牵头单位\t配合单位",
            "做。\t林先华\t市科技局\t市财政局",
            (28, None),
            "市科技局 is a unit",
        ),
        (
            NAMED,
            "1\t一\t做。\t\t市科技局",
            (28, None),
            "not understood",
        ),
        (
            NAMED,
            "1\t\t\t林先华\t市科技局",
            (28, None),
            "not understood",
        ),
    ] {
        let reading = elsewhere(header, &[row]);
        assert_eq!(reading.plan, None, "{row}");
        let found =
            reading.report.problems.iter().any(|note| {
                (note.line, note.column) == place && note.remark.english().contains(told)
            });
        assert!(found, "{row}: {:?}", reading.report.problems);
    }
}

#[test]
fn a_table_that_cannot_be_read_says_where() {
    let bad = Tables::parse(&TableFiles {
        corrections: "heading\tcorrected\n",
        units: "# a comment\nname\tfull_name\tkind\tcode\taliases\n市科技局\t\tOFFICE\t\t\n市财政局\t\tENTERPRISE\t\t\n市财政局\t\tENTERPRISE\t\t\n",
        groups: "name\tresolution\tmembers\n各局\tMEMBERS\t市财政局|市水利局\n",
        indicators: "",
    })
    .expect_err("bad tables");
    let places: Vec<(&str, u64)> = bad
        .iter()
        .map(|bad| (bad.file.as_str(), bad.line))
        .collect();
    assert_eq!(
        places,
        [
            ("corrections.tsv", 1),
            ("units.tsv", 3),
            ("groups.tsv", 2),
            ("units.tsv", 0)
        ]
    );
}

#[test]
fn every_remark_is_said_in_both_languages() {
    let broken = DOCUMENT
        .replace("市审计局", "市审什么局")
        .replace("台政发〔2022〕9号", "台政发")
        .replace(
            "\t发展近洋航线。\t苗文斌 宋积晟 李昌明\t",
            "\t发展近洋航线。\t",
        );
    for document in [&broken, "", "2022年\n\t目标任务\t责任单位"] {
        let report = read(document, 2023, &tables()).report;
        for note in [report.corrections, report.doubts, report.problems].concat() {
            let (english, chinese) = (note.remark.english(), note.remark.chinese());
            assert!(english.is_ascii() || english != chinese, "{english}");
            assert!(
                chinese
                    .chars()
                    .any(|c| ('\u{4e00}'..='\u{9fff}').contains(&c)),
                "{chinese}"
            );
            assert!(
                english.chars().any(|c| c.is_ascii_alphabetic()),
                "{english}"
            );
        }
    }
}

#[test]
fn what_is_longer_than_it_may_be_is_a_problem() {
    let long = DOCUMENT.replace("发展近洋航线。", &"航".repeat(4001));
    let reading = read(&long, 2022, &tables());
    assert_eq!(reading.plan, None);
    let told: Vec<_> = reading
        .report
        .problems
        .iter()
        .map(|note| (note.line, note.remark.english()))
        .collect();
    assert_eq!(
        told,
        [(127, "a text here is longer than 4000 characters".to_owned())]
    );
}

#[test]
fn a_register_from_elsewhere_reads_as_the_tables_do() {
    let tables = tables();
    let of = Tables::of(
        tables.units.clone(),
        tables.groups.clone(),
        tables.corrections.clone(),
    );
    let (read_again, (plan, _)) = (read(DOCUMENT, 2022, &of), reading());
    let other = read_again.plan.expect("a plan");
    assert_eq!(read_again.report.problems, []);
    assert_eq!(other.sections, plan.sections);
    for (one, other) in plan.targets.iter().zip(&other.targets) {
        assert_eq!(one.assignments, other.assignments);
        assert_eq!(one.leaders, other.leaders);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn whatever_comes_is_read_without_a_panic(text in "(?s).{0,300}") {
        read(&text, 2022, &tables());
    }

    #[test]
    fn a_damaged_document_gives_a_report_and_never_a_wrong_count(line in 27usize..260, at in any::<prop::sample::Index>()) {
        let mut lines: Vec<String> = DOCUMENT.lines().map(str::to_owned).collect();
        let characters: Vec<char> = lines[line].chars().collect();
        if !characters.is_empty() {
            let at = at.index(characters.len());
            lines[line] = characters[..at].iter().chain(&characters[at + 1..]).collect();
        }
        if let Some(plan) = read(&lines.join("\n"), 2022, &tables()).plan {
            prop_assert!(plan.targets.len() <= 194);
            prop_assert!(plan.targets.len() >= 193);
        }
    }
}
