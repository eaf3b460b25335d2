//! The supervision office imports a document against the register of units: a draft, or a report of why not.

use std::collections::{HashMap, HashSet};

use domain::{FileReason, Reason, Refusal, action::LONGEST_REASON, plan::import};
use entity::{
    heading_correction, kinds::EventType, plan, unit, unit_alias, unit_group, unit_group_member,
};
use importer::{CorrectionDraft, GroupDraft, PlanDraft, Reading, Report, Tables, UnitDraft};
use sea_orm::{EntityTrait, QueryOrder};
use serde_json::json;

use super::{
    MOST_ITEMS,
    plans::{plan_row, plan_told},
    text,
    units::lock_register,
};
use crate::{
    Call, Error, Fault, ImportOutcome, ImportPlan, Once, Result, Seen,
    digest::sha256,
    system::{Judged, import_plan, imported, judged},
    write::Begun,
};

/// The years for which there are plans.
const YEARS: std::ops::RangeInclusive<i32> = 2000..=2100;
/// The most characters of a heading.
const LONGEST_HEADING: usize = 200;

/// The most bytes of a document; a city's has some hundred thousand.
pub const LARGEST_DOCUMENT: usize = 2 * 1024 * 1024;

/// A document to be imported.
#[derive(Clone, Debug)]
pub struct ImportDocument {
    /// What the file holds.
    pub content: Vec<u8>,
    /// The year of the plan.
    pub year: i32,
    /// Read and report only.
    pub dry_run: bool,
    /// Corrections of headings, as a person has reviewed them.
    pub corrections: Vec<CorrectionDraft>,
}

/// What came of importing a document.
#[derive(Clone, Debug)]
pub struct ImportReport {
    /// The plan; none when it was only read, or could not be imported.
    pub plan: Option<Seen<plan::Model>>,
    /// What the plan has.
    pub numbers: ImportNumbers,
    /// What there is to say of the document.
    pub report: Report,
    /// Why it is not imported.
    pub refused: Vec<Refusal>,
}

/// What a plan has that was read; nothing when there is a problem.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ImportNumbers {
    /// Targets.
    pub targets: usize,
    /// Leaders.
    pub leaders: usize,
    /// Units that are assigned to a target, or act for one that is.
    pub units: usize,
}

impl ImportNumbers {
    fn of(draft: &PlanDraft) -> Self {
        let parts = draft.targets.iter().flat_map(|target| &target.assignments);
        let units = parts.flat_map(|part| std::iter::once(&part.unit).chain(&part.acting_unit));
        Self {
            targets: draft.targets.len(),
            leaders: draft.leaders.len(),
            units: units.collect::<HashSet<_>>().len(),
        }
    }
}

/// The text of a document.
fn document(content: &[u8]) -> Result<String> {
    const FILE: &str = "file";
    let most = LARGEST_DOCUMENT;
    if content.is_empty() {
        return Err(Reason::File(FileReason::Empty).at(FILE).into());
    }
    if content.len() > most {
        return Err(Reason::File(FileReason::TooLarge { most }).at(FILE).into());
    }
    let text = std::str::from_utf8(content).map_err(|_| Reason::NotPlainText.at(FILE))?;
    if text.contains('\0') {
        return Err(Reason::NotPlainText.at(FILE).into());
    }
    Ok(text.trim_start_matches('\u{feff}').to_owned())
}

impl Call {
    /// The register against which a document is read: the units with their aliases, the groups, and the corrections of
    /// headings, of which those that are given go before those that are kept.
    ///
    /// # Errors
    /// Refused: a viewer who is not the supervision office of all plans, a year for which there are no plans, or corrections that are
    /// blank, too long or too many.
    async fn import_tables(&self, year: i32, corrections: Vec<CorrectionDraft>) -> Result<Tables> {
        import(self.asking()?).map_err(Reason::whole)?;
        if !YEARS.contains(&year) {
            let (least, most) = (i64::from(*YEARS.start()), i64::from(*YEARS.end()));
            return Err(Reason::OutOfRange { least, most }.at("year").into());
        }
        let mut kept = self.checked(corrections)?;
        let db = self.reader();
        let rows = heading_correction::Entity::find().all(&db).await?;
        for row in rows {
            if !kept.iter().any(|other| other.heading == row.heading) {
                kept.push(CorrectionDraft {
                    heading: row.heading,
                    corrected: row.corrected,
                    reason: row.reason,
                });
            }
        }
        let mut units = Vec::new();
        let mut places = HashMap::new();
        let rows = unit::Entity::find()
            .order_by_asc(unit::Column::Id)
            .all(&db)
            .await?;
        for row in rows.iter().filter(|row| row.merged_into_id.is_none()) {
            places.insert(row.id, units.len());
            units.push(UnitDraft {
                name: row.name.clone(),
                full_name: row.full_name.clone(),
                kind: row.kind,
                code: row.code.clone(),
                aliases: Vec::new(),
            });
        }
        // One that was merged is known by the other's register entry, whole chains of them, too.
        let into = |mut id| {
            for _ in 0..rows.len() {
                match rows.iter().find(|row| row.id == id) {
                    Some(row) => match row.merged_into_id {
                        Some(next) => id = next,
                        None => return id,
                    },
                    None => return id,
                }
            }
            id
        };
        let merged = rows.iter().filter(|row| row.merged_into_id.is_some());
        let mut other_names: Vec<_> = merged.map(|row| (into(row.id), row.name.clone())).collect();
        let aliases = unit_alias::Entity::find()
            .order_by_asc(unit_alias::Column::Id)
            .all(&db)
            .await?;
        other_names.extend(
            aliases
                .into_iter()
                .map(|row| (into(row.unit_id), row.alias)),
        );
        for (unit, name) in other_names {
            if let Some(unit) = places.get(&unit).and_then(|at| units.get_mut(*at)) {
                unit.aliases.push(name);
            }
        }
        let names: HashMap<_, _> = rows
            .iter()
            .map(|row| (row.id, places.get(&into(row.id)).copied()))
            .collect();
        let mut groups = Vec::new();
        let members = unit_group_member::Entity::find()
            .order_by_asc(unit_group_member::Column::Ordinal)
            .all(&db)
            .await?;
        for row in unit_group::Entity::find()
            .order_by_asc(unit_group::Column::Id)
            .all(&db)
            .await?
        {
            let of_group = members.iter().filter(|member| member.group_id == row.id);
            let places =
                of_group.filter_map(|member| names.get(&member.unit_id).copied().flatten());
            groups.push(GroupDraft {
                name: row.name,
                resolution: row.resolution,
                members: places
                    .filter_map(|at| units.get(at).map(|unit| unit.name.clone()))
                    .collect(),
            });
        }
        Ok(Tables::of(units, groups, kept))
    }

