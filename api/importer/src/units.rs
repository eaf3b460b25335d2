//! The responsible units of a row.
//!
//! Items are separated by 、 and ， (and an ASCII comma), but not inside brackets. A shared suffix distributes:
//! 椒江区、黄岩区、路桥区政府 is three governments. The first item leads, with all that share its suffix or its phrase;
//! the others support. A trailing 等 leaves the list open. A unit in brackets acts for the one before them.

use entity::kinds::{AssignmentRole, GroupResolution};

use crate::{
    draft::{AssignmentDraft, DesignationDraft},
    report::{Remark, Report},
    tables::Tables,
};

/// The units of a row.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Responsible {
    pub(crate) open_ended: bool,
    pub(crate) assignments: Vec<AssignmentDraft>,
    pub(crate) designations: Vec<DesignationDraft>,
}

/// A cell of units.
pub(crate) struct List<'a> {
    /// Its place in the row, from 1.
    pub(crate) column: u32,
    pub(crate) cell: &'a str,
    pub(crate) share: Share,
}

/// Who of the units of a cell leads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Share {
    /// The first, with all that share its phrase (责任单位).
    FirstLeads,
    /// All of them (牵头单位).
    AllLead,
    /// None of them (配合单位); the cell may be empty.
    AllSupport,
}

impl Share {
    const fn role(self, first: bool) -> AssignmentRole {
        match (self, first) {
            (Self::FirstLeads, true) | (Self::AllLead, _) => AssignmentRole::Lead,
            (Self::FirstLeads, false) | (Self::AllSupport, _) => AssignmentRole::Supporting,
        }
    }
}

