//! Loading the amendments of targets, and the targets in which targets go on.

use std::{collections::HashMap, sync::Arc};

use entity::{amendment, ids::TargetId, target};
use store::{Amendments, Page, Seen, TargetKey};

use super::{CallLoader, CountOf, Loader, Outcome, PageOf, alike};

type AmendmentPage = PageOf<TargetKey, Amendments>;
type AmendmentCount = CountOf<TargetKey, Amendments>;

impl Loader<AmendmentPage> for CallLoader {
    type Value = Outcome<Arc<Page<Seen<amendment::Model>>>>;

    async fn load(&self, keys: &[AmendmentPage]) -> Outcome<HashMap<AmendmentPage, Self::Value>> {
        let mut pages = HashMap::new();
        for (args, keys) in alike(keys, |key| key.args.clone()) {
            let targets: Vec<TargetKey> = keys.iter().map(|key| key.parent).collect();
            let rows = self.call.amendments_of_targets(&targets, &args).await?;
            pages.extend(
                keys.into_iter()
                    .zip(rows)
                    .map(|(key, page)| (key, page.map(Arc::new))),
            );
        }
        Ok(pages)
    }
}

impl Loader<AmendmentCount> for CallLoader {
    type Value = i64;

    async fn load(&self, keys: &[AmendmentCount]) -> Outcome<HashMap<AmendmentCount, i64>> {
        let targets: Vec<TargetKey> = keys.iter().map(|key| key.parent).collect();
        let counts = self.call.amendment_counts(&targets).await?;
        Ok(keys.iter().cloned().zip(counts).collect())
    }
}

/// The target of a later year in which a target goes on.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct CarriedTo(pub(crate) TargetId);

impl Loader<CarriedTo> for CallLoader {
    type Value = Seen<target::Model>;

    async fn load(&self, keys: &[CarriedTo]) -> Outcome<HashMap<CarriedTo, Self::Value>> {
        let targets: Vec<TargetId> = keys.iter().map(|key| key.0).collect();
        let rows = self.call.carried_to(&targets).await?;
        Ok(rows
            .into_iter()
            .map(|(from, row)| (CarriedTo(from), row))
            .collect())
    }
}