    fn checked(&self, corrections: Vec<CorrectionDraft>) -> Result<Vec<CorrectionDraft>> {
        const FIELD: &str = "corrections";
        if corrections.len() > MOST_ITEMS {
            return Err(Reason::TooMany { most: MOST_ITEMS }.at(FIELD).into());
        }
        let mut kept: Vec<CorrectionDraft> = Vec::new();
        for (at, given) in corrections.into_iter().enumerate() {
            let read = |name: &str, given: &str, most| {
                text(name, given, most, true)
                    .map_err(|refusal| refusal.reason.in_item(FIELD, at, name))
            };
            let correction = CorrectionDraft {
                heading: read("heading", &given.heading, LONGEST_HEADING)?,
                corrected: read("corrected", &given.corrected, LONGEST_HEADING)?,
                reason: read("reason", &given.reason, LONGEST_REASON)?,
            };
            if kept.iter().any(|other| other.heading == correction.heading) {
                return Err(Reason::Repeated.in_item(FIELD, at, "heading").into());
            }
            kept.push(correction);
        }
        Ok(kept)
    }

    /// Imports a document as a draft, or only reads it, and reports what there is to say of it. Nothing is imported when there is a
    /// problem, and the same document again changes nothing. What is refused for the document's sake stands beside the report.
    ///
    /// # Errors
    /// Refused: a viewer who is not the supervision office of all plans, a year for which there are no plans, corrections that are
    /// blank, too long or too many, or what is no text in UTF-8, empty, or longer than [`LARGEST_DOCUMENT`].
    pub async fn import_document(
        &self,
        input: ImportDocument,
        once: Option<&Once>,
    ) -> Result<ImportReport> {
        let tables = self.import_tables(input.year, input.corrections).await?;
        let document = document(&input.content)?;
        let year = input.year;
        let reading = tokio::task::spawn_blocking(move || {
            let reading = importer::read(&document, year, &tables);
            (document, reading)
        });
        let (
            document,
            Reading {
                plan: draft,
                report,
            },
        ) = reading
            .await
            .map_err(|error| Fault::new(format!("reading a document: {error}")))?;
        let mut told = ImportReport {
            plan: None,
            numbers: draft.as_ref().map(ImportNumbers::of).unwrap_or_default(),
            report,
            refused: Vec::new(),
        };
        let other = match &draft {
            Some(_) => self.plan_of_year(year).await?,
            None => None,
        };
        let mut found = Judged::default();
        if let (Some(draft), None) = (&draft, &other) {
            found = judged(&self.reader(), draft, self.today()).await?;
            told.report.doubts.append(&mut found.new);
            told.report.doubts.sort_by_key(|note| note.line);
        }
        match draft {
            Some(_) if input.dry_run => {
                let mut other = other.iter();
                if other.any(|plan| plan.source_digest != sha256(&document)) {
                    told.refused.push(Reason::PlanExists { year }.at("year"));
                }
                told.refused.append(&mut found.unclear);
            }
            Some(draft) => match self.import_draft(&draft, &document, once).await {
                Ok(plan) => told.plan = Some(plan),
                Err(Error::Refused(refusals)) => told.refused = refusals,
                Err(error) => return Err(error),
            },
            None if input.dry_run => {}
            None => {
                let count = told.report.problems.len();
                told.refused
                    .push(Reason::DocumentProblems { count }.at("file"));
            }
        }
        Ok(told)
    }

    async fn import_draft(
        &self,
        draft: &PlanDraft,
        document: &str,
        once: Option<&Once>,
    ) -> Result<Seen<plan::Model>> {
        // The input as it is written has no file in it.
        let once = once.map(|once| once.with(&sha256(document)));
        let write = match self.begin(once.as_ref()).await? {
            Begun::Fresh(write) => write,
            Begun::Again(id) => return self.again(&id).await,
        };
        // Of two at once the second finds what the first has imported, and units and leaders are registered once.
        lock_register(&write).await?;
        let input = ImportPlan {
            draft,
            document,
            publish: false,
        };
        match import_plan(&write, self.now(), input, &|_| ()).await? {
            ImportOutcome::Imported(plan) => {
                let mut entry = imported(plan, draft);
                entry.event = Some(plan_told(plan, EventType::DraftChanged));
                let seen = plan_row(&write, plan).await?;
                write.commit_with(json!(plan), [entry]).await?;
                Ok(seen)
            }
            ImportOutcome::Unchanged(plan) => plan_row(&write, plan).await,
            ImportOutcome::OtherDocument(_) => {
                let year = draft.year;
                Err(Reason::PlanExists { year }.at("year").into())
            }
        }
    }
}
