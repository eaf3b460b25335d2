//! Rows that other rows name, read along with them: it saves a statement.

use std::{
    collections::{HashMap, hash_map::Entry},
    hash::Hash,
    sync::Arc,
};

use sea_orm::{
    FromQueryResult, IdenStatic, Iterable, QueryResult,
    sea_query::{Alias, Expr, ExprTrait, JoinType, SelectStatement, SimpleExpr},
};

use crate::{Call, Result, Seen, scoped::Scoped, visible::Visible};

/// Rows that many others name, each read once.
pub(super) struct Named<K, M> {
    prefix: &'static str,
    known: HashMap<K, Option<Arc<Seen<M>>>>,
}

impl<K: Copy + Eq + Hash, M: FromQueryResult> Named<K, M> {
    pub(super) fn new(prefix: &'static str) -> Self {
        Self {
            prefix,
            known: HashMap::new(),
        }
    }

    /// What a key stands for, which stands in this row under the prefix, unless the viewer does not see it.
    pub(super) fn of(&mut self, key: K, row: &QueryResult) -> Result<Option<Arc<Seen<M>>>> {
        Ok(match self.known.entry(key) {
            Entry::Occupied(known) => known.get().clone(),
            Entry::Vacant(new) => {
                let named = M::from_query_result_optional(row, self.prefix)?;
                new.insert(named.map(Seen).map(Arc::new)).clone()
            }
        })
    }
}

/// Joins the row of another table that a column names, if the viewer sees it, and reads it under a prefix.
pub(super) fn join<E: Visible>(
    call: &Call,
    statement: &mut SelectStatement,
    prefix: &'static str,
    key: E::Column,
    by: SimpleExpr,
) {
    let seen = Scoped::<E>::new(call).joined();
    for column in E::Column::iter() {
        statement.expr_as(
            Expr::col((Alias::new(prefix), column)),
            format!("{prefix}{}", column.as_str()),
        );
    }
    statement.join_subquery(
        JoinType::LeftJoin,
        seen,
        Alias::new(prefix),
        Expr::col((Alias::new(prefix), key)).eq(by),
    );
}
