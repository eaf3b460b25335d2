//! The outline: which heading a row stands under, where merged cells leave columns empty.

use crate::{
    draft::SectionDraft,
    report::{Remark, Report},
    tables::Tables,
};

/// The outline as it grows, with the headings that apply now.
#[derive(Default)]
pub(crate) struct Outline {
    pub(crate) sections: Vec<SectionDraft>,
    /// The heading of each level that applies now.
    current: Vec<usize>,
}

impl Outline {
    /// The heading of a row: `headings` are the cells before the target's text. Answers none when no heading has come
    /// yet.
    pub(crate) fn place(
        &mut self,
        line: u32,
        headings: &[&str],
        tables: &Tables,
        report: &mut Report,
    ) -> Option<usize> {
        let mut named = None;
        for (depth, heading) in headings.iter().enumerate() {
            if !heading.is_empty() {
                let title = tables.heading(line, heading, report);
                self.enter(line, depth, title, report);
                named = Some(depth);
            }
        }
        let columns = headings.len();
        // A sub-topic ends where the text returns to the topic's own column. (A row that lost tabs begins before
        // that column; it belongs to the topic, too.)
        if named.is_none_or(|depth| depth < 2) && columns < 3 && self.current.len() > 2 {
            self.current.truncate(2);
        }
        if named.is_none() && columns < self.current.len() {
            report.doubt(
                line,
                Remark::RowEarly {
                    columns: self.current.len() - columns,
                    heading: self.title().to_owned(),
                },
            );
        }
        self.current.last().copied()
    }

    fn title(&self) -> &str {
        self.current
            .last()
            .and_then(|at| self.sections.get(*at))
            .map_or("", |section| &section.title)
    }

    /// Goes to the heading of a depth, which may be the one that applies already (a repetition after a page break).
    fn enter(&mut self, line: u32, depth: usize, title: String, report: &mut Report) {
        let same = self
            .current
            .get(depth)
            .and_then(|at| self.sections.get(*at))
            .is_some_and(|section| section.title == title);
        if same {
            return;
        }
        if depth > self.current.len() {
            report.doubt(
                line,
                Remark::HeadingWithoutParent {
                    heading: title.clone(),
                    column: depth,
                },
            );
        }
        self.current.truncate(depth);
        let parent = self.current.last().copied();
        let known = self
            .sections
            .iter()
            .position(|section| section.parent == parent && section.title == title);
        if known.is_some() {
            report.doubt(
                line,
                Remark::HeadingAgain {
                    heading: title.clone(),
                },
            );
        }
        let at = known.unwrap_or_else(|| {
            let siblings = self
                .sections
                .iter()
                .filter(|section| section.parent == parent);
            let ordinal = (1..)
                .zip(siblings)
                .map(|(place, _)| place + 1)
                .last()
                .unwrap_or(1);
            let level = match self.current.len() {
                0 => 1,
                1 => 2,
                _ => 3,
            };
            self.sections.push(SectionDraft {
                parent,
                level,
                ordinal,
                title,
            });
            self.sections.len() - 1
        });
        self.current.push(at);
    }
}