/// Reads a row's cells of units. What cannot be read is a problem of the report.
pub(crate) fn read(
    line: u32,
    lists: &[List<'_>],
    tables: &Tables,
    report: &mut Report,
) -> Responsible {
    let mut responsible = Responsible::default();
    let mut ordinal = 0;
    for List {
        column,
        cell,
        share,
    } in lists
    {
        let (list, open_ended) = match cell.strip_suffix('等') {
            Some(list) => (list, true),
            None => (*cell, false),
        };
        responsible.open_ended |= open_ended;
        let phrases = phrases(&items(list), tables);
        if phrases.is_empty() && *share != Share::AllSupport {
            report.problem(line, Some(*column), Remark::NoUnit);
        }
        for (place, phrase) in phrases.iter().enumerate() {
            ordinal += 1;
            let role = share.role(place == 0);
            for item in phrase {
                responsible.add(line, *column, item, role, ordinal, tables, report);
            }
        }
    }
    responsible.named_before_groups();
    responsible
}

impl Responsible {
    fn add(
        &mut self,
        line: u32,
        column: u32,
        item: &str,
        role: AssignmentRole,
        ordinal: u32,
        tables: &Tables,
        report: &mut Report,
    ) {
        if let Some(group) = tables.group(item) {
            match group.resolution {
                GroupResolution::Members => {
                    self.assignments
                        .extend(group.members.iter().map(|unit| AssignmentDraft {
                            unit: unit.clone(),
                            acting_unit: None,
                            role,
                            ordinal,
                            group: Some(group.name.clone()),
                        }));
                }
                GroupResolution::Designation => self.designations.push(DesignationDraft {
                    phrase: item.to_owned(),
                    group: group.name.clone(),
                    role,
                    ordinal,
                }),
            }
            return;
        }
        let (outside, inside) = brackets(item);
        let mut known = |name: &str| {
            let unit = tables.unit(name);
            if unit.is_none() {
                report.problem(
                    line,
                    Some(column),
                    Remark::UnknownUnit {
                        name: name.to_owned(),
                    },
                );
            }
            unit.map(str::to_owned)
        };
        let unit = known(outside);
        let acting_unit = inside.and_then(&mut known);
        let Some(unit) = unit else { return };
        if self
            .assignments
            .iter()
            .any(|other| other.unit == unit && other.group.is_none())
        {
            report.doubt(line, Remark::UnitTwice { name: unit });
            return;
        }
        self.assignments.push(AssignmentDraft {
            unit,
            acting_unit,
            role,
            ordinal,
            group: None,
        });
    }

    /// A unit that is both named and a member of a group has one assignment: the named one.
    fn named_before_groups(&mut self) {
        let named: Vec<String> = self
            .assignments
            .iter()
            .filter(|assignment| assignment.group.is_none())
            .map(|assignment| assignment.unit.clone())
            .collect();
        let mut of_groups: Vec<String> = Vec::new();
        self.assignments.retain(|assignment| {
            if assignment.group.is_none() {
                return true;
            }
            let again = named.contains(&assignment.unit) || of_groups.contains(&assignment.unit);
            of_groups.push(assignment.unit.clone());
            !again
        });
    }
}

/// The items of a list, each with whether a 、 joins it to the one before.
fn items(list: &str) -> Vec<(bool, String)> {
    let mut items = Vec::new();
    let mut item = String::new();
    let mut joined = false;
    let mut depth = 0usize;
    for c in list.chars() {
        match c {
            '（' | '(' => depth += 1,
            '）' | ')' => depth = depth.saturating_sub(1),
            _ => {}
        }
        if depth == 0 && matches!(c, '、' | '，' | ',') {
            items.push((joined, std::mem::take(&mut item)));
            joined = c == '、';
        } else {
            item.push(c);
        }
    }
    items.push((joined, item));
    items
        .into_iter()
        .map(|(joined, item)| (joined, item.trim().to_owned()))
        .filter(|(_, item)| !item.is_empty())
        .collect()
}

/// The phrases of a list: one item each, or several that share the suffix 政府 of their last.
fn phrases(items: &[(bool, String)], tables: &Tables) -> Vec<Vec<String>> {
    const SUFFIX: &str = "政府";
    let mut phrases: Vec<Vec<String>> = Vec::new();
    let mut waiting: Vec<String> = Vec::new();
    let known =
        |item: &str| tables.unit(brackets(item).0).is_some() || tables.group(item).is_some();
    for (joined, item) in items {
        if !joined {
            phrases.extend(waiting.drain(..).map(|item| vec![item]));
        }
        if !known(item) && tables.unit(&format!("{item}{SUFFIX}")).is_some() {
            waiting.push(item.clone());
        } else if item.ends_with(SUFFIX) && tables.unit(item).is_some() {
            let mut phrase: Vec<String> = waiting
                .drain(..)
                .map(|item| format!("{item}{SUFFIX}"))
                .collect();
            phrase.push(item.clone());
            phrases.push(phrase);
        } else {
            phrases.extend(waiting.drain(..).map(|item| vec![item]));
            phrases.push(vec![item.clone()]);
        }
    }
    phrases.extend(waiting.into_iter().map(|item| vec![item]));
    phrases
}

/// What stands outside the brackets at the end of an item, and inside.
fn brackets(item: &str) -> (&str, Option<&str>) {
    let inside = item
        .strip_suffix('）')
        .or_else(|| item.strip_suffix(')'))
        .and_then(|open| open.split_once(['（', '(']));
    match inside {
        Some((outside, inside)) => (outside.trim(), Some(inside.trim())),
        None => (item, None),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::tests::tables;

    /// A list as a short text: role, place, unit, acting unit and group of each.
    fn reading(cell: &str) -> (String, Vec<String>) {
        let mut report = Report::default();
        let list = List {
            column: 1,
            cell,
            share: Share::FirstLeads,
        };
        let read = read(1, &[list], &tables(), &mut report);
        let assignments = read.assignments.iter().map(|assignment| {
            let acting = assignment.acting_unit.iter().map(|unit| format!("←{unit}"));
            let group = assignment.group.iter().map(|_| "*".to_owned());
            let role = if assignment.role == AssignmentRole::Lead {
                "L"
            } else {
                "S"
            };
            let marks: String = acting.chain(group).collect();
            format!("{role}{} {}{marks}", assignment.ordinal, assignment.unit)
        });
        let designations = read
            .designations
            .iter()
            .map(|designation| format!("?{} {}", designation.ordinal, designation.phrase));
        let open = read.open_ended.then(|| "…".to_owned());
        let text: Vec<String> = assignments.chain(designations).chain(open).collect();
        let problems = report
            .problems
            .into_iter()
            .map(|note| note.remark.english())
            .collect();
        (text.join(" | "), problems)
    }

    #[test]
    fn lists_as_the_document_writes_them() {
        let all = "三门县政府* | S2 天台县政府* | S2 仙居县政府* | S2 温岭市政府* | S2 临海市政府* | S2 玉环市政府*";
        for (cell, expected) in [
            ("市科技局", "L1 市科技局".to_owned()),
            ("市发改委等", "L1 市发展改革委 | …".to_owned()),
            (
                "市科技局，椒江区、黄岩区、路桥区政府，台州湾新区管委会等",
                "L1 市科技局 | S2 椒江区政府 | S2 黄岩区政府 | S2 路桥区政府 | S3 台州湾新区管委会 | …".to_owned(),
            ),
            (
                "玉环市、天台县政府，市发展改革委等",
                "L1 玉环市政府 | L1 天台县政府 | S2 市发展改革委 | …".to_owned(),
            ),
            (
                "市经信局，各县（市、区）政府",
                format!("L1 市经信局 | S2 椒江区政府* | S2 黄岩区政府* | S2 路桥区政府* | S2 {all}")
                    .replacen("S2 三门", "三门", 1)
                    .replacen("三门", "S2 三门", 1)
                    .replace("S2 S2", "S2"),
            ),
            (
                "市财政局,市级各单位，相关县（市、区）政府",
                "L1 市财政局 | ?2 市级各单位 | ?3 相关县（市、区）政府".to_owned(),
            ),
            (
                "市安委办（市应急管理局），市公安局",
                "L1 市安委办←市应急管理局 | S2 市公安局".to_owned(),
            ),
            ("市“五水共治”办、市建设局", "L1 市“五水共治”办 | S2 市建设局".to_owned()),
        ] {
            assert_eq!(reading(cell), (expected, vec![]), "{cell}");
        }
    }

    #[test]
    fn the_named_unit_has_the_assignment_and_not_its_group() {
        let (text, _) = reading("仙居县政府，各县（市、区）政府");
        assert!(text.starts_with("L1 仙居县政府 | S2 椒江区政府*"), "{text}");
        assert!(!text.contains("仙居县政府*"), "{text}");
        assert_eq!(text.matches('|').count(), 8);
    }

    #[test]
    fn an_unknown_unit_is_a_problem() {
        for (cell, unknown) in [
            ("市科技局、市气象台", "市气象台"),
            ("市安委办（市气象台）", "市气象台"),
            ("椒江区、市科技局", "椒江区"),
        ] {
            assert_eq!(
                reading(cell).1,
                [format!("{unknown} is not in the register of units")],
                "{cell}"
            );
        }
        assert_eq!(reading("等").1, ["the row names no responsible unit"]);
    }

    proptest! {
        #[test]
        fn whatever_stands_in_the_cell_is_read_without_a_panic(cell in "[市科技局椒江区政府（）()、，,等 a]{0,30}") {
            reading(&cell);
        }

        #[test]
        fn a_list_of_names_is_those_units_and_the_first_leads(
            names in prop::sample::subsequence(vec!["市科技局", "市经信局", "市财政局", "市公安局", "台州学院"], 1..5),
            separator in prop::sample::select(vec!["、", "，", ","]),
        ) {
            let expected: Vec<String> = (1..).zip(&names)
                .map(|(place, name)| format!("{}{place} {name}", if place == 1 { "L" } else { "S" }))
                .collect();
            prop_assert_eq!(reading(&names.join(separator)), (expected.join(" | "), vec![]));
        }
    }
}
